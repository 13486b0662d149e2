"""An administrator decides on a sign-up. The entries that asked the others are resolved by whoever hears of it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.asked_letters import tell
from tidings.accounts.audit.recording import record
from tidings.accounts.audit.types import Actor, AuditAction
from tidings.accounts.errors import InvalidTransition
from tidings.accounts.events import ApprovalHandled
from tidings.accounts.mail_tokens.tokens import forget_every_mail_token
from tidings.accounts.models import User
from tidings.accounts.sign_up.settling import settle
from tidings.accounts.state import move
from tidings.accounts.types import AccountState
from tidings.accounts.users import locked_user
from tidings.kernel.crypto import Keyring
from tidings.kernel.events import publish


async def approve_user(session: AsyncSession, user_id: UUID, *, keyring: Keyring, by: Actor, now: datetime) -> User:
    """Let a sign-up in, whatever the settings are now and whether or not its address is verified yet.

    Where the settings ask for a verified address it becomes active with that, and only who can sign in now is told so.
    Raises UserNotFound and InvalidTransition.
    """
    user = await _signed_up(session, user_id, AccountState.ACTIVE)
    was_pending = user.pending_admin_approval
    user.pending_admin_approval = False
    user.updated_at = now
    await session.flush()
    if was_pending:
        await record(session, AuditAction.SIGN_UP_APPROVED, by=by, now=now, target_id=user_id)
        await publish(session, ApprovalHandled(user_id))
    if await settle(session, user, by=by, now=now, reason="approved"):
        await tell(session, user, "approved", keyring=keyring, now=now)
    return user


async def reject_user(session: AsyncSession, user_id: UUID, *, keyring: Keyring, by: Actor, now: datetime) -> User:
    """Turn a sign-up down for good; links mailed to it are dead. Raises UserNotFound, InvalidTransition."""
    user = await _signed_up(session, user_id, AccountState.REJECTED)
    user.pending_admin_approval = False
    await move(session, user, AccountState.REJECTED, by=by, now=now, reason="rejected")
    await forget_every_mail_token(session, user_id)
    await publish(session, ApprovalHandled(user_id))
    await tell(session, user, "rejected", keyring=keyring, now=now)
    return user


async def _signed_up(session: AsyncSession, user_id: UUID, to: AccountState) -> User:
    user = await locked_user(session, user_id)
    if user.state is not AccountState.REGISTERED:
        raise InvalidTransition(f"An account that is {user.state} cannot become {to}.")
    return user
