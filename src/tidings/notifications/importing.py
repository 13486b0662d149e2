"""Entries of an export, taken into the inbox of the account that imports them: what was sent once is not sent again.

Each gets an id that follows from the one it had and from whose inbox it comes into, so nothing is taken in twice, and
no entry of anybody else is ever named. What was in no list any more, deleted or expired, stays behind.
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
_FIRST = datetime(2000, 1, 1, tzinfo=UTC)
_MAX_CODE = 2**31 - 1
_Words = Annotated[str, StringConstraints(max_length=MAX_TITLE_LENGTH)]


class ArchivedEntry(BaseModel):
    """One entry as an export has it; what else the export says of it belongs to where it was made."""

    id: UUID
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
    seen = {each.id: each for each in checked if each.is_visible(now)}
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
    known = _known(connection, user_id, [known for each in entries for known in (each.id, _id_here(each.id, user_id))])
    new = [each for each in entries if not known & {each.id, _id_here(each.id, user_id)}]
    if new:
        connection.execute(insert(Notification), list(_rows(head, new, now)))
    return len(new)


def _id_here(id: UUID, user_id: UUID) -> UUID:
    return entry_id(_event_here(id, user_id), user_id)


def _event_here(id: UUID, user_id: UUID) -> UUID:
    """The event this entry would come from. It is drawn from a hash: nobody can make it that of an event there is."""
    return entry_id(id, user_id)


def _rows(head: Head, entries: Iterable[ArchivedEntry], now: datetime) -> Iterator[dict[str, Any]]:
    for ordinal, each in enumerate(entries):
        created_at = min(max(each.created_at, _FIRST), now)
        is_listed = each.dismissed_at is None and each.snoozed_until is None
        is_unread = is_listed and each.read_at is None
        head.move(int(is_unread), int(is_unread and each.seen_at is None), int(is_listed))
        times = [moment for moment in (each.snoozed_until, each.expires_at) if moment is not None]
        yield {
            **each.model_dump(exclude={"id", "created_at", "deleted_at"}),
            "user_id": head.user_id,
            "id": _id_here(each.id, head.user_id),
            "event_id": _event_here(each.id, head.user_id),
            "sort_id": id_at(created_at, ordinal % MAX_ORDINAL),
            "revision": head.take(1) + 1,
            "born_revision": 0,  # so that a stream tells of an entry that changed, and no page announces it
            "collapse_key": None,
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
