"""The life of an account, as administrators and its owner decide: let in, turned down, suspended, removed."""

from uuid import UUID

from fastapi import Response

from tidings.accounts.api.app import BaseUrl, By, Keyring, PersonId
from tidings.accounts.cookies import clear_session_cookie
from tidings.accounts.errors import (
    CrossSite,
    Forbidden,
    InsufficientScope,
    InvalidTransition,
    LastAdmin,
    NotAuthenticated,
    UserNotFound,
)
from tidings.accounts.models import User
from tidings.accounts.policies import admin, signed_in_recent
from tidings.accounts.schemas import UserOut
from tidings.accounts.server_settings.errors import NoWayIn
from tidings.accounts.sign_up.deciding import approve_user, reject_user
from tidings.accounts.users import delete_user, reactivate_user, suspend_user
from tidings.kernel.http.problems import problems
from tidings.kernel.http.routing import Now, Router, Session

router = Router(tags=["Users"])

_REFUSALS = (NotAuthenticated, Forbidden, InsufficientScope, CrossSite, UserNotFound)


@router.delete(
    "/users/me",
    signed_in_recent,
    status_code=204,
    responses=problems(NotAuthenticated, Forbidden, LastAdmin, NoWayIn, CrossSite),
)
async def remove_me(
    user_id: PersonId,
    response: Response,
    session: Session,
    base_url: BaseUrl,
    by: By,
    now: Now,
) -> None:
    """Remove one's own account with everything that is in it; needs a recent sign-in."""
    await delete_user(session, user_id, by=by, now=now)
    clear_session_cookie(response, base_url)


@router.post(
    "/users/{user_id}/approve",
    admin,
    response_model=UserOut,
    responses=problems(*_REFUSALS, InvalidTransition),
)
async def approve(user_id: UUID, session: Session, keyring: Keyring, by: By, now: Now) -> User:
    """Let in somebody who signed up; this does not wait for their address to be verified."""
    return await approve_user(session, user_id, keyring=keyring, by=by, now=now)


@router.post(
    "/users/{user_id}/reject",
    admin,
    response_model=UserOut,
    responses=problems(*_REFUSALS, InvalidTransition),
)
async def reject(user_id: UUID, session: Session, keyring: Keyring, by: By, now: Now) -> User:
    """Turn down somebody who signed up."""
    return await reject_user(session, user_id, keyring=keyring, by=by, now=now)


@router.post(
    "/users/{user_id}/suspend",
    admin,
    response_model=UserOut,
    responses=problems(*_REFUSALS, InvalidTransition, LastAdmin, NoWayIn),
)
async def suspend(user_id: UUID, session: Session, by: By, now: Now) -> User:
    """Take every way in from a user: sessions, tokens and open streams end at once."""
    return await suspend_user(session, user_id, by=by, now=now)


@router.post(
    "/users/{user_id}/reactivate",
    admin,
    response_model=UserOut,
    responses=problems(*_REFUSALS, InvalidTransition),
)
async def reactivate(user_id: UUID, session: Session, by: By, now: Now) -> User:
    """Let a suspended user sign in again."""
    return await reactivate_user(session, user_id, by=by, now=now)


@router.delete("/users/{user_id}", admin, status_code=204, responses=problems(*_REFUSALS, LastAdmin, NoWayIn))
async def remove_user(user_id: UUID, session: Session, by: By, now: Now) -> None:
    """Remove a user with everything that is theirs."""
    await delete_user(session, user_id, by=by, now=now)
