"""Signing up. Whether an address is known is told to its owner by letter, and to nobody else.

An account waits for what the settings asked when it was made: a verified address, an administrator, both in either
order, or neither. Its row says for what, and what the settings ask later can only take something off that list
(`settling.py`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.asked_letters import write_address_known
from tidings.accounts.audit.summing import record_or_count
from tidings.accounts.audit.types import SERVER, Actor, AuditAction
from tidings.accounts.errors import EmailTaken, SignUpDisabled
from tidings.accounts.events import ApprovalRequested
from tidings.accounts.invitations.taking_over import mail_take_over, may_be_taken_over
from tidings.accounts.mail_tokens.tokens import may_go_back_to
from tidings.accounts.models import User
from tidings.accounts.server_settings.models import ServerSettings
from tidings.accounts.server_settings.reading import read_server_settings
from tidings.accounts.sign_up.verifying import send_verification
from tidings.accounts.types import AccessType, AccountState
from tidings.accounts.usernames.holding import UNVERIFIED_LIFE, hold_username
from tidings.accounts.users import create_user, delete_user, locked_user_with_email
from tidings.kernel.crypto import Keyring
from tidings.kernel.events import publish

PURGED_AT_ONCE = 100
_USED_BY_NOBODY = (AccountState.REGISTERED, AccountState.REJECTED)


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
    _check_is_open(await read_server_settings(session))


async def sign_up(session: AsyncSession, applicant: Applicant, *, keyring: Keyring, by: Actor, now: datetime) -> None:
    """Make an account, or, when the address is known, write to its owner; the caller cannot tell which.

    Raises SignUpDisabled and UsernameTaken.
    """
    settings = await read_server_settings(session)
    _check_is_open(settings)
    owner = await locked_user_with_email(session, applicant.email)
    if owner is None and not await may_go_back_to(session, applicant.email, now=now):
        try:
            user = await create_signup_user(session, applicant, settings=settings, by=by, now=now)
        except EmailTaken:  # somebody else signed up with it just now
            owner = await locked_user_with_email(session, applicant.email)
        else:
            await send_verification(session, user, to=applicant.email, keyring=keyring, now=now)
            return
    await _turn_to_the_owner(session, owner, applicant, keyring=keyring, by=by, now=now)


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
        must_verify_email=needs_verification,
        by=by,
        now=now,
        **applicant.profile,
    )
    if needs_approval:
        await publish(session, ApprovalRequested(user.id, applicant.name, applicant.username))
    return user


async def purge_unverified(session: AsyncSession, *, now: datetime) -> int:
    """Remove a slice of the sign-ups that were and are asked to show their address, and never did; returns how many.

    Their names are free again. Call it until it returns 0.
    """
    if not (await read_server_settings(session)).signup_require_email_verification:
        return 0
    never_came = (
        User.must_verify_email,
        User.email_verified.is_(False),
        User.state.in_(_USED_BY_NOBODY),
        User.created_at <= now - UNVERIFIED_LIFE,
    )
    # Held from here on: whoever comes with their link now is too late, and whoever came a moment ago is passed by.
    held = select(User.id).where(*never_came).order_by(User.created_at).limit(PURGED_AT_ONCE)
    user_ids = (await session.scalars(held.with_for_update(key_share=True, skip_locked=True))).all()
    for user_id in user_ids:
        await delete_user(session, user_id, by=SERVER, now=now)
    return len(user_ids)


async def _turn_to_the_owner(
    session: AsyncSession,
    owner: User | None,
    applicant: Applicant,
    *,
    keyring: Keyring,
    by: Actor,
    now: datetime,
) -> None:
    """Nobody new: their letter goes to who has the address, and the name is held as if an account had it."""
    # Also where no address is verified, and an account would stay: what strangers can fill must empty itself.
    await hold_username(session, applicant.username, now + UNVERIFIED_LIFE, now=now)
    target_id = owner.id if owner else None
    await record_or_count(session, AuditAction.SIGN_UP_REFUSED, by=by, now=now, target_id=target_id)
    if owner is not None and await may_be_taken_over(session, owner, now=now):
        await mail_take_over(session, owner, applicant.username, keyring=keyring, by=by, now=now)
    elif owner is not None and owner.state is AccountState.REGISTERED and not owner.email_verified:
        await send_verification(session, owner, to=applicant.email, keyring=keyring, now=now)  # they lost the first one
    else:
        await write_address_known(session, owner, to=applicant.email, keyring=keyring, now=now)


def _check_is_open(settings: ServerSettings) -> None:
    # Without passwords nobody could use what they made: people of a provider come in by signing in there.
    if not (settings.signup_enabled and settings.local_login_enabled):
        raise SignUpDisabled()
