"""What the hub reads: positions and changes of inboxes, each call a few plain reads of the newest committed state."""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

import msgspec

from tidings.kernel.db import AnyRow, Database
from tidings.notifications.queries import HeadView, changes_since, heads_of, reset_reason
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
    """The hub's port for changes. The head is read first, so a frame's counters may be older than it, never newer."""

    async def read_changes(user_id: UUID, since: Position, limit: int, /) -> Changes:
        async with database.read() as session:
            head = (await heads_of(session, [user_id])).get(user_id)
            reset = reset_reason(head, since) if head else None
            if head is None or reset is not None:
                return Changes((), since, reset=reset)
            found = await changes_since(session, user_id, since.revision, limit=limit + 1)
        page, has_more = found[:limit], len(found) > limit
        changes = [_change(row, head, since, types) for row in page]
        reached = changes[-1].position if has_more else _furthest(head, page)
        return Changes(changes, reached, has_more)

    return read_changes


def _furthest(head: HeadView, page: Sequence[AnyRow]) -> Position:
    return head.position_at(max(head.revision, page[-1].revision if page else 0))


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
