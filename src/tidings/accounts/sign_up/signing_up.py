"""Signing up. Whether an address is known is told to its owner by letter, and to nobody else.

An account waits for what the settings asked of it when it was made: a verified address, an administrator, both in
either order, or neither. What the settings ask later can only take something off that list (`settling.py`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, exists, or_, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.asked_letters import write_address_known
from tidings.accounts.audit.recording import record
from tidings.accounts.audit.types import SERVER, Actor, AuditAction
from tidings.accounts.errors import EmailTaken, SignUpDisabled, UsernameTaken
from tidings.accounts.events import ApprovalRequested
from tidings.accounts.mail_tokens.tokens import may_go_back_to
from tidings.accounts.models import User
from tidings.accounts.server_settings.models import ServerSettings
from tidings.accounts.server_settings.reading import read_server_settings
from tidings.accounts.sign_up.models import HeldUsername
from tidings.accounts.sign_up.verifying import send_verification
from tidings.accounts.types import AccessType, AccountState
from tidings.accounts.users import create_user, delete_user
from tidings.kernel.crypto import Keyring
from tidings.kernel.errors import Fault
from tidings.kernel.events import publish

UNVERIFIED_LIFE = timedelta(days=7)
"""After this an account that nobody could ever use goes: its address was never shown to be theirs."""
PURGED_AT_ONCE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Applicant:
    """Who signs up; names in canonical form, `profile` by the columns of User.

    `email_verified`: somebody we trust says that the address is theirs. `password_hash` None: they sign in otherwise.
    """

    username: str
    email: str
    name: str
    password_hash: str | None
    email_verified: bool
    profile: Mapping[str, Any]  # Any: columns of many types


async def check_sign_up_is_open(session: AsyncSession) -> None:
    """Raises SignUpDisabled unless the settings let strangers in."""
    if not (await read_server_settings(session)).signup_enabled:
        raise SignUpDisabled()


async def sign_up(session: AsyncSession, applicant: Applicant, *, keyring: Keyring, by: Actor, now: datetime) -> None:
    """Make an account, or, when the address is known, write to its owner; the caller cannot tell which.

    Raises SignUpDisabled and UsernameTaken.
    """
    settings = await read_server_settings(session)
    if not settings.signup_enabled:
        raise SignUpDisabled()
    if await _is_held(session, applicant.username, now):
        raise _username_taken()
    try:
        if await may_go_back_to(session, applicant.email, now=now):
            raise EmailTaken()
        user = await create_signup_user(session, applicant, settings=settings, by=by, now=now)
    except EmailTaken:
        await _turn_to_the_owner(session, applicant, settings, keyring=keyring, by=by, now=now)
    else:
        await send_verification(session, user, to=applicant.email, keyring=keyring, now=now)


async def create_signup_user(
    session: AsyncSession, applicant: Applicant, *, settings: ServerSettings, by: Actor, now: datetime
) -> User:
    """A new account, active at once if it has nothing to wait for; administrators are asked if it waits for them.

    Raises UsernameTaken and EmailTaken, and the transaction can still be used.
    """
    needs_approval = settings.signup_require_admin_approval
    needs_verification = settings.signup_require_email_verification and not applicant.email_verified
    user = await create_user(
        session,
        username=applicant.username,
        email=applicant.email,
        name=applicant.name,
        password_hash=applicant.password_hash,
        access_type=AccessType.REGULAR,
        state=AccountState.REGISTERED if needs_approval or needs_verification else AccountState.ACTIVE,
        email_verified=applicant.email_verified,
        pending_admin_approval=needs_approval,
        by=by,
        now=now,
        **applicant.profile,
    )
    if needs_approval:
        await publish(session, ApprovalRequested(user.id, applicant.name, applicant.username))
    return user


async def purge_unverified(session: AsyncSession, *, now: datetime) -> int:
    """Remove sign-ups that never showed an address to be theirs where the settings ask for it; returns how many.

    Their names are free again, and so are those that were held in place of one.
    """
    await session.execute(delete(HeldUsername).where(HeldUsername.until <= now))
    if not (await read_server_settings(session)).signup_require_email_verification:
        return 0
    waiting = await session.scalars(
        select(User.id)
        .where(
            User.state == AccountState.REGISTERED,
            User.email_verified.is_(False),
            User.created_at <= now - UNVERIFIED_LIFE,
        )
        .order_by(User.id)
        .limit(PURGED_AT_ONCE)
    )
    user_ids = waiting.all()
    for user_id in user_ids:
        await delete_user(session, user_id, by=SERVER, now=now)
    return len(user_ids)


async def _turn_to_the_owner(
    session: AsyncSession,
    applicant: Applicant,
    settings: ServerSettings,
    *,
    keyring: Keyring,
    by: Actor,
    now: datetime,
) -> None:
    """Nobody new: their letter goes to who has the address, and the name is held as if an account had it."""
    if await session.scalar(select(exists().where(User.username == applicant.username))):
        raise _username_taken()  # as it is for an unknown address, whichever the database noticed first
    until = now + UNVERIFIED_LIFE if settings.signup_require_email_verification else None
    await _hold(session, applicant.username, until, now=now)
    owner = await session.scalar(select(User).where(User.email == applicant.email))
    target_id = owner.id if owner else None
    await record(session, AuditAction.SIGN_UP_REFUSED, by=by, now=now, target_id=target_id)
    await write_address_known(session, owner, to=applicant.email, keyring=keyring, now=now)


async def _is_held(session: AsyncSession, username: str, now: datetime) -> bool:
    is_held = HeldUsername.username == username, or_(HeldUsername.until.is_(None), HeldUsername.until > now)
    return bool(await session.scalar(select(exists().where(*is_held))))


async def _hold(session: AsyncSession, username: str, until: datetime | None, *, now: datetime) -> None:
    insert = sqlite_insert if session.get_bind().dialect.name == "sqlite" else postgresql_insert
    held = await session.execute(
        insert(HeldUsername)
        .values(username=username, until=until)
        .on_conflict_do_update(
            index_elements=[HeldUsername.username], set_={"until": until}, where=HeldUsername.until <= now
        )
        .returning(HeldUsername.username)
    )
    if held.first() is None:  # somebody asked for it at the same moment
        raise _username_taken()


def _username_taken() -> UsernameTaken:
    return UsernameTaken(faults=[Fault("/username", UsernameTaken.code, UsernameTaken.title())])
