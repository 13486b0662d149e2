"""What a sign-up still waits for, and letting in whoever waits for nothing any more.

An approval that was asked for at sign-up is given by an administrator and by nothing else. A verified address is asked
for as long as the settings ask: when they no longer do, nobody is left waiting for it.

Who waited for an administrator cannot know when the wait is over, so they are told by letter, once, when they can sign
in: whatever came last. Who only had to show an address saw so on the page.
"""

from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.asked_letters import tell
from tidings.accounts.audit.models import AuditEntry
from tidings.accounts.audit.types import Actor, AuditAction
from tidings.accounts.models import User
from tidings.accounts.server_settings.models import ServerSettings
from tidings.accounts.server_settings.reading import read_server_settings
from tidings.accounts.sessions import end_all_access
from tidings.accounts.state import move
from tidings.accounts.types import AccountState
from tidings.kernel.crypto import Keyring


def waits(user: User, settings: ServerSettings) -> bool:
    """Whether this sign-up still waits for anybody."""
    needs_verification = settings.signup_require_email_verification and not user.email_verified
    return user.pending_admin_approval or needs_verification


async def settle(session: AsyncSession, user: User, *, keyring: Keyring, by: Actor, now: datetime, reason: str) -> bool:
    """Let this user in if they signed up and wait for nothing any more; whether they were. Hold their row.

    If an administrator approved them, now or before, they are told. Nobody comes in twice, so nobody is told twice.
    Nobody else moves: whatever happens to the address of a suspended or rejected account, it stays what it is.
    """
    if user.state is not AccountState.REGISTERED or waits(user, await read_server_settings(session)):
        return False
    await move(session, user, AccountState.ACTIVE, by=by, now=now, reason=reason)
    if user.external_id is not None:  # from now on no host speaks for them
        await end_all_access(session, user.id, reason=reason)
    if await _was_approved(session, user):
        await tell(session, user, "approved", keyring=keyring, now=now)
    return True


async def settle_all(session: AsyncSession, *, keyring: Keyring, by: Actor, now: datetime) -> int:
    """After the settings changed: let in everybody who waits for nothing any more; returns how many."""
    waiting = await session.scalars(
        select(User)
        .where(User.state == AccountState.REGISTERED, User.pending_admin_approval.is_(False))
        .order_by(User.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    settled = 0
    for user in waiting.all():
        settled += await settle(session, user, keyring=keyring, by=by, now=now, reason="settings_changed")
    return settled


async def _was_approved(session: AsyncSession, user: User) -> bool:
    """Their row no longer says what they waited for; the audit log does, and nobody can make it forget."""
    approval = AuditEntry.target_id == user.id, AuditEntry.action == AuditAction.SIGN_UP_APPROVED
    return bool(await session.scalar(select(exists().where(*approval))))
