"""Time's own changes: the end of a snooze and an expiry are written like any other change, whoever looks or not."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from tidings.kernel.db import AnySelect
from tidings.notifications.models import Notification
from tidings.notifications.writing import PendingSweep, queue, write_pending

BATCH = 500


async def is_anything_due(session: AsyncSession, *, now: datetime) -> bool:
    """Whether a sweep would find something; asked often, so it reads one index entry and takes no lock."""
    return (await session.execute(_due(now).limit(1))).first() is not None


async def sweep(session: AsyncSession, *, now: datetime) -> int:
    """Apply what is due by `now` for up to 500 inboxes; returns how many entries changed, 0 when nothing is due."""
    users: tuple[UUID, ...] = tuple(dict.fromkeys((await session.execute(_due(now).limit(BATCH))).scalars()))
    if not users:
        return 0
    pending = PendingSweep(users, now)
    queue(session, pending)
    await write_pending(session)
    return pending.affected


def _due(now: datetime) -> AnySelect:
    return (
        select(Notification.user_id)
        .where(Notification.next_change_at.is_not(None), Notification.next_change_at <= now)
        .order_by(Notification.next_change_at)
    )
