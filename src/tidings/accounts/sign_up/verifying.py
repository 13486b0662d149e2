"""Showing that an address is one's own, by a link that was mailed to it."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.asked_letters import mail_link
from tidings.accounts.audit.recording import record
from tidings.accounts.audit.types import Actor, AuditAction
from tidings.accounts.errors import TokenInvalid
from tidings.accounts.invitations.taking_over import is_taken_over, mail_take_over_again, may_be_taken_over
from tidings.accounts.mail_tokens.tokens import UsedToken
from tidings.accounts.mail_tokens.types import MailPurpose
from tidings.accounts.models import User
from tidings.accounts.sign_up.settling import settle
from tidings.accounts.types import AccountState
from tidings.accounts.users import locked_user, locked_user_with_email
from tidings.kernel.crypto import Keyring

MAY_VERIFY = frozenset({AccountState.REGISTERED, AccountState.ACTIVE})


async def send_verification(
    session: AsyncSession, user: User | None, *, to: str, keyring: Keyring, now: datetime
) -> None:
    """Ask whoever reads this mailbox whether it is theirs; without a user nothing leaves, after the same work."""
    await mail_link(session, user, MailPurpose.VERIFY_EMAIL, "verify_email", to=to, keyring=keyring, now=now)


async def resend_verification(session: AsyncSession, email: str, *, keyring: Keyring, now: datetime) -> None:
    """Mail a fresh link if somebody signed up with this address and has not verified it; the caller cannot tell."""
    user = await locked_user_with_email(session, email)
    if user is not None and await is_taken_over(session, user.id) and await may_be_taken_over(session, user, now=now):
        await mail_take_over_again(session, user, keyring=keyring, now=now)
        return
    waits = user is not None and not user.email_verified and user.state in MAY_VERIFY
    await send_verification(session, user if waits else None, to=email, keyring=keyring, now=now)


async def verify_user_email(
    session: AsyncSession, used: UsedToken, *, keyring: Keyring, by: Actor, now: datetime
) -> User:
    """The address is theirs; a sign-up that waited for nothing else becomes active, and nobody else does.

    Raises TokenInvalid when the account has another address by now, or is suspended or rejected.
    """
    user = await locked_user(session, used.user_id)
    if user.email != used.email or user.state not in MAY_VERIFY:
        raise TokenInvalid()
    user.email_verified = True
    user.updated_at = now
    await session.flush()
    await record(session, AuditAction.EMAIL_VERIFIED, by=by, now=now, target_id=user.id)
    await settle(session, user, keyring=keyring, by=by, now=now, reason="email_verified")
    return user
