"""Identity providers: administrators set them up in person; the sign-in page shows who may be signed in with."""

from uuid import UUID

from tidings.accounts.api.app import BaseUrl, By, Keyring
from tidings.accounts.api.journeys import Directory
from tidings.accounts.errors import CrossSite, Forbidden, InsufficientScope, NotAuthenticated
from tidings.accounts.identities.linking import forget_provider
from tidings.accounts.identities.travelling import CALLBACK
from tidings.accounts.identity_providers.changing import (
    change_provider,
    check_issuer,
    create_provider,
    delete_provider,
)
from tidings.accounts.identity_providers.errors import (
    IdentityProviderNotFound,
    IssuerInvalid,
    ProviderUnusable,
    SlugTaken,
)
from tidings.accounts.identity_providers.models import IdentityProvider
from tidings.accounts.identity_providers.queries import get_provider, list_providers
from tidings.accounts.identity_providers.schemas import (
    ProviderChange,
    ProviderIn,
    ProviderOut,
    Providers,
    ProviderShown,
    ProvidersShown,
    TemplateOut,
)
from tidings.accounts.identity_providers.templates import TEMPLATES
from tidings.accounts.policies import admin, admin_in_person, admin_in_person_apart, public
from tidings.accounts.server_settings.errors import NoWayIn
from tidings.accounts.server_settings.reading import read_server_settings
from tidings.accounts.ways_in import check_an_admin_gets_in
from tidings.kernel.errors import InvalidCursor
from tidings.kernel.http.problems import problems
from tidings.kernel.http.routing import Now, RequestUnit, Router, Session
from tidings.kernel.pages import AskedPart

router = Router(tags=["Identity providers"])

_REFUSALS = (NotAuthenticated, Forbidden)


@router.get("/auth/providers", public, response_model=ProvidersShown)
async def show_providers(session: Session) -> ProvidersShown:
    """Whom one may sign in with; nobody while signing in with providers is off."""
    settings = await read_server_settings(session)
    providers = await list_providers(session, enabled_only=True) if settings.sso_enabled else []
    shown = [ProviderShown.model_validate(provider) for provider in providers]
    return ProvidersShown(providers=shown, auto_redirect=settings.sso_auto_redirect and len(shown) == 1)


@router.get(
    "/identity-providers",
    admin,
    response_model=Providers,
    responses=problems(*_REFUSALS, InsufficientScope, InvalidCursor),
)
async def read_providers(session: Session, base_url: BaseUrl, part: AskedPart) -> Providers:
    """Every provider, without its client secret, and what is known of common ones."""
    providers, following = part.of(await list_providers(session))
    return Providers(
        identity_providers=[ProviderOut.model_validate(provider) for provider in providers],
        next_cursor=following,
        templates=[TemplateOut.model_validate(template) for template in TEMPLATES.values()],
        redirect_uri=base_url + CALLBACK,
    )


@router.post(
    "/identity-providers",
    admin_in_person_apart,
    idempotent=False,
    status_code=201,
    response_model=ProviderOut,
    responses=problems(*_REFUSALS, CrossSite, IssuerInvalid, SlugTaken, ProviderUnusable),
)
async def add_provider(
    body: ProviderIn, directory: Directory, unit: RequestUnit, keyring: Keyring, by: By, now: Now
) -> IdentityProvider:
    """Make a provider known, once its discovery document has been read: a wrong issuer shows at once."""
    check_issuer(body.issuer, body.template)
    await directory.metadata(body.issuer, now=now)
    values, secret = body.model_dump(exclude={"client_secret"}), body.client_secret
    return await create_provider(await unit.session(), values, client_secret=secret, keyring=keyring, by=by, now=now)


@router.get(
    "/identity-providers/{provider_id}",
    admin,
    response_model=ProviderOut,
    responses=problems(*_REFUSALS, InsufficientScope, IdentityProviderNotFound),
)
async def read_provider(provider_id: UUID, session: Session) -> IdentityProvider:
    """One provider, without its client secret."""
    return await get_provider(session, provider_id)


@router.patch(
    "/identity-providers/{provider_id}",
    admin_in_person,
    response_model=ProviderOut,
    responses=problems(*_REFUSALS, CrossSite, IdentityProviderNotFound, NoWayIn),
)
async def edit_provider(
    provider_id: UUID, body: ProviderChange, session: Session, keyring: Keyring, by: By, now: Now
) -> IdentityProvider:
    """Change what the body names; slug and issuer stay, because identities hang on them."""
    changes = body.model_dump(exclude_unset=True)
    provider = await change_provider(session, provider_id, changes, keyring=keyring, by=by, now=now)
    await check_an_admin_gets_in(session)
    return provider


@router.delete(
    "/identity-providers/{provider_id}",
    admin_in_person,
    status_code=204,
    responses=problems(*_REFUSALS, CrossSite, IdentityProviderNotFound, NoWayIn),
)
async def remove_provider(provider_id: UUID, session: Session, by: By, now: Now) -> None:
    """Remove a provider with every identity at it: who signed in with it alone resets a password."""
    await forget_provider(session, provider_id)
    await delete_provider(session, provider_id, by=by, now=now)
    await check_an_admin_gets_in(session)
