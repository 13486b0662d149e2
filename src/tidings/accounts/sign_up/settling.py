"""What a sign-up still waits for, and letting in whoever waits for nothing any more.

What was asked for at sign-up stands on the row, and what the settings ask later adds nothing to it. An approval is
given by an administrator and by nothing else. Nobody is left waiting for a verified address that is not asked for any
more.

Who waited for an administrator cannot know when the wait is over, so they are told by letter, once, when they can sign
in: whatever came last. Who only had to show an address saw so on the page.
"""

from datetime import datetime

from sqlalchemy import Select, exists, select
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

SETTLED_AT_ONCE = 100


def waits(user: User, settings: ServerSettings) -> bool:
    """Whether this sign-up still waits for anybody: for what it was asked then, and still is."""
    is_asked = user.must_verify_email and settings.signup_require_email_verification
    return user.pending_admin_approval or (is_asked and not user.email_verified)


async def settle(session: AsyncSession, user: User, *, keyring: Keyring, by: Actor, now: datetime, reason: str) -> bool:
    """Let this user in if they signed up and wait for nothing any more; whether they were. Hold their row.

    If an administrator approved them, now or before, they are told. Nobody comes in twice, so nobody is told twice.
    Nobody else moves: whatever happens to the address of a suspended or rejected account, it stays what it is.
    """
    if user.state is not AccountState.REGISTERED or waits(user, await read_server_settings(session)):
        return False
    user.must_verify_email = False
    await move(session, user, AccountState.ACTIVE, by=by, now=now, reason=reason)
    if user.external_id is not None:  # from now on no host speaks for them
        await end_all_access(session, user.id, reason=reason)
    if await _was_approved(session, user):
        await tell(session, user, "approved", keyring=keyring, now=now)
    return True


async def is_anybody_kept(session: AsyncSession) -> bool:
    """Whether `settle_some` would find somebody; it takes no lock."""
    if (await read_server_settings(session)).signup_require_email_verification:
        return False
    return (await session.scalar(_asked_for_an_address().limit(1))) is not None


async def settle_some(session: AsyncSession, *, keyring: Keyring, by: Actor, now: datetime) -> int:
    """Where no verified address is asked for any more: let up to a hundred go without; returns how many they were.

    Each is let in who waits for nothing else. Call it until it returns 0.
    """
    if not await is_anybody_kept(session):
        return 0
    some = _asked_for_an_address().limit(SETTLED_AT_ONCE).execution_options(populate_existing=True)
    # Passed by are those on whom somebody acts at this moment; they are found again.
    users = (await session.scalars(some.with_for_update(key_share=True, skip_locked=True))).all()
    for user in users:
        user.must_verify_email = False
        await settle(session, user, keyring=keyring, by=by, now=now, reason="settings_changed")
    return len(users)


def _asked_for_an_address() -> Select[User]:
    waiting = User.must_verify_email, User.state == AccountState.REGISTERED
    return select(User).where(*waiting).order_by(User.created_at)


async def _was_approved(session: AsyncSession, user: User) -> bool:
    """Their row no longer says what they waited for; the audit log does, and nobody can make it forget."""
    approval = AuditEntry.target_id == user.id, AuditEntry.action == AuditAction.SIGN_UP_APPROVED
    return bool(await session.scalar(select(exists().where(*approval))))
