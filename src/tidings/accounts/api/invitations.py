"""Inviting somebody, and accepting."""

from fastapi import Request

from tidings.accounts.api.app import By, Database, House, Keyring
from tidings.accounts.callers import CurrentCaller
from tidings.accounts.errors import (
    ConfirmationRequired,
    CrossSite,
    EmailTaken,
    Forbidden,
    InsufficientScope,
    NotAuthenticated,
    PasswordRefused,
    TokenInvalid,
    UsernameTaken,
)
from tidings.accounts.granting import check_may_grant
from tidings.accounts.invitations.inviting import NewAccount, accept_invitation, invite, who_is_invited
from tidings.accounts.invitations.schemas import InvitationIn, InviteIn
from tidings.accounts.letter_limits.errors import TooManyLetters
from tidings.accounts.models import User
from tidings.accounts.password_policy import PasswordOwner, check_new_password
from tidings.accounts.passwords import hash_password
from tidings.accounts.policies import admin, public
from tidings.accounts.schemas import UserOut
from tidings.accounts.sign_up.schemas import StateOut
from tidings.kernel.errors import Busy
from tidings.kernel.http.problems import problems
from tidings.kernel.http.routing import Now, RequestUnit, Router, Session

router = Router(tags=["Users"])


@router.post(
    "/users/invite",
    admin,
    status_code=201,
    response_model=UserOut,
    responses=problems(
        NotAuthenticated, Forbidden, InsufficientScope, ConfirmationRequired, CrossSite, EmailTaken, TooManyLetters
    ),
)
async def invite_user(
    body: InviteIn, request: Request, caller: CurrentCaller, session: Session, keyring: Keyring, by: By, now: Now
) -> User:
    """Mail an invitation, which is good for 72 hours, for one account, and for this address.

    An administrator is invited only in person, signed in of late.
    """
    await check_may_grant(session, request, caller, body.access_type, now=now)
    return await invite(session, **dict(body), keyring=keyring, by=by, now=now)


@router.post(
    "/auth/invitation",
    public,
    idempotent=False,
    response_model=StateOut,
    responses=problems(TokenInvalid, PasswordRefused, UsernameTaken, Busy),
)
async def accept(body: InvitationIn, database: Database, unit: RequestUnit, house: House, by: By, now: Now) -> User:
    """Accept an invitation, or take over what is known of an address one signed up with; the owner signs in next."""
    async with database.read() as reading:
        user, access_type = await who_is_invited(reading, body.token, now=now)
        owner = PasswordOwner(access_type=access_type, known=(body.username, user.email, body.name))
        await check_new_password(reading, body.password, owner=owner, house=house)
    account = NewAccount(username=body.username, name=body.name, password_hash=await hash_password(body.password))
    return await accept_invitation(await unit.session(), body.token, account, by=by, now=now)
