"""A new password for somebody who is signed in and knows the old one."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.asked_letters import tell
from tidings.accounts.audit.recording import record
from tidings.accounts.audit.types import Actor, AuditAction
from tidings.accounts.events import CredentialChanged
from tidings.accounts.known_devices.knowing import forget_devices
from tidings.accounts.mail_tokens.tokens import forget_mail_tokens
from tidings.accounts.models import User
from tidings.accounts.sessions import end_other_sessions
from tidings.accounts.sign_in import Verified, admit
from tidings.accounts.standing_alone import check_strength
from tidings.kernel.crypto import Keyring
from tidings.kernel.events import publish


async def change_password(
    session: AsyncSession,
    verified: Verified,
    password_hash: str,
    *,
    keep: UUID,
    device_token: str | None,
    keyring: Keyring,
    by: Actor,
    now: datetime,
) -> User:
    """Replace the password that was just verified; one session stays, and the device it is on stays known.

    Everything else that the old one opened ends: sessions, tokens, sign-ins that wait for a second factor, and links
    in letters. The owner is told. Raises InvalidCredentials and Busy when the account changed meanwhile, and
    PasswordTooShortAlone when it lost its second factor.
    """
    user = await admit(session, verified)
    user.password_hash = password_hash
    await check_strength(session, user)
    user.password_must_change = False
    user.updated_at = now
    await session.flush()
    await end_other_sessions(session, user.id, but=keep, reason="password_changed")
    await forget_mail_tokens(session, user.id)
    await forget_devices(session, user.id, but=device_token)
    await record(session, AuditAction.PASSWORD_CHANGED, by=by, now=now, target_id=user.id)
    await tell(session, user, "password_changed", keyring=keyring, now=now, at=now.isoformat())
    await publish(session, CredentialChanged(user.id, "password", now))
    return user
