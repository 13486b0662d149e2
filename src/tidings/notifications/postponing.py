"""What is not written at once, because its time has not come or it is for many: kept as it was asked for.

The event's row is written with everything that can be refused checked; a worker writes the entries, one slice of people
a transaction. The delivery of a slice is the queue's row for it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from tidings.kernel.bindings import bound
from tidings.kernel.errors import Fault
from tidings.kernel.transaction import after_commit
from tidings.notifications.audience import Audience
from tidings.notifications.content import NewEvent
from tidings.notifications.entries import PRIORITY_NUMBERS
from tidings.notifications.errors import ExpiresTooSoon, SendAtTooFar
from tidings.notifications.models import Fanout
from tidings.notifications.plan import Plan
from tidings.notifications.rules import Rules
from tidings.notifications.types import Channel, NotificationType, Priority, Verdict
from tidings.outbox.types import NOBODY, DeliveryKind
from tidings.outbox.writing import NewDelivery, enqueue
from tidings.realtime.doorbell import DeliveriesDue

FARTHEST = timedelta(days=366)
"""How far ahead something may be sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What the later writing needs of a `NewEvent` (the fields are its fields), and the actor as shown.

    A field that a later release adds needs a default: what an earlier one kept has none.
    """

    title: str | None
    message: str | None
    data: Mapping[str, Any]
    priority: Priority | None
    channels: frozenset[Channel] | None
    action_url: str | None
    action_text: str | None
    icon: str | None
    image_url: str | None
    collapse_key: str | None
    group_key: str | None
    expires_at: datetime | None
    shown_actor: Mapping[str, Any] | None

    def event(self, kind: NotificationType) -> NewEvent:
        """The event as it was asked for, without its recipients."""
        return NewEvent(type=kind, to=(), **{name: getattr(self, name) for name in _SHARED})


_SHARED = tuple(field.name for field in fields(Request) if field.name != "shown_actor")


def read_request(stored: Mapping[str, Any]) -> Request:
    """The request that a fanout keeps."""
    return msgspec.convert(stored, Request)


def is_later(event: NewEvent, *, now: datetime) -> bool:
    """Whether its time is still to come. Raises SendAtTooFar and ExpiresTooSoon."""
    at = max(event.send_at or now, now)
    if at > now + FARTHEST:
        raise SendAtTooFar(faults=[Fault("/send_at", "send_at_too_far", "The time is more than a year ahead.")])
    if event.expires_at is not None and event.expires_at <= at:
        raise ExpiresTooSoon(faults=[Fault("/expires_at", "expires_too_soon", "Nobody would see it.")])
    return at > now


def deferred(decisions: Plan, until: datetime) -> Plan:
    """The plan of what would be sent at once, at a later time."""
    return tuple(
        replace(each, verdict=Verdict.DEFER, due_at=until) if each.verdict is Verdict.SEND else each
        for each in decisions
    )


async def postpone(session: AsyncSession, event_id: UUID, event: NewEvent, audience: Audience, *, now: datetime) -> int:
    """Have a worker write this event, its row being written; returns how many people are known to get it."""
    send_at = event.send_at if is_later(event, now=now) else None
    known = len(audience.recipients)
    asked = {name: getattr(event, name) for name in _SHARED}
    connection = await session.connection()
    await connection.execute(
        insert(Fanout).values(
            event_id=event_id,
            request=msgspec.to_builtins(Request(**asked, shown_actor=audience.shown_actor)),
            user_ids=[str(person.user_id) for person in audience.recipients],
            access_types=list(audience.roles),
            recipients=None if audience.roles else known,
            send_at=send_at,
        )
    )
    await enqueue_slice(session, event_id, event, position=0, due_at=send_at or now, now=now)
    return known


async def enqueue_slice(
    session: AsyncSession, event_id: UUID, event: NewEvent, *, position: int, due_at: datetime, now: datetime
) -> None:
    """Put the slice at this position into the outbox, and ring for it after the commit."""
    delivery = NewDelivery(
        user_id=NOBODY,
        kind=DeliveryKind.FANOUT,
        channel=Channel.IN_APP,
        key=f"fanout:{event_id}:{position}",
        event_id=event_id,
        payload={"position": position},
        priority=PRIORITY_NUMBERS[event.priority or event.type.priority],
        due_at=due_at,
        created_at=now,
    )
    await (await session.connection()).run_sync(enqueue, [delivery])
    rules = bound(session, Rules)
    after_commit(session, lambda: rules.ring([DeliveriesDue()]))
