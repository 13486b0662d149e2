"""Identity providers: administrators set them up in person, signed in of late; the sign-in page shows who is offered.

A provider says who somebody is: whoever writes one could become anybody.
"""

from uuid import UUID

from tidings.accounts.api.app import BaseUrl, By, Database, Keyring
from tidings.accounts.api.journeys import Directory
from tidings.accounts.callers import CurrentCaller
from tidings.accounts.errors import CrossSite, Forbidden, InsufficientScope, NotAuthenticated
from tidings.accounts.identities.removing_providers import remove_provider as remove_step_by_step
from tidings.accounts.identities.travelling import CALLBACK
from tidings.accounts.identity_providers.changing import change_provider, check_issuer, create_provider
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
from tidings.accounts.policies import admin, admin_in_person_recent, admin_in_person_recent_apart, public
from tidings.accounts.server_settings.errors import NoWayIn
from tidings.accounts.server_settings.reading import read_server_settings
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
    admin_in_person_recent_apart,
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
    admin_in_person_recent,
    response_model=ProviderOut,
    responses=problems(*_REFUSALS, CrossSite, IdentityProviderNotFound, NoWayIn),
)
async def edit_provider(
    provider_id: UUID, body: ProviderChange, session: Session, keyring: Keyring, by: By, now: Now
) -> IdentityProvider:
    """Change what the body names; slug and issuer stay, because identities hang on them."""
    changes = body.model_dump(exclude_unset=True)
    return await change_provider(session, provider_id, changes, keyring=keyring, by=by, now=now)


@router.delete(
    "/identity-providers/{provider_id}",
    admin_in_person_recent_apart,
    status_code=204,
    responses=problems(*_REFUSALS, CrossSite, IdentityProviderNotFound, NoWayIn),
)
async def remove_provider(provider_id: UUID, caller: CurrentCaller, database: Database, by: By, now: Now) -> None:
    """Remove a provider with every identity at it: who signed in with it alone resets a password.

    Everybody who was linked is told, and signed out apart from the session that asks.
    """
    await remove_step_by_step(database, provider_id, but=caller.credential_id, by=by, now=now)
