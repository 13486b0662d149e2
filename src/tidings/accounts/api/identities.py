"""Identities: one's own at providers, and what administrators see and take away."""

from uuid import UUID

from fastapi import Response

from tidings.accounts.api.app import BaseUrl, By, PersonId
from tidings.accounts.api.journeys import SECURITY, Browser, Journey
from tidings.accounts.callers import Credential, CurrentCaller
from tidings.accounts.errors import (
    CrossSite,
    Forbidden,
    InsufficientScope,
    NotAuthenticated,
    UserNotFound,
)
from tidings.accounts.identities.cookies import browser_secret, set_browser_cookie
from tidings.accounts.identities.errors import IdentityNotFound, LastWayIn, SsoDisabled
from tidings.accounts.identities.flows import local_path
from tidings.accounts.identities.linking import unlink_identity, unlink_own_identity
from tidings.accounts.identities.queries import list_identities
from tidings.accounts.identities.schemas import Identities, LinkIn, LinkOut
from tidings.accounts.identities.travelling import leave
from tidings.accounts.identities.types import FlowPurpose
from tidings.accounts.identity_providers.errors import IdentityProviderNotFound, ProviderUnusable
from tidings.accounts.policies import (
    admin,
    admin_in_person_recent,
    signed_in,
    signed_in_recent,
    signed_in_recent_apart,
)
from tidings.accounts.queries import get_user
from tidings.accounts.server_settings.errors import NoWayIn
from tidings.kernel.errors import InvalidCursor
from tidings.kernel.http.problems import problems
from tidings.kernel.http.routing import Now, Router, Session
from tidings.kernel.pages import AskedPart

router = Router(tags=["Identities"])

_REFUSALS = (NotAuthenticated, Forbidden)


@router.get("/users/me/identities", signed_in, response_model=Identities, responses=problems(*_REFUSALS, InvalidCursor))
async def read_own_identities(user_id: PersonId, session: Session, part: AskedPart) -> Identities:
    """The sign-ins at providers that lead to one's own account."""
    identities, following = part.of(await list_identities(session, user_id))
    return Identities(identities=list(identities), next_cursor=following)


@router.post(
    "/users/me/identities",
    signed_in_recent_apart,
    idempotent=False,
    response_model=LinkOut,
    responses=problems(*_REFUSALS, CrossSite, SsoDisabled, IdentityProviderNotFound, ProviderUnusable),
)
async def begin_link(
    body: LinkIn,
    response: Response,
    caller: CurrentCaller,
    user_id: PersonId,
    journey: Journey,
    base_url: BaseUrl,
    browser: Browser,
) -> LinkOut:
    """Where this browser goes to link a provider to its account; it comes back to `next` when that is done."""
    if caller.credential is not Credential.COOKIE:
        raise Forbidden("A provider is linked in the browser in which one is signed in.")
    secret = browser_secret(browser)
    path = local_path(body.next, otherwise=SECURITY)
    url = await leave(journey, body.slug, browser=secret, return_path=path, purpose=FlowPurpose.LINK, user_id=user_id)
    set_browser_cookie(response, base_url, secret)
    return LinkOut(authorize_url=url)


@router.delete(
    "/users/me/identities/{identity_id}",
    signed_in_recent,
    status_code=204,
    responses=problems(*_REFUSALS, CrossSite, IdentityNotFound, LastWayIn, NoWayIn),
)
async def remove_own_identity(
    identity_id: UUID, caller: CurrentCaller, user_id: PersonId, session: Session, by: By, now: Now
) -> None:
    """Take one of one's own identities away, but never the last way in; the other sessions end."""
    await unlink_own_identity(session, user_id, identity_id, session_id=caller.credential_id, by=by, now=now)


@router.get(
    "/users/{user_id}/identities",
    admin,
    response_model=Identities,
    responses=problems(*_REFUSALS, InsufficientScope, UserNotFound, InvalidCursor),
)
async def read_identities(user_id: UUID, session: Session, part: AskedPart) -> Identities:
    """The sign-ins at providers that lead to somebody's account."""
    await get_user(session, user_id)
    identities, following = part.of(await list_identities(session, user_id))
    return Identities(identities=list(identities), next_cursor=following)


@router.delete(
    "/users/{user_id}/identities/{identity_id}",
    admin_in_person_recent,
    status_code=204,
    responses=problems(*_REFUSALS, CrossSite, UserNotFound, IdentityNotFound, NoWayIn),
)
async def remove_identity(user_id: UUID, identity_id: UUID, session: Session, by: By, now: Now) -> None:
    """Take somebody's identity away, who is told; every session of theirs ends."""
    await unlink_identity(session, user_id, identity_id, by=by, now=now)
