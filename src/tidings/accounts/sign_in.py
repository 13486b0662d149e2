"""Signing in: a password is checked before any transaction opens; then the user is admitted, and may owe a factor.

verify_password → pass_password → pass_first_factor → start_session, or a pending sign-in → pass_second_factor
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.errors import InvalidCredentials, LocalLoginDisabled, UserNotFound
from tidings.accounts.failures.attempts import Attempt, attempt_of, subject_of_unknown
from tidings.accounts.failures.counting import FailedSignIn, check_may_try, note_success
from tidings.accounts.mfa.methods import methods_of
from tidings.accounts.mfa.types import MfaMethod
from tidings.accounts.models import User
from tidings.accounts.passwords import hash_password, is_correct, is_outdated
from tidings.accounts.pending_sign_ins.waiting import find_pending, start_pending, use_pending
from tidings.accounts.second_factors import SecondFactor, is_proven
from tidings.accounts.server_settings.reading import read_server_settings
from tidings.accounts.sessions import Device
from tidings.accounts.standing_alone import demand_strength
from tidings.accounts.starting_sessions import Started, start_session
from tidings.accounts.types import AccountState, SessionKind
from tidings.accounts.users import locked_user
from tidings.kernel.crypto import Keyring
from tidings.kernel.db import Database
from tidings.kernel.errors import Busy

# A username has no @ and an address does, so one text can never name two users.
_BY_LOGIN = select(User).where(or_(User.username == bindparam("name"), User.email == bindparam("name")))


@dataclass(frozen=True, slots=True)
class Verified:
    """Whose password was right, the hash it was right for, and a better hash if that one is outdated."""

    user_id: UUID
    password_hash: str
    rehashed: str | None


@dataclass(frozen=True, slots=True)
class HalfSignedIn:
    """Somebody who still owes a second factor: what they show it with, and which they have."""

    token: str
    methods: tuple[MfaMethod, ...]


async def verify_password(
    database: Database, login: str, password: str, *, device: Device, keyring: Keyring, now: datetime
) -> Verified:
    """The active user with this username or e-mail and this password; no transaction is open meanwhile.

    Raises FailedSignIn for every other case, after the same work; TooManyAttempts without any, also for a name that
    nobody has; LocalLoginDisabled where nobody signs in with a password.
    """
    async with database.read() as session:
        if not (await read_server_settings(session)).local_login_enabled:
            raise LocalLoginDisabled()
        user = await _user_by_login(session, login)
        # Who cannot sign in is counted by the name that was typed, as a name that nobody has: were the counter shared
        # by the names of one account, a sign-up and a few failures would tell whether it made one.
        is_active = user is not None and user.state is AccountState.ACTIVE
        subject = None if is_active else subject_of_unknown(login.lower(), keyring=keyring)
        attempt = await attempt_of(session, user.id if user else None, device=device, now=now, subject=subject)
        await check_may_try(session, attempt)
    return await _verify(user, password, attempt)


async def verify_own_password(
    database: Database, user_id: UUID, password: str, *, device: Device, now: datetime
) -> Verified:
    """The same for somebody who is signed in already. Raises FailedSignIn and TooManyAttempts."""
    async with database.read() as session:
        user = await session.get(User, user_id)
        attempt = await attempt_of(session, user_id, device=device, now=now)
        await check_may_try(session, attempt)
    return await _verify(user, password, attempt)


async def admit(session: AsyncSession, verified: Verified) -> User:
    """The verified user, locked, with their hash brought up to date.

    Raises InvalidCredentials when the account changed in between or went, Busy when only the hash did.
    """
    try:
        user = await locked_user(session, verified.user_id)
    except UserNotFound:  # nobody who signs in is told that somebody was here
        raise InvalidCredentials() from None
    if user.state is not AccountState.ACTIVE:
        raise InvalidCredentials()
    if user.password_hash != verified.password_hash:  # a new password, or another sign-in's better hash
        raise Busy(headers={"Retry-After": "1"})
    if verified.rehashed is not None:
        user.password_hash = verified.rehashed
        await session.flush()
    return user


async def pass_password(
    session: AsyncSession, verified: Verified, *, kind: SessionKind, device: Device, keyring: Keyring, now: datetime
) -> Started | HalfSignedIn:
    """Let somebody in whose password was right, or ask for the second factor. Raises what `admit` raises besides.

    A password that would open the account alone, and is too short for that by now, must be replaced first of all.
    """
    user = await admit(session, verified)
    await demand_strength(session, user)
    return await pass_first_factor(session, user, kind=kind, device=device, keyring=keyring, now=now)


async def pass_first_factor(
    session: AsyncSession, user: User, *, kind: SessionKind, device: Device, keyring: Keyring, now: datetime
) -> Started | HalfSignedIn:
    """Let an active user in who has shown a first factor (a password, a provider's word); or ask for the second.

    Hold the user's row. Raises TooManyAttempts when too many others failed to be this user meanwhile.
    """
    methods = await methods_of(session, user.id)
    if not methods:
        return await start_session(session, user, kind=kind, device=device, keyring=keyring, now=now)
    attempt = await attempt_of(session, user.id, device=device, now=now)
    await note_success(session, attempt, is_complete=False, had_two_factors=False)
    token = await start_pending(session, user.id, kind=kind, device=attempt.device, now=now)
    return HalfSignedIn(token, methods)


async def pass_second_factor(
    session: AsyncSession,
    token: str,
    proof: SecondFactor,
    *,
    device: Device,
    keyring: Keyring,
    base_url: str,
    now: datetime,
) -> Started:
    """Finish the sign-in that waits under this token.

    Raises TokenInvalid when none does any more, FailedSignIn for a wrong proof, and TooManyAttempts.
    """
    pending = await find_pending(session, token, now=now)
    user = await locked_user(session, pending.user_id)
    if user.state is not AccountState.ACTIVE:
        raise InvalidCredentials()
    attempt = await attempt_of(session, user.id, device=device, now=now)
    await check_may_try(session, attempt)
    if not await is_proven(session, user.id, proof, keyring=keyring, base_url=base_url, now=now):
        raise FailedSignIn(attempt, "second_factor")
    started = await start_session(
        session, user, kind=pending.kind, device=device, keyring=keyring, now=now, had_two_factors=True
    )
    # Last, because whoever counts a failure locks the counter first and the waiting sign-ins after it.
    await use_pending(session, pending)
    return started


async def _verify(user: User | None, password: str, attempt: Attempt) -> Verified:
    stored = user.password_hash if user else None
    correct = await is_correct(password, stored)
    if not correct or user is None or stored is None or user.state is not AccountState.ACTIVE:
        raise FailedSignIn(attempt, "password")
    return Verified(user.id, stored, await hash_password(password) if is_outdated(stored) else None)


async def _user_by_login(session: AsyncSession, login: str) -> User | None:
    return await session.scalar(_BY_LOGIN, {"name": login.lower()})
