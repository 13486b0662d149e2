"""The worker's part of large sends and of sending later: one slice of people, planned and written as they are now.

The position of a fanout moves in the transaction that writes the slice before it. A worker that dies leaves either
nothing of a slice or all of it, and whoever takes over sees which.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.types import AccessType
from tidings.channels.base import Outcome, Refused, Sent, Skip
from tidings.kernel.bindings import bound
from tidings.kernel.db import Database
from tidings.kernel.errors import TidingsError
from tidings.notifications.audience import SLICE, Recipient, members_of, people_with
from tidings.notifications.content import NewEvent
from tidings.notifications.errors import UnknownType
from tidings.notifications.grouping import Shown, entries_of, groups_of, render_texts
from tidings.notifications.models import Event, Fanout
from tidings.notifications.postponing import enqueue_slice, read_request
from tidings.notifications.rules import Rules
from tidings.notifications.types import NotificationType, Reason
from tidings.notifications.writing import PendingEvent, queue, write_pending
from tidings.outbox.held import HeldDelivery


@dataclass(frozen=True, slots=True)
class Slice:
    """Which slice of which event is to be written."""

    event_id: UUID
    position: int


async def prepare_slice(_session: AsyncSession, delivery: HeldDelivery, _now: datetime, /) -> Slice | Refused:
    """The slice that a delivery stands for: the outbox's `Prepare`. Everything is looked up when it is written."""
    if delivery.event_id is None:
        return Refused("It names no event.")
    return Slice(delivery.event_id, delivery.payload["position"])


@dataclass(frozen=True, slots=True)
class FanoutSender:
    """Writes slices: the outbox's `Sender`. It never hands over, so an attempt that dies is simply made again."""

    database: Database

    def provider(self, _message: Slice, /) -> str:
        return "tidings"

    async def send(self, message: Slice, /, *, handing_over: Callable[[], Awaitable[None]]) -> Outcome:
        """Write the slice and put the next one into the outbox, in one transaction; nothing when that was done."""
        try:
            async with self.database.write() as session:
                return await write_slice(session, message)
        except TidingsError as error:
            return Refused(f"{type(error).__name__}: {error}")


async def write_slice(session: AsyncSession, wanted: Slice) -> Outcome:
    """Write one slice of an event and move on. Raises UnknownType, TextMissing or TextNotRendered."""
    rules = bound(session, Rules)
    now = await (await session.connection()).run_sync(rules.clock.database_now)
    fanout = await session.get_one(Fanout, wanted.event_id, with_for_update=True)
    if fanout.written_at is not None or fanout.position != wanted.position:
        return Sent()  # by an attempt that died before it could say so
    if fanout.cancelled_at is not None:
        return Skip(Reason.CANCELLED)
    request = read_request(fanout.request)
    if request.expires_at is not None and request.expires_at <= now:
        _end(fanout, now)
        return Skip(Reason.EXPIRED)
    written = await session.get_one(Event, fanout.event_id)
    event = request.event(_kind(rules, written.type_code))
    people, is_last = await _next_people(session, fanout)
    await _write(session, fanout.event_id, event, people, request.shown_actor, rules, now=now)
    fanout.position += 1
    if is_last:
        _end(fanout, now)
    else:
        await enqueue_slice(session, fanout.event_id, event, position=fanout.position, due_at=now, now=now)
    return Sent()


def _end(fanout: Fanout, now: datetime) -> None:
    fanout.written_at, fanout.request, fanout.user_ids = now, {}, []


def _kind(rules: Rules, code: int) -> NotificationType:
    kind = rules.types.with_code(code)
    if kind is None:
        raise UnknownType(f"The notification type with the code {code} is no longer declared.")
    return kind


async def _next_people(session: AsyncSession, fanout: Fanout) -> tuple[list[Recipient], bool]:
    """Who is next, as they are now, and whether nobody comes after them: first the named, then the roles' members."""
    first = fanout.position * SLICE
    if first < len(fanout.user_ids):
        named = fanout.user_ids[first : first + SLICE]
        is_last = first + SLICE >= len(fanout.user_ids) and not fanout.access_types
        return await people_with(session, [UUID(user_id) for user_id in named]), is_last
    roles = [AccessType(each) for each in fanout.access_types]
    members = await members_of(session, roles, limit=SLICE, after=fanout.after)
    if members:
        fanout.after = members[-1].user_id
    reached = set(fanout.user_ids)
    return [each for each in members if str(each.user_id) not in reached], len(members) < SLICE


async def _write(
    session: AsyncSession,
    event_id: UUID,
    event: NewEvent,
    people: list[Recipient],
    actor: Shown,
    rules: Rules,
    *,
    now: datetime,
) -> None:
    """Entries and deliveries for these people, as an immediate send makes them."""
    texts = render_texts(event, {person.language for person in people}, actor)
    entries = entries_of(event_id, people)
    pending = PendingEvent(
        event_id,
        groups_of(event_id, event, people, entries, actor, texts, rules, now=now),
        entries,
        collapses=event.collapse_key is not None,
        in_savepoint=False,
        is_slice=True,
    )
    if people:
        queue(session, pending)
        await write_pending(session)
