"""Server settings: what administrators decide while the server runs, and what everybody may know of it."""

from tidings.accounts.api.app import By
from tidings.accounts.errors import CrossSite, Forbidden, InsufficientScope, NotAuthenticated
from tidings.accounts.governing import govern
from tidings.accounts.policies import admin, public
from tidings.accounts.server_settings.errors import NoWayIn, SsoNotEnabled
from tidings.accounts.server_settings.models import ServerSettings
from tidings.accounts.server_settings.reading import read_server_settings
from tidings.accounts.server_settings.schemas import PublicServerSettings, ServerSettingsPut
from tidings.kernel.http.problems import problems
from tidings.kernel.http.routing import Now, Router, Session

router = Router(tags=["Server settings"])

_REFUSALS = (NotAuthenticated, Forbidden, InsufficientScope)


@router.get("/server-settings", admin, response_model=ServerSettingsPut, responses=problems(*_REFUSALS))
async def read_settings(session: Session) -> ServerSettings:
    """Every server setting as it is now."""
    return await read_server_settings(session)


@router.put(
    "/server-settings",
    admin,
    response_model=ServerSettingsPut,
    responses=problems(*_REFUSALS, SsoNotEnabled, NoWayIn, CrossSite),
)
async def change_settings(body: ServerSettingsPut, by: By, session: Session, now: Now) -> ServerSettings:
    """Replace every server setting; they hold from the next request on."""
    return await govern(session, body.model_dump(), by=by, now=now)


@router.get("/public/server-settings", public, response_model=PublicServerSettings)
async def read_public_settings(session: Session) -> ServerSettings:
    """What a page needs to know before anybody has signed in."""
    return await read_server_settings(session)
