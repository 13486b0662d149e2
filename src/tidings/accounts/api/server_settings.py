"""Server settings: what administrators decide while the server runs, and what everybody may know of it."""

from tidings.accounts.api.app import By, Keyring
from tidings.accounts.errors import CrossSite, Forbidden, InsufficientScope, NotAuthenticated
from tidings.accounts.governing import govern
from tidings.accounts.password_policy import PasswordOwner, min_length
from tidings.accounts.policies import admin, public
from tidings.accounts.server_settings.errors import NoWayIn, SsoNotEnabled
from tidings.accounts.server_settings.models import ServerSettings
from tidings.accounts.server_settings.reading import read_server_settings
from tidings.accounts.server_settings.schemas import PublicServerSettings, ServerSettingsOut, ServerSettingsPut
from tidings.accounts.types import AccessType
from tidings.kernel.http.problems import problems
from tidings.kernel.http.routing import Now, Router, Session

router = Router(tags=["Server settings"])

_REFUSALS = (NotAuthenticated, Forbidden, InsufficientScope)


@router.get("/server-settings", admin, response_model=ServerSettingsOut, responses=problems(*_REFUSALS))
async def read_settings(session: Session) -> ServerSettings:
    """Every server setting as it is now."""
    return await read_server_settings(session)


@router.put(
    "/server-settings",
    admin,
    response_model=ServerSettingsOut,
    responses=problems(*_REFUSALS, SsoNotEnabled, NoWayIn, CrossSite),
)
async def change_settings(
    body: ServerSettingsPut, by: By, session: Session, keyring: Keyring, now: Now
) -> ServerSettings:
    """Replace every server setting; they hold from the next request on."""
    return await govern(session, body.model_dump(exclude_none=True), keyring=keyring, by=by, now=now)


@router.get("/public/server-settings", public, response_model=PublicServerSettings)
async def read_public_settings(session: Session) -> PublicServerSettings:
    """What a page needs to know before anybody has signed in."""
    settings = await read_server_settings(session)
    regular = min_length(settings, PasswordOwner())
    with_mfa = min_length(settings, PasswordOwner(has_mfa=True))
    lengths = {
        "password_length_regular_users": regular,
        "password_length_admin_users": min_length(settings, PasswordOwner(access_type=AccessType.ADMIN)),
        "password_length_with_mfa": with_mfa if with_mfa != regular else None,
    }
    return PublicServerSettings.model_validate(settings).model_copy(update=lengths)
