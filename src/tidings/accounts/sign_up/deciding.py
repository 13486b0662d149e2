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
from tidings.accounts.server_settings.reading import read_server_settings
from tidings.accounts.sign_up.settling import settle, waits
from tidings.accounts.state import move
from tidings.accounts.types import AccessType, AccountState
from tidings.accounts.users import locked_user
from tidings.kernel.crypto import Keyring
from tidings.kernel.events import publish


async def approve_user(session: AsyncSession, user_id: UUID, *, keyring: Keyring, by: Actor, now: datetime) -> User:
    """Let a sign-up in, whatever the settings are now and whether or not its address is verified yet.

    Where the settings ask for a verified address it becomes active with that. They are told when they can sign in.
    Raises UserNotFound and InvalidTransition.
    """
    user = await _signed_up(session, user_id, AccountState.ACTIVE)
    # Nobody was asked about who signed up while the settings changed, yet it may be this that lets them in.
    if user.pending_admin_approval or not waits(user, await read_server_settings(session)):
        user.pending_admin_approval = False
        user.updated_at = now
        await session.flush()
        await record(session, AuditAction.SIGN_UP_APPROVED, by=by, now=now, target_id=user_id)
        await publish(session, ApprovalHandled(user_id))
    await settle(session, user, keyring=keyring, by=by, now=now, reason="approved")
    return user


async def reject_user(session: AsyncSession, user_id: UUID, *, keyring: Keyring, by: Actor, now: datetime) -> User:
    """Turn a sign-up down for good; links mailed to it are dead. Raises UserNotFound, InvalidTransition.

    Somebody whom a host knows is its recipient again: only what they asked for is refused. An address that was never
    shown to be theirs is free again, because it may be that of somebody who never asked for anything.
    """
    user = await _signed_up(session, user_id, AccountState.REJECTED)
    await tell(session, user, "rejected", keyring=keyring, now=now)
    user.pending_admin_approval = False
    if not user.email_verified:
        user.email = None
    if user.external_id is None:
        await move(session, user, AccountState.REJECTED, by=by, now=now, reason="rejected")
    else:
        user.username = user.password_hash = None
        user.access_type = AccessType.REGULAR
        user.must_verify_email = False
        await move(session, user, AccountState.RECIPIENT, by=by, now=now, reason="rejected")
    await forget_every_mail_token(session, user_id)
    await publish(session, ApprovalHandled(user_id))
    return user


async def _signed_up(session: AsyncSession, user_id: UUID, to: AccountState) -> User:
    user = await locked_user(session, user_id)
    if user.state is not AccountState.REGISTERED:
        raise InvalidTransition(f"An account that is {user.state} cannot become {to}.")
    return user
