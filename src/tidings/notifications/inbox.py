"""What people do with their entries. Every change goes through the one writer, so counters and streams follow."""

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, and_, true
from sqlalchemy.ext.asyncio import AsyncSession

from tidings.kernel.db import AnyRow
from tidings.notifications import actions
from tidings.notifications.actions import Action
from tidings.notifications.errors import SnoozeInPast
from tidings.notifications.models import Notification
from tidings.notifications.queries import entry_of
from tidings.notifications.types import BulkAction, NotificationType
from tidings.notifications.writing import PendingChange, queue, write_pending

ActionAt = Callable[[datetime], Action]


_BULK: dict[BulkAction, ActionAt] = {
    BulkAction.MARK_READ: actions.read,
    BulkAction.MARK_UNREAD: actions.unread,
    BulkAction.DISMISS: actions.dismiss,
    BulkAction.DELETE: actions.delete,
}


async def mark_read(session: AsyncSession, user_id: UUID, notification_id: UUID) -> AnyRow:
    """The entry, read; its first reading time stays."""
    return await _change_one(session, user_id, notification_id, actions.read)


async def mark_unread(session: AsyncSession, user_id: UUID, notification_id: UUID) -> AnyRow:
    """The entry, unread again; it stays seen."""
    return await _change_one(session, user_id, notification_id, actions.unread)


async def dismiss(session: AsyncSession, user_id: UUID, notification_id: UUID) -> AnyRow:
    """The entry, out of the list and of the counters."""
    return await _change_one(session, user_id, notification_id, actions.dismiss)


async def restore(session: AsyncSession, user_id: UUID, notification_id: UUID) -> AnyRow:
    """The entry, back in the list from where it was dismissed or snoozed."""
    return await _change_one(session, user_id, notification_id, actions.restore)


async def snooze(
    session: AsyncSession, user_id: UUID, notification_id: UUID, *, until: datetime, now: datetime
) -> AnyRow:
    """The entry, hidden until then. Raises SnoozeInPast."""
    if until <= now:
        raise SnoozeInPast()
    return await _change_one(session, user_id, notification_id, actions.snooze_until(until))


async def delete(session: AsyncSession, user_id: UUID, notification_id: UUID) -> None:
    """The entry is gone for its owner. Raises NotificationNotFound."""
    await entry_of(session, user_id, notification_id, live=True)
    await _change(session, user_id, actions.delete, Notification.id == notification_id)


async def change_many(
    session: AsyncSession, user_id: UUID, notification_ids: Sequence[UUID], action: BulkAction
) -> int:
    """Apply one action to several entries; ids that are not in this inbox are not affected. Returns how many were."""
    return await _change(session, user_id, _BULK[action], Notification.id.in_(notification_ids))


async def read_all(
    session: AsyncSession, user_id: UUID, *, type: NotificationType | None = None, before: datetime | None = None
) -> int:
    """Read every unread entry of the list, or those of one type or created before a time; returns how many."""
    scope = _scope(type, before)
    if before is not None:
        return await _change(session, user_id, actions.read_listed, scope)
    key = type.key if type else None

    def all_read(count: int, now: datetime) -> tuple[str, bytes]:
        data = {"notification_type": key, "read_at": now, "affected_count": count}
        return "all_read", msgspec.json.encode(data)

    return await _change(session, user_id, actions.read_listed, scope, tells=all_read)


async def see_all(
    session: AsyncSession, user_id: UUID, *, type: NotificationType | None = None, before: datetime | None = None
) -> int:
    """Mark what the list shows as seen, which clears the badge; returns how many entries that changed."""
    return await _change(session, user_id, actions.see, _scope(type, before))


def _scope(type: NotificationType | None, before: datetime | None) -> ColumnElement[bool]:
    of_type = Notification.type_code == type.code if type else true()
    return and_(of_type, Notification.created_at < before if before else true())


async def _change_one(session: AsyncSession, user_id: UUID, notification_id: UUID, action: ActionAt) -> AnyRow:
    await _change(session, user_id, action, Notification.id == notification_id)
    return await entry_of(session, user_id, notification_id, live=True)


async def _change(
    session: AsyncSession,
    user_id: UUID,
    action: ActionAt,
    scope: ColumnElement[bool],
    *,
    tells: Callable[[int, datetime], tuple[str, bytes]] | None = None,
) -> int:
    change = PendingChange((user_id,), action, scope, tells)
    queue(session, change)
    await write_pending(session)
    return change.affected.get(user_id, 0)
