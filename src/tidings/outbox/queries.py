"""Reads of the outbox: the operators' list, what became of a notification, and how the queue does."""

import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from tidings.kernel.crypto import Keyring
from tidings.kernel.db import AnySelect
from tidings.kernel.pages import cursor_after, read_cursor
from tidings.outbox.models import Delivery
from tidings.outbox.schemas import DeliveryOut, DeliveryPage
from tidings.outbox.types import LEASED, DeliveryState


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryFilter:
    """Which deliveries a list shows."""

    state: DeliveryState | None = None
    channel: str | None = None
    user_id: UUID | None = None

    @property
    def scope(self) -> str:
        """Names the list this filter makes, so that a cursor of one list is none of another."""
        return f"deliveries:{json.dumps([self.state, self.channel, self.user_id and str(self.user_id)])}"


@dataclass(frozen=True, slots=True)
class LaneDepth:
    """How one lane of the queue does at a moment."""

    kind: str
    channel: str
    due: int
    later: int
    held: int
    oldest_due_at: datetime | None


@dataclass(frozen=True, slots=True)
class Backlog:
    """What needs a worker or an operator: what is due, what workers hold now or held when they went away, what ended
    without being sent."""

    due: int
    oldest_due_at: datetime | None
    held: int
    lapsed: int
    dead: int
    unknown: int


async def page_of_deliveries(
    session: AsyncSession, deliveries: DeliveryFilter, *, size: int, cursor: str | None, keyring: Keyring
) -> DeliveryPage:
    """Deliveries, newest first. Raises InvalidCursor for another list's cursor."""
    before = None if cursor is None else UUID(read_cursor(keyring, deliveries.scope, cursor))
    ids = _ids(deliveries, before, size + 1).subquery()
    found = (
        select(Delivery)
        .join(ids, and_(Delivery.user_id == ids.c.user_id, Delivery.id == ids.c.id))
        .order_by(Delivery.id.desc())
        .limit(size + 1)
    )
    rows = (await session.scalars(found)).all()
    shown = [DeliveryOut.model_validate(row) for row in rows[:size]]
    more = len(rows) > size
    return DeliveryPage(
        deliveries=shown,
        next_cursor=cursor_after(keyring, deliveries.scope, str(shown[-1].id)) if more else None,
    )


def _ids(deliveries: DeliveryFilter, before: UUID | None, count: int) -> AnySelect:
    """The newest ids, each state by itself: every one is a walk along the index of (state, id)."""
    conditions: list[ColumnElement[bool]] = []
    if before is not None:
        conditions.append(Delivery.id < before)
    if deliveries.channel is not None:
        conditions.append(Delivery.channel == deliveries.channel)
    if deliveries.user_id is not None:
        conditions.append(Delivery.user_id == deliveries.user_id)
        states: list[ColumnElement[bool]] = [] if deliveries.state is None else [Delivery.state == deliveries.state]
        return _newest([*conditions, *states], count)
    wanted = DeliveryState if deliveries.state is None else (deliveries.state,)
    by_state = union_all(*(_newest([*conditions, Delivery.state == state], count) for state in wanted)).subquery()
    return select(by_state.c.user_id, by_state.c.id)


def _newest(conditions: Sequence[ColumnElement[bool]], count: int) -> AnySelect:
    newest = (
        select(Delivery.user_id, Delivery.id).where(*conditions).order_by(Delivery.id.desc()).limit(count).subquery()
    )
    return select(newest.c.user_id, newest.c.id)


async def deliveries_of_event(session: AsyncSession, event_id: UUID, user_id: UUID) -> Sequence[DeliveryOut]:
    """What one event sends one user, oldest first, with every attempt: the explanation of each channel."""
    found = select(Delivery).where(Delivery.event_id == event_id, Delivery.user_id == user_id).order_by(Delivery.id)
    return [DeliveryOut.model_validate(row) for row in await session.scalars(found)]


async def deliveries_of_notification(
    session: AsyncSession, user_id: UUID, notification_id: UUID
) -> Sequence[DeliveryOut]:
    """What one notification sends, oldest first, with every attempt."""
    is_its = and_(Delivery.user_id == user_id, Delivery.notification_id == notification_id)
    found = select(Delivery).where(is_its).order_by(Delivery.id)
    return [DeliveryOut.model_validate(row) for row in await session.scalars(found)]


async def sent_channels(
    session: AsyncSession, user_id: UUID, notification_ids: Collection[UUID]
) -> Mapping[UUID, set[str]]:
    """For each of these notifications the channels it went out on; those of none are left out."""
    is_sent = Delivery.state.in_((DeliveryState.SENT, DeliveryState.DELIVERED))
    found = await session.execute(
        select(Delivery.notification_id, Delivery.channel).where(
            Delivery.user_id == user_id, Delivery.notification_id.in_(notification_ids), is_sent
        )
    )
    channels: defaultdict[UUID, set[str]] = defaultdict(set)
    for notification_id, channel in found:
        if notification_id is not None:
            channels[notification_id].add(channel)
    return dict(channels)


async def event_progress(session: AsyncSession, event_id: UUID) -> Mapping[DeliveryState, int]:
    """How many deliveries of an event stand in each state."""
    counted = select(Delivery.state, func.count()).where(Delivery.event_id == event_id).group_by(Delivery.state)
    return {row[0]: row[1] for row in await session.execute(counted)}


async def queue_depth(session: AsyncSession, *, now: datetime) -> Sequence[LaneDepth]:
    """What waits in every lane, and since when the oldest has been due. Reads the queue, not the history."""
    is_due = and_(Delivery.state == DeliveryState.SCHEDULED, Delivery.due_at <= now)
    is_later = and_(Delivery.state == DeliveryState.SCHEDULED, Delivery.due_at > now)
    counted = (
        select(
            Delivery.kind,
            Delivery.channel,
            func.count().filter(is_due),
            func.count().filter(is_later),
            func.count().filter(Delivery.state.in_(LEASED)),
            func.min(Delivery.due_at).filter(is_due),
        )
        .where(Delivery.state.in_((DeliveryState.SCHEDULED, *LEASED)))
        .group_by(Delivery.kind, Delivery.channel)
        .order_by(Delivery.kind, Delivery.channel)
    )
    return [LaneDepth(*row) for row in await session.execute(counted)]


async def backlog(session: AsyncSession, *, now: datetime) -> Backlog:
    """The queue as a whole, and what nobody sends any more."""
    is_due = and_(Delivery.state == DeliveryState.SCHEDULED, Delivery.due_at <= now)
    is_leased = Delivery.state.in_(LEASED)
    counted = select(
        func.count().filter(is_due),
        func.min(Delivery.due_at).filter(is_due),
        func.count().filter(is_leased, Delivery.lease_until > now),
        func.count().filter(is_leased, Delivery.lease_until <= now),
        func.count().filter(Delivery.state == DeliveryState.DEAD),
        func.count().filter(Delivery.state == DeliveryState.UNKNOWN),
    ).where(Delivery.state.in_((DeliveryState.SCHEDULED, *LEASED, DeliveryState.DEAD, DeliveryState.UNKNOWN)))
    return Backlog(*(await session.execute(counted)).one())
