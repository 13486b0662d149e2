"""What a sign-up still waits for, and letting in whoever waits for nothing any more.

An approval that was asked for at sign-up is given by an administrator and by nothing else. A verified address is asked
for as long as the settings ask: when they no longer do, nobody is left waiting for it.
"""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.audit.types import Actor
from tidings.accounts.models import User
from tidings.accounts.server_settings.models import ServerSettings
from tidings.accounts.server_settings.reading import read_server_settings
from tidings.accounts.state import move
from tidings.accounts.types import AccountState


def waits(user: User, settings: ServerSettings) -> bool:
    """Whether this sign-up still waits for anybody."""
    needs_verification = settings.signup_require_email_verification and not user.email_verified
    return user.pending_admin_approval or needs_verification


async def settle(session: AsyncSession, user: User, *, by: Actor, now: datetime, reason: str) -> bool:
    """Let this user in if they signed up and wait for nothing any more; whether they were. Hold their row.

    Nobody else moves: whatever happens to the address of a suspended or rejected account, it stays what it is.
    """
    if user.state is not AccountState.REGISTERED or waits(user, await read_server_settings(session)):
        return False
    await move(session, user, AccountState.ACTIVE, by=by, now=now, reason=reason)
    return True


async def settle_all(session: AsyncSession, *, by: Actor, now: datetime) -> int:
    """After the settings changed: let in everybody who waits for nothing any more; returns how many."""
    waiting = await session.scalars(
        select(User)
        .where(User.state == AccountState.REGISTERED, User.pending_admin_approval.is_(False))
        .order_by(User.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    settled = [await settle(session, user, by=by, now=now, reason="settings_changed") for user in waiting.all()]
    return sum(settled)
