"""Resetting a password: a link by mail, then a password of the owner's own choice, and nobody is signed in by it.

The next sign-in asks for every factor, as ever. What failed before it still counts: a reset shows that somebody reads
the mail, not that the guesses stopped. No device stays known: the reset may be the answer to one that is not theirs.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.asked_letters import mail_link, tell
from tidings.accounts.audit.recording import record
from tidings.accounts.audit.summing import record_or_count
from tidings.accounts.audit.types import Actor, AuditAction
from tidings.accounts.errors import InvalidTransition, TokenInvalid
from tidings.accounts.events import CredentialChanged
from tidings.accounts.known_devices.knowing import forget_devices
from tidings.accounts.letter_limits.types import Cause
from tidings.accounts.mail_tokens.tokens import forget_mail_tokens, owner_of_mail_token, use_mail_token
from tidings.accounts.mail_tokens.types import MailPurpose
from tidings.accounts.models import User
from tidings.accounts.password_resets.errors import NoMailbox
from tidings.accounts.pending_sign_ins.waiting import end_pending
from tidings.accounts.sessions import end_all_access
from tidings.accounts.standing_alone import check_strength
from tidings.accounts.types import AccountState
from tidings.accounts.users import locked_user
from tidings.kernel.crypto import Keyring
from tidings.kernel.events import publish

MAY_RESET = frozenset({AccountState.REGISTERED, AccountState.ACTIVE})
_LETTER = "password_reset"


async def ask_for_reset(session: AsyncSession, email: str, *, keyring: Keyring, by: Actor, now: datetime) -> None:
    """Mail a link if somebody who may have a password has this address; the caller cannot tell."""
    user = await session.scalar(
        select(User)
        .where(User.email == email, User.state.in_(MAY_RESET))
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    target_id = user.id if user else None
    await record_or_count(session, AuditAction.PASSWORD_RESET_ASKED, by=by, now=now, target_id=target_id)
    await mail_link(session, user, MailPurpose.RESET_PASSWORD, _LETTER, to=email, keyring=keyring, now=now)


async def start_reset(session: AsyncSession, user_id: UUID, *, keyring: Keyring, by: Actor, now: datetime) -> User:
    """An administrator lets somebody choose a new password; the old one works until they do.

    Raises UserNotFound, NoMailbox, TooManyLetters, and InvalidTransition for an account that cannot sign in.
    """
    user = await locked_user(session, user_id)
    if user.state not in MAY_RESET:
        raise InvalidTransition(f"An account that is {user.state} has no use for a password.")
    if user.email is None:
        raise NoMailbox()
    await record(session, AuditAction.PASSWORD_RESET_ASKED, by=by, now=now, target_id=user_id)
    await mail_link(
        session,
        user,
        MailPurpose.RESET_PASSWORD,
        _LETTER,
        to=user.email,
        keyring=keyring,
        now=now,
        cause=Cause.ADMIN,
    )
    return user


async def whose_reset(session: AsyncSession, token: str, *, now: datetime) -> User:
    """Who may choose a password with this token, which stays usable. Raises TokenInvalid."""
    user_id = await owner_of_mail_token(session, token, MailPurpose.RESET_PASSWORD, now=now)
    user = await session.get(User, user_id)
    if user is None or user.state not in MAY_RESET:
        raise TokenInvalid()
    return user


async def reset_password(
    session: AsyncSession, token: str, password_hash: str, *, keyring: Keyring, by: Actor, now: datetime
) -> User:
    """The new password, for which the token is used up; every session, token and link of before is dead.

    Raises TokenInvalid, also when the account has another address by now or may not have a password any more, and
    PasswordTooShortAlone when it lost its second factor meanwhile.
    """
    used = await use_mail_token(session, token, MailPurpose.RESET_PASSWORD, now=now)
    user = await locked_user(session, used.user_id)
    if user.email != used.email or user.state not in MAY_RESET:
        raise TokenInvalid()
    user.password_hash = password_hash
    await check_strength(session, user)
    user.password_must_change = False
    user.updated_at = now
    await session.flush()
    await forget_mail_tokens(session, user.id)
    await end_pending(session, user.id)
    await forget_devices(session, user.id)
    await end_all_access(session, user.id, reason="password_reset")
    await record(session, AuditAction.PASSWORD_RESET, by=by, now=now, target_id=user.id)
    await tell(session, user, "password_changed", keyring=keyring, now=now, at=now.isoformat())
    await publish(session, CredentialChanged(user.id, "password", now))
    return user
