"""Write the entries of events into held inboxes: one INSERT for any number of events and recipients."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import (
    BigInteger,
    Boolean,
    Connection,
    Insert,
    Integer,
    SmallInteger,
    Text,
    Update,
    Uuid,
    and_,
    delete,
    insert,
    select,
    tuple_,
    update,
)

from tidings.kernel.db import Rows, UtcDateTime, as_json, rows
from tidings.kernel.ids import id_at
from tidings.notifications.conditions import IS_LISTED, IS_UNREAD, IS_UNSEEN
from tidings.notifications.heads import Head, Heads
from tidings.notifications.models import CollapsedEvent, Notification
from tidings.notifications.types import Channel, Priority

PRIORITY_NUMBERS = {priority: number for number, priority in enumerate(Priority)}
PRIORITIES = tuple(Priority)


_TIME = ((1 << 48) - 1) << 80
_FIXED = 0x7 << 76 | 0b10 << 62
_FREE = ~(_TIME | 0xF << 76 | 0b11 << 62) & (1 << 128) - 1


def entry_id(event_id: UUID, user_id: UUID) -> UUID:
    """The id of the entry an event makes for a user: a UUIDv7 of the event's time whose other bits follow from both.

    The same event and user always give the same id, so an entry can be found without an index and cannot exist twice.
    """
    drawn = int.from_bytes(hashlib.blake2b(event_id.bytes + user_id.bytes, digest_size=16).digest())
    return UUID(int=event_id.int & _TIME | _FIXED | drawn & _FREE)


@dataclass(frozen=True, slots=True)
class Entry:
    """Where one event went for one user."""

    id: UUID
    user_id: UUID
    external_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What a group of recipients shares: one event's text in one language under one plan."""

    event_id: UUID
    type_code: int
    priority: Priority
    title: str
    message: str
    data: dict[str, Any]
    actor: dict[str, Any] | None
    action_url: str | None
    action_text: str | None
    icon: str | None
    image_url: str | None
    group_key: str | None
    collapse_key: str | None
    why: str | None
    plan: str
    in_inbox: bool
    created_at: datetime
    expires_at: datetime | None

    def columns(self) -> tuple[Any, ...]:
        """The values of `_CONTENT_COLUMNS`."""
        return (
            self.event_id,
            self.type_code,
            PRIORITY_NUMBERS[self.priority],
            self.title,
            self.message,
            msgspec.json.encode(self.data).decode(),
            msgspec.json.encode(self.actor).decode() if self.actor else None,
            self.action_url,
            self.action_text,
            self.icon,
            self.image_url,
            self.group_key,
            self.collapse_key,
            self.why,
            self.plan,
            self.in_inbox,
            self.created_at,
            self.expires_at,
            self.expires_at if self.in_inbox else None,
        )


_CONTENT_COLUMNS: dict[str, Any] = {
    "event_id": Uuid,
    "type_code": Integer,
    "priority": SmallInteger,
    "title": Text,
    "message": Text,
    "data": Text,
    "actor": Text,
    "action_url": Text,
    "action_text": Text,
    "icon": Text,
    "image_url": Text,
    "group_key": Text,
    "collapse_key": Text,
    "why": Text,
    "plan": Text,
    "in_inbox": Boolean,
    "created_at": UtcDateTime,
    "expires_at": UtcDateTime,
    "next_change_at": UtcDateTime,
}
_PLACE_COLUMNS: dict[str, Any] = {
    "n": Integer,
    "user_id": Uuid,
    "id": Uuid,
    "sort_id": Uuid,
    "revision": BigInteger,
}


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A channel on which a content leaves the house, at once or at a time."""

    channel: Channel
    due_at: datetime | None
    may_repeat: bool


@dataclass(frozen=True, slots=True)
class Group:
    """One content, the entries it is for, and the channels on which it leaves the house besides."""

    content: Content
    entries: Sequence[Entry]
    outgoing: Sequence[Outgoing] = ()


def insert_entries(
    connection: Connection, heads: Heads, groups: Sequence[Group], ordinals: Iterator[int], *, now: datetime
) -> None:
    """Write every group's entries, newest last; users without a head are gone and left out."""
    places = []
    for number, group in enumerate(groups):
        in_inbox, sort_id = group.content.in_inbox, id_at(now, next(ordinals))
        for entry in group.entries:
            head = heads.get(entry.user_id)
            if head is not None:
                places.append((number, entry.user_id, entry.id, sort_id, _arrive(head) if in_inbox else 0))
    statement, content, place = _insertion(connection.dialect.name)
    contents = ((number, *group.content.columns()) for number, group in enumerate(groups))
    connection.execute(statement, content.bind(contents) | place.bind(places))


@cache
def _insertion(dialect: str) -> tuple[Insert, Rows, Rows]:
    content, place = rows(dialect, "content", n=Integer, **_CONTENT_COLUMNS), rows(dialect, "place", **_PLACE_COLUMNS)
    source = select(
        place.c.user_id,
        place.c.id,
        place.c.sort_id,
        place.c.revision,
        place.c.revision.label("born_revision"),
        *(_readable(dialect, name, content.c[name]) for name in _CONTENT_COLUMNS),
    ).join_from(place.source, content.source, content.c.n == place.c.n)
    names = ["user_id", "id", "sort_id", "revision", "born_revision", *_CONTENT_COLUMNS]
    return insert(Notification).from_select(names, source), content, place


def _readable(dialect: str, name: str, column: Any) -> Any:  # Any: columns of any type
    return as_json(dialect, column) if name in {"data", "actor"} else column


def _arrive(head: Head) -> int:
    head.move(unread=1, unseen=1, total=1)
    return head.take(1) + 1


def collapse_entries(
    connection: Connection, heads: Heads, groups: Sequence[Group], ordinals: Iterator[int], *, now: datetime
) -> dict[UUID, UUID]:
    """Write an event whose entries replace the live ones of the same `collapse_key`; the rest are inserted.

    Returns the entry each user's event went into where that is not the event's own. The replaced events are kept as
    superseded, with their plans.
    """
    merged: dict[UUID, UUID] = {}
    fresh: list[Group] = []
    for group in groups:
        held = [entry.user_id for entry in group.entries if entry.user_id in heads]
        live = _live_entries(connection, held, group.content.collapse_key)
        if live:
            _remember(connection, group, live)
            _replace(connection, heads, group, live, sort_id=id_at(now, next(ordinals)))
            merged |= {user_id: entry.id for user_id, entry in live.items()}
        fresh.append(Group(group.content, [entry for entry in group.entries if entry.user_id not in live]))
    if any(group.entries for group in fresh):
        insert_entries(connection, heads, fresh, ordinals, now=now)
    return merged


@dataclass(frozen=True, slots=True)
class _LiveEntry:
    id: UUID
    event_id: UUID
    plan: str
    unread: bool
    unseen: bool
    listed: bool


def _live_entries(connection: Connection, user_ids: Iterable[UUID], collapse_key: str | None) -> dict[UUID, _LiveEntry]:
    held = rows(connection.dialect.name, "held", user_id=Uuid)
    found = connection.execute(
        select(
            Notification.user_id,
            Notification.id,
            Notification.event_id,
            Notification.plan,
            IS_UNREAD.label("unread"),
            IS_UNSEEN.label("unseen"),
            IS_LISTED.label("listed"),
        ).where(
            Notification.user_id == held.c.user_id,
            Notification.collapse_key == collapse_key,
            Notification.deleted_at.is_(None),
            Notification.expired_at.is_(None),
        ),
        held.bind((user_id,) for user_id in user_ids),
    )
    return {row[0]: _LiveEntry(row[1], row[2], row[3], bool(row[4]), bool(row[5]), bool(row[6])) for row in found}


def _remember(connection: Connection, group: Group, live: dict[UUID, _LiveEntry]) -> None:
    """Keep, for each replaced event, that this one superseded it; and for this one, which entry it is in."""
    event_id = group.content.event_id
    earlier = [
        {"user_id": user, "event_id": e.event_id, "notification_id": e.id, "superseded_by": event_id, "plan": e.plan}
        for user, e in live.items()
    ]
    latest = [
        {
            "user_id": user,
            "event_id": event_id,
            "notification_id": e.id,
            "superseded_by": None,
            "plan": group.content.plan,
        }
        for user, e in live.items()
    ]
    known = rows(connection.dialect.name, "known", user_id=Uuid, event_id=Uuid)
    key = tuple_(CollapsedEvent.user_id, CollapsedEvent.event_id)
    connection.execute(
        delete(CollapsedEvent).where(key.in_(select(known.c.user_id, known.c.event_id))),
        known.bind((row["user_id"], row["event_id"]) for row in earlier),
    )
    connection.execute(insert(CollapsedEvent), [*earlier, *latest])


def _replace(
    connection: Connection, heads: Heads, group: Group, live: dict[UUID, _LiveEntry], *, sort_id: UUID
) -> None:
    places = []
    for user_id, entry in live.items():
        head, arrives = heads[user_id], int(group.content.in_inbox)
        head.move(arrives - entry.unread, arrives - entry.unseen, arrives - entry.listed)
        places.append((0, user_id, entry.id, sort_id, head.take(1) + 1))
    statement, content, place = _replacement(connection.dialect.name)
    connection.execute(statement, content.bind([(0, *group.content.columns())]) | place.bind(places))


@cache
def _replacement(dialect: str) -> tuple[Update, Rows, Rows]:
    content, place = rows(dialect, "content", n=Integer, **_CONTENT_COLUMNS), rows(dialect, "place", **_PLACE_COLUMNS)
    values = {name: _readable(dialect, name, content.c[name]) for name in _CONTENT_COLUMNS}
    values |= {"sort_id": place.c.sort_id, "revision": place.c.revision, "born_revision": place.c.revision}
    values |= dict.fromkeys(("seen_at", "read_at", "dismissed_at", "snoozed_until"))
    is_placed = and_(Notification.user_id == place.c.user_id, Notification.id == place.c.id)
    return update(Notification).values(values).where(is_placed, content.c.n == place.c.n), content, place
