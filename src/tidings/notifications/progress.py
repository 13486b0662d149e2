"""How far an event has come: for everybody, and for one person whom it has not reached."""

from collections import Counter
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.models import User
from tidings.kernel.bindings import bound
from tidings.notifications.audience import people_with
from tidings.notifications.errors import EventNotFound
from tidings.notifications.grouping import plan_for
from tidings.notifications.models import Event, Fanout
from tidings.notifications.plan import ALL_CHANNELS, Decision, Plan
from tidings.notifications.postponing import deferred, read_request
from tidings.notifications.rules import Rules
from tidings.notifications.schemas import EventState
from tidings.notifications.types import NotificationType, Reason, Verdict
from tidings.outbox.models import Delivery
from tidings.outbox.types import DeliveryKind, DeliveryState

_WITHDRAWN = (DeliveryState.CANCELLED, DeliveryState.SKIPPED)
_BROKEN = (DeliveryState.DEAD, DeliveryState.UNKNOWN)


async def progress_of(session: AsyncSession, event_id: UUID) -> dict[str, Any]:
    """An event as senders see it. Raises EventNotFound."""
    event = await session.get(Event, event_id)
    if event is None:
        raise EventNotFound()
    fanout = await session.get(Fanout, event_id)
    slices, deliveries = await _deliveries(session, event_id)
    is_unfinished = fanout is not None and fanout.written_at is None
    return {
        "id": event.id,
        "type": bound(session, Rules).types.key_of(event.type_code),
        "source": event.source,
        "dedupe_key": event.dedupe_key,
        "actor_id": event.actor_id,
        "created_at": event.created_at,
        "send_at": fanout.send_at if fanout else None,
        "state": _state(fanout, slices),
        "accepted": event.accepted,
        "recipients": fanout.recipients if fanout and is_unfinished else event.accepted,
        "notifications": [dict(zip(("id", "user_id", "external_id"), e, strict=True)) for e in event.entries],
        "deliveries": deliveries,
    }


async def plan_ahead(session: AsyncSession, event_id: UUID, user_id: UUID) -> Plan | None:
    """What an event that is not all written would do for this person now; None when it is not for them."""
    fanout, user = await session.get(Fanout, event_id), await session.get(User, user_id)
    if fanout is None or fanout.written_at is not None or user is None or not _is_for(fanout, user):
        return None
    slices, _ = await _deliveries(session, event_id)
    if _state(fanout, slices) is EventState.CANCELLED:
        return tuple(Decision(channel, Verdict.SKIP, Reason.CANCELLED) for channel in ALL_CHANNELS)
    event, rules = await session.get_one(Event, event_id), bound(session, Rules)
    kind = rules.types.with_code(event.type_code) or NotificationType(rules.types.key_of(event.type_code))
    [person] = await people_with(session, [user_id])
    decisions = plan_for(read_request(fanout.request).event(kind), person.facts, rules)
    return deferred(decisions, fanout.send_at or event.created_at)


def _is_for(fanout: Fanout, user: User) -> bool:
    return str(user.id) in fanout.user_ids or (user.is_active and user.access_type in fanout.access_types)


async def _deliveries(session: AsyncSession, event_id: UUID) -> tuple[Counter[DeliveryState], Counter[DeliveryState]]:
    """How many stand in each state: of the event's slices, and of what it sends to people."""
    counted = (
        select(Delivery.kind, Delivery.state, func.count())
        .where(Delivery.event_id == event_id)
        .group_by(Delivery.kind, Delivery.state)
    )
    slices, sent = Counter[DeliveryState](), Counter[DeliveryState]()
    for kind, state, count in await session.execute(counted):
        (slices if kind == DeliveryKind.FANOUT else sent)[state] += count
    return slices, sent


def _state(fanout: Fanout | None, slices: Counter[DeliveryState]) -> EventState:
    """Of the slices at most one is not sent: the next. What its delivery has met with is what holds up the event."""
    if fanout is None or fanout.written_at is not None:
        return EventState.WRITTEN
    if fanout.cancelled_at is not None or any(slices[state] for state in _WITHDRAWN):
        return EventState.CANCELLED
    if any(slices[state] for state in _BROKEN):
        return EventState.FAILED
    return EventState.WRITING if fanout.position else EventState.SCHEDULED
