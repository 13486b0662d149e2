"""Resetting a password by mail. Nobody is signed in by it, and no second factor is passed over."""

from uuid import UUID

from tidings.accounts.api.app import By, Database, House, Keyring
from tidings.accounts.api.beats import ABOUT_ADDRESSES
from tidings.accounts.errors import (
    CrossSite,
    Forbidden,
    InsufficientScope,
    InvalidTransition,
    NotAuthenticated,
    PasswordRefused,
    PasswordTooShortAlone,
    TokenInvalid,
    UserNotFound,
)
from tidings.accounts.letter_limits.errors import TooManyLetters
from tidings.accounts.models import User
from tidings.accounts.password_policy import PasswordOwner, check_new_password
from tidings.accounts.password_resets.errors import NoMailbox
from tidings.accounts.password_resets.resetting import ask_for_reset, reset_password, start_reset, whose_reset
from tidings.accounts.password_resets.schemas import PasswordResetDone, PasswordResetIn
from tidings.accounts.passwords import hash_password
from tidings.accounts.policies import admin, public
from tidings.accounts.schemas import UserOut
from tidings.accounts.sign_up.schemas import Accepted, EmailIn
from tidings.kernel.errors import Busy
from tidings.kernel.http.problems import problems
from tidings.kernel.http.routing import Now, RequestUnit, Router, Session

router = Router(tags=["Signing in"])


@router.post(
    "/auth/password-reset/request",
    public,
    idempotent=False,
    evenly=ABOUT_ADDRESSES,
    status_code=202,
    response_model=Accepted,
)
async def ask(body: EmailIn, session: Session, keyring: Keyring, by: By, now: Now) -> Accepted:
    """Mail a link, if somebody has this address; the answer is always the same."""
    await ask_for_reset(session, body.email, keyring=keyring, by=by, now=now)
    return Accepted()


@router.post(
    "/auth/password-reset/confirm",
    public,
    idempotent=False,
    response_model=PasswordResetDone,
    responses=problems(TokenInvalid, PasswordRefused, PasswordTooShortAlone, Busy),
)
async def confirm(
    body: PasswordResetIn, database: Database, unit: RequestUnit, house: House, keyring: Keyring, by: By, now: Now
) -> PasswordResetDone:
    """Choose a new password with the token of a letter. Every session ends; the next sign-in asks for every factor."""
    async with database.read() as reading:
        owner = PasswordOwner.of(await whose_reset(reading, body.token, now=now))
        await check_new_password(reading, body.new_password, owner=owner, house=house, pointer="/new_password")
    password_hash = await hash_password(body.new_password)
    await reset_password(await unit.session(), body.token, password_hash, keyring=keyring, by=by, now=now)
    return PasswordResetDone()


@router.post(
    "/users/{user_id}/password-reset",
    admin,
    idempotent=False,
    response_model=UserOut,
    responses=problems(
        NotAuthenticated,
        Forbidden,
        InsufficientScope,
        CrossSite,
        UserNotFound,
        InvalidTransition,
        NoMailbox,
        TooManyLetters,
    ),
)
async def start(user_id: UUID, session: Session, keyring: Keyring, by: By, now: Now) -> User:
    """Mail somebody a link to choose a new password; nobody chooses one for them."""
    return await start_reset(session, user_id, keyring=keyring, by=by, now=now)
