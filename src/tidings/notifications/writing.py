"""The one step of a transaction that touches inboxes: take every head in sorted order, then write every entry.

`notify()` and every other inbox change only queue. `write_pending` applies the queue: our own edges call it before they
build their answer; in a host's transaction SQLAlchemy's `before_commit` does. That hook is synchronous, so everything
below speaks to the synchronous face of the session, and one code serves both.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import count
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, select, true, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from tidings.kernel.bindings import bound
from tidings.kernel.transaction import after_commit, before_commit, transaction_value
from tidings.notifications.actions import Action, expire
from tidings.notifications.changing import apply_action, wake
from tidings.notifications.deliveries import deliveries_of
from tidings.notifications.entries import Entry, Group, collapse_entries, insert_entries
from tidings.notifications.heads import Head, Heads, lock_heads, store_heads
from tidings.notifications.models import Event
from tidings.notifications.rules import Rules
from tidings.outbox.writing import NewDelivery, enqueue
from tidings.realtime.doorbell import DeliveriesDue, Payload, Ring


@dataclass(slots=True)
class PendingEvent:
    """An event whose row is written and whose entries are not yet; afterwards `entries` says where they went."""

    id: UUID
    groups: Sequence[Group]
    entries: list[Entry]
    collapses: bool
    in_savepoint: bool
    is_slice: bool = False
    """Whether its row already says where earlier slices went, and gains where this one goes."""

    @property
    def user_ids(self) -> list[UUID]:
        return [entry.user_id for entry in self.entries]


@dataclass(slots=True)
class PendingChange:
    """An action on the entries in scope of some users' inboxes; `affected` counts them once it is written.

    `tells`, when given, makes what stands for the whole change on a stream, the frame's event and its JSON body, from
    how many entries changed.
    """

    user_ids: Sequence[UUID]
    action: Callable[[datetime], Action]
    scope: ColumnElement[bool]
    tells: Callable[[int, datetime], tuple[str, bytes]] | None = None
    affected: dict[UUID, int] = field(default_factory=dict)


@dataclass(slots=True)
class PendingSweep:
    """What time has done to these inboxes by `due_by`: entries expire, snoozes end."""

    user_ids: Sequence[UUID]
    due_by: datetime
    affected: int = 0


@dataclass(slots=True)
class PendingArrivals:
    """Entries that come into one inbox from elsewhere, with the state they had; `write` returns how many it wrote."""

    user_id: UUID
    write: Callable[[Connection, Heads], int]
    affected: int = 0

    @property
    def user_ids(self) -> list[UUID]:
        return [self.user_id]


Pending = PendingEvent | PendingChange | PendingSweep | PendingArrivals


class _Queue(list[Pending]):
    """What this transaction still has to write, in the order it was asked for."""


def queue(session: AsyncSession, pending: Pending) -> None:
    """Have this written by `write_pending`, at the latest when the transaction commits."""
    before_commit(session, _write)
    transaction_value(session.sync_session, _Queue).append(pending)


def queued_event(session: AsyncSession, event_id: UUID) -> PendingEvent | None:
    """The event of this transaction that still waits to be written."""
    waiting = transaction_value(session.sync_session, _Queue)
    return next((each for each in waiting if isinstance(each, PendingEvent) and each.id == event_id), None)


async def write_pending(session: AsyncSession) -> None:
    """Write everything queued in this transaction, locking every head it needs in one step."""
    await session.run_sync(_write)


def _write(session: Session) -> None:
    waiting = transaction_value(session, _Queue)
    if not waiting:
        return
    session.flush()
    connection = session.connection()
    pending = _still_meant(connection, waiting)
    waiting.clear()
    rules = bound(session, Rules)
    heads = lock_heads(connection, {user_id for each in pending for user_id in each.user_ids})
    now = rules.clock.database_now(connection)
    told: dict[UUID, tuple[int, str, bytes]] = {}
    ordinals = count()  # over all batches: what was asked for later stands above
    for batch in _batches(pending):
        _apply(connection, heads, batch, told, ordinals, now=now)
    if enqueue(connection, list(_deliveries(pending, now=now))):
        after_commit(session, lambda: rules.ring([DeliveriesDue()]))
    moved = [head for head in heads.values() if head.revision > head.locked_at]
    if not moved:
        return
    store_heads(connection, moved)
    rings = [
        Ring(head.user_id, head.locked_at + 1, head.revision, _payload(head, told.get(head.user_id))) for head in moved
    ]
    after_commit(session, lambda: rules.ring(rings))


def _deliveries(pending: Sequence[Pending], *, now: datetime) -> Iterator[NewDelivery]:
    for event in pending:
        if isinstance(event, PendingEvent) and any(group.outgoing for group in event.groups):
            yield from deliveries_of(event.groups, {entry.user_id: entry.id for entry in event.entries}, now=now)


def _payload(head: Head, told: tuple[int, str, bytes] | None) -> Payload | None:
    """What a stream may show instead of reading the changes: only what stands for every revision just taken."""
    if told is None or head.locked_at + told[0] != head.revision:
        return None
    return Payload(told[1], told[2], head.unread, head.unseen)


def _still_meant(connection: Connection, waiting: Sequence[Pending]) -> list[Pending]:
    """The queue without the events whose savepoint was rolled back: their rows went with it."""
    doubtful = [each.id for each in waiting if isinstance(each, PendingEvent) and each.in_savepoint]
    if not doubtful:
        return list(waiting)
    kept = set(connection.execute(select(Event.id).where(Event.id.in_(doubtful))).scalars())
    return [each for each in waiting if not isinstance(each, PendingEvent) or not each.in_savepoint or each.id in kept]


def _batches(pending: Sequence[Pending]) -> list[list[Pending]]:
    """Neighbouring events share their statements; a collapse or a change must see what came before it."""
    batches: list[list[Pending]] = []
    for each in pending:
        joins = isinstance(each, PendingEvent) and not each.collapses
        last = batches[-1][-1] if batches else None
        if joins and isinstance(last, PendingEvent) and not last.collapses:
            batches[-1].append(each)
        else:
            batches.append([each])
    return batches


def _apply(
    connection: Connection,
    heads: Heads,
    batch: Sequence[Pending],
    told: dict[UUID, tuple[int, str, bytes]],
    ordinals: Iterator[int],
    *,
    now: datetime,
) -> None:
    first = batch[0]
    if isinstance(first, PendingChange):
        held = [heads[user_id] for user_id in first.user_ids if user_id in heads]
        first.affected = apply_action(connection, held, first.action(now), first.scope)
        if first.tells is not None:
            told.update({user: (count, *first.tells(count, now)) for user, count in first.affected.items()})
    elif isinstance(first, PendingSweep):
        expired = apply_action(connection, heads.values(), expire(first.due_by), true())
        woken = wake(connection, heads, due_by=first.due_by, ordinals=ordinals, now=now)
        first.affected = sum(expired.values()) + sum(woken.values())
    elif isinstance(first, PendingArrivals):
        first.affected = first.write(connection, heads)
    else:
        events = [each for each in batch if isinstance(each, PendingEvent)]
        _write_events(connection, heads, events, ordinals, now=now)


def _write_events(
    connection: Connection, heads: Heads, events: Sequence[PendingEvent], ordinals: Iterator[int], *, now: datetime
) -> None:
    groups = [group for event in events for group in event.groups]
    if not events[0].collapses:
        insert_entries(connection, heads, groups, ordinals, now=now)
        merged: dict[UUID, UUID] = {}
    else:
        merged = collapse_entries(connection, heads, groups, ordinals, now=now)
    for event in events:
        entries = [
            replace(entry, id=merged[entry.user_id]) if entry.user_id in merged else entry
            for entry in event.entries
            if entry.user_id in heads
        ]
        if event.is_slice:
            _add_to_stored(connection, event.id, entries)
        elif entries != event.entries:
            connection.execute(update(Event).where(Event.id == event.id).values(**stored_entries(entries)))
        event.entries = entries


def _add_to_stored(connection: Connection, event_id: UUID, entries: Sequence[Entry]) -> None:
    """To what the row says now, read under its lock: who was deleted since an earlier slice stays forgotten."""
    stored = select(Event.accepted, Event.entries).where(Event.id == event_id).with_for_update()
    accepted, listed = connection.execute(stored).one()
    values = {"accepted": accepted + len(entries), "entries": [*listed, *_listed(entries)][:MAX_STORED_ENTRIES]}
    connection.execute(update(Event).where(Event.id == event_id).values(values))


MAX_STORED_ENTRIES = 100


def stored_entries(entries: Sequence[Entry]) -> dict[str, object]:
    """The columns of an event that say where it went: how many, and the first hundred."""
    return {"accepted": len(entries), "entries": _listed(entries)}


def _listed(entries: Sequence[Entry]) -> list[list[str | None]]:
    return [[str(entry.id), str(entry.user_id), entry.external_id] for entry in entries[:MAX_STORED_ENTRIES]]
