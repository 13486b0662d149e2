"""Profiles: one's own, what administrators change of others, privacy, and what everybody may see."""

from uuid import UUID

from fastapi import Request

from tidings.accounts.api.app import By, Keyring, PersonId
from tidings.accounts.callers import CurrentCaller
from tidings.accounts.email_changes.changing import give_email
from tidings.accounts.errors import (
    ConfirmationRequired,
    CrossSite,
    EmailTaken,
    ExternalIdTaken,
    Forbidden,
    InsufficientScope,
    InvalidTransition,
    LastAdmin,
    NotAuthenticated,
    UsernameTaken,
    UserNotFound,
)
from tidings.accounts.granting import check_may_give_address, check_may_grant
from tidings.accounts.letter_limits.errors import TooManyLetters
from tidings.accounts.models import User
from tidings.accounts.policies import admin, public, signed_in, signed_in_owing
from tidings.accounts.privacy.keeping import privacy_of, put_privacy
from tidings.accounts.privacy.models import Privacy
from tidings.accounts.privacy.schemas import PrivacyPut
from tidings.accounts.profile.editing import edit_profile, edit_user
from tidings.accounts.profile.reading import own_profile, public_profile
from tidings.accounts.profile.schemas import ProfilePatch, UserPatch
from tidings.accounts.queries import get_user
from tidings.accounts.schemas import PublicProfile, UserOut, UsersMe
from tidings.accounts.server_settings.errors import NoWayIn
from tidings.kernel.http.problems import problems
from tidings.kernel.http.routing import Now, Router, Session

router = Router(tags=["Profiles"])

_ME = "/users/me"
_IN_PERSON = (NotAuthenticated, Forbidden)


@router.get(_ME, signed_in_owing, response_model=UsersMe, responses=problems(*_IN_PERSON))
async def read_me(user_id: PersonId, session: Session) -> UsersMe:
    """One's own profile."""
    return await own_profile(session, await get_user(session, user_id))


@router.patch(_ME, signed_in, response_model=UsersMe, responses=problems(*_IN_PERSON, CrossSite, UsernameTaken))
async def change_me(body: ProfilePatch, user_id: PersonId, by: By, session: Session, now: Now) -> UsersMe:
    """Change what the body names of one's own profile."""
    user = await edit_profile(session, user_id, body.model_dump(exclude_unset=True), by=by, now=now)
    return await own_profile(session, user)


@router.get(f"{_ME}/privacy", signed_in, response_model=PrivacyPut, responses=problems(*_IN_PERSON))
async def read_privacy(user_id: PersonId, session: Session) -> Privacy:
    """What one shows of one's activities."""
    return await privacy_of(session, user_id)


@router.put(f"{_ME}/privacy", signed_in, response_model=PrivacyPut, responses=problems(*_IN_PERSON, CrossSite))
async def change_privacy(body: PrivacyPut, user_id: PersonId, by: By, session: Session, now: Now) -> Privacy:
    """Replace every privacy setting."""
    return await put_privacy(session, user_id, body.model_dump(), by=by, now=now)


@router.patch(
    "/users/{user_id}",
    admin,
    response_model=UserOut,
    responses=problems(
        *_IN_PERSON,
        InsufficientScope,
        ConfirmationRequired,
        CrossSite,
        UserNotFound,
        UsernameTaken,
        EmailTaken,
        ExternalIdTaken,
        LastAdmin,
        NoWayIn,
        InvalidTransition,
        TooManyLetters,
    ),
)
async def change_user(
    user_id: UUID,
    body: UserPatch,
    request: Request,
    caller: CurrentCaller,
    by: By,
    session: Session,
    keyring: Keyring,
    now: Now,
) -> User:
    """Change what the body names of a user; other rights end every session of theirs.

    An administrator is made, and an address given, only in person, signed in of late. Whoever reads the old address is
    told, and can go back.
    """
    await check_may_grant(session, request, caller, body.access_type, now=now)
    if body.email is not None:
        await check_may_give_address(session, request, caller, now=now)
    user = await edit_user(session, user_id, body.model_dump(exclude_unset=True, exclude={"email"}), by=by, now=now)
    if body.email is not None:
        user = await give_email(session, user_id, body.email, keyring=keyring, by=by, now=now)
    return user


@router.get("/public/users/{user_id}", public, response_model=PublicProfile, responses=problems(UserNotFound))
async def read_public_profile(user_id: UUID, session: Session) -> User:
    """What everybody may see of somebody, while this server shows it at all."""
    return await public_profile(session, user_id)
