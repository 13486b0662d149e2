"""What the hub reads: positions and changes of inboxes, each call a few plain reads of the newest committed state."""

from collections.abc import Collection, Mapping
from uuid import UUID

import msgspec

from tidings.kernel.db import AnyRow, Database
from tidings.notifications.queries import HeadView, heads_of, page_of_changes
from tidings.notifications.types import TypeRegistry
from tidings.notifications.wire import notification_json
from tidings.realtime.ports import Change, ChangeKind, Changes, Head, Position, ReadChanges, ReadHeads


def head_reader(database: Database) -> ReadHeads:
    """The hub's port for positions and counters."""

    async def read_heads(user_ids: Collection[UUID], /) -> Mapping[UUID, Head]:
        async with database.read() as session:
            heads = await heads_of(session, tuple(user_ids))
        return {user_id: _head(head) for user_id, head in heads.items()}

    return read_heads


def change_reader(database: Database, types: TypeRegistry) -> ReadChanges:
    """The hub's port for changes. The head is read first; counters are never older than the last change told."""

    async def read_changes(user_id: UUID, since: Position, limit: int, /) -> Changes:
        async with database.read() as session:
            page = await page_of_changes(session, user_id, since, limit=limit)
        if page is None or page.reset is not None:
            return Changes((), since, reset=page.reset if page else None)
        changes = [_change(row, page.head, since, types) for row in page.rows]
        return Changes(changes, page.head.position_at(page.reached), page.has_more)

    return read_changes


def _head(head: HeadView) -> Head:
    return Head(head.position, head.floor, head.unread, head.unseen)


def _change(row: AnyRow, head: HeadView, since: Position, types: TypeRegistry) -> Change:
    """How one changed entry is told: born after the position means new, no longer live means deleted."""
    if not row.is_live:
        event, data = "deleted", msgspec.json.encode({"id": row.id})
    else:
        event = "new_notification" if row.born_revision > since.revision else "updated"
        data = msgspec.json.encode(notification_json(row, types))
    position = head.position_at(row.revision)
    return Change(ChangeKind.NOTIFICATION, event, data, position, head.unread, head.unseen)
