"""Entries of an export, taken into the inbox of the account that imports them: what was sent once is not sent again.

Each gets an id that follows from the one it had where it was made, however many inboxes it has been through, and from
whose inbox it comes into. So nothing is taken in twice, nor back to where it came from, and no entry of anybody else is
ever named. What was in no list any more, deleted or expired, stays behind.
"""

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints
from sqlalchemy import Connection, Uuid, bindparam, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.audit.types import Actor
from tidings.kernel.db import AnySelect, Rows, rows
from tidings.kernel.http.schemas import UtcTime
from tidings.kernel.ids import MAX_ORDINAL, id_at
from tidings.notifications.content import MAX_TITLE_LENGTH
from tidings.notifications.entries import PRIORITIES, entry_id
from tidings.notifications.heads import Head, Heads
from tidings.notifications.models import Notification
from tidings.notifications.plan import ALL_CHANNELS, Decision, write_plan
from tidings.notifications.schemas import Data, Key, Link, Message
from tidings.notifications.types import Channel, Reason, Verdict
from tidings.notifications.writing import PendingArrivals, queue, write_pending

MAX_TAKEN = 5_000
"""The newest entries of an archive; the head of the inbox is held while they are written."""
MAX_RECORDS = 25_000
"""More do not fit into a file that is small enough to be taken in, unless they hold less than an entry does."""
_MADE, _BROUGHT = 7, 8
"""The version of the id (RFC 9562) of an entry and an event that were made, and of what stands for the event here."""
_FIRST = datetime(2000, 1, 1, tzinfo=UTC)
_MAX_CODE = 2**31 - 1
_Words = Annotated[str, StringConstraints(max_length=MAX_TITLE_LENGTH)]


class ArchivedEntry(BaseModel):
    """One entry as an export has it; what else the export says of it belongs to where it was made."""

    id: UUID
    event_id: UUID | None = None
    type_code: Annotated[int, Field(ge=0, le=_MAX_CODE)]
    priority: Annotated[int, Field(ge=0, lt=len(PRIORITIES))]
    title: _Words
    message: Message
    data: Data
    actor: Data | None
    action_url: Link | None
    action_text: _Words | None
    icon: _Words | None = None
    image_url: Link | None = None
    group_key: Key | None
    why: Message | None
    in_inbox: bool = True
    created_at: UtcTime
    seen_at: UtcTime | None
    read_at: UtcTime | None
    dismissed_at: UtcTime | None
    snoozed_until: UtcTime | None
    expires_at: UtcTime | None
    deleted_at: UtcTime | None

    @property
    def origin(self) -> UUID:
        """The id it had where it was made, not brought."""
        if self.event_id is not None and self.event_id.version == _BROUGHT:
            return _of_version(_MADE, self.event_id)
        return _of_version(_MADE, self.id)

    def is_visible(self, now: datetime) -> bool:
        """Whether its owner could still see it at `now`."""
        is_over = self.expires_at is not None and self.expires_at <= now
        return self.in_inbox and self.deleted_at is None and not is_over


async def take_in_entries(
    session: AsyncSession, user_id: UUID, records: Sequence[Mapping[str, Any]], /, *, by: Actor, now: datetime
) -> int:
    """Put the newest entries of an archive into this inbox as they were, read, dismissed or snoozed; returns how many.

    What came in before, or has never left, is not taken again. Nothing goes out on any channel, and an open page is
    told of changes and not of news. Raises pydantic's ValidationError.
    """
    checked = await asyncio.to_thread(lambda: [ArchivedEntry.model_validate(record) for record in records])
    seen = {each.origin: each for each in checked if each.is_visible(now)}
    newest = sorted(seen.values(), key=lambda each: each.created_at)[-MAX_TAKEN:]
    arrivals = PendingArrivals(user_id, lambda connection, heads: arrive(connection, heads, user_id, newest, now=now))
    queue(session, arrivals)
    await write_pending(session)
    return arrivals.affected


def arrive(
    connection: Connection, heads: Heads, user_id: UUID, entries: Sequence[ArchivedEntry], *, now: datetime
) -> int:
    """Write those of these entries that the held inbox does not have, oldest first; returns how many."""
    head = heads.get(user_id)
    if head is None or not entries:
        return 0
    names = {each.origin: (each.id, each.origin, _id_here(each.origin, user_id)) for each in entries}
    known = _known(connection, user_id, [id for ids in names.values() for id in ids])
    new = [each for each in entries if known.isdisjoint(names[each.origin])]
    if new:
        connection.execute(insert(Notification), list(_rows(head, new, now)))
    return len(new)


def _id_here(origin: UUID, user_id: UUID) -> UUID:
    return entry_id(_event_here(origin), user_id)


def _event_here(origin: UUID) -> UUID:
    """What stands for the event of this entry and says where it was made. No event has an id of this version."""
    return _of_version(_BROUGHT, origin)


def _of_version(version: int, id: UUID) -> UUID:
    return UUID(int=id.int & ~(0xF << 76 | 0b11 << 62) | version << 76 | 0b10 << 62)


def _rows(head: Head, entries: Iterable[ArchivedEntry], now: datetime) -> Iterator[dict[str, Any]]:
    for ordinal, each in enumerate(entries):
        created_at = min(max(each.created_at, _FIRST), now)
        is_listed = each.dismissed_at is None and each.snoozed_until is None
        is_unread = is_listed and each.read_at is None
        head.move(int(is_unread), int(is_unread and each.seen_at is None), int(is_listed))
        snoozed_until = None if each.dismissed_at else each.snoozed_until
        times = [moment for moment in (snoozed_until, each.expires_at) if moment is not None]
        yield {
            **each.model_dump(exclude={"id", "event_id", "created_at", "deleted_at"}),
            "user_id": head.user_id,
            "id": _id_here(each.origin, head.user_id),
            "event_id": _event_here(each.origin),
            "sort_id": id_at(created_at, ordinal % MAX_ORDINAL),
            "revision": head.take(1) + 1,
            "born_revision": 0,  # so that a stream tells of an entry that changed, and no page announces it
            "collapse_key": None,
            "snoozed_until": snoozed_until,
            "plan": _plan(),
            "created_at": created_at,
            "expired_at": None,
            "deleted_at": None,
            "next_change_at": min(times, default=None),
        }


@cache
def _plan() -> str:
    verdicts = {Channel.IN_APP: Verdict.SEND}
    return write_plan(
        tuple(Decision(channel, verdicts.get(channel, Verdict.SKIP), Reason.REQUESTED) for channel in ALL_CHANNELS)
    )


def _known(connection: Connection, user_id: UUID, ids: Sequence[UUID]) -> set[UUID]:
    statement, wanted = _lookup(connection.dialect.name)
    return set(connection.scalars(statement, {"owner_id": user_id, **wanted.bind((id,) for id in ids)}))


@cache
def _lookup(dialect: str) -> tuple[AnySelect, Rows]:
    wanted = rows(dialect, "wanted", id=Uuid)
    owner = bindparam("owner_id", type_=Uuid)
    found = select(Notification.id).where(Notification.user_id == owner, Notification.id.in_(select(wanted.c.id)))
    return found, wanted
