"""Withdraw an event, as far as it has not been sent."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, update
from sqlalchemy.ext.asyncio import AsyncSession

from tidings.notifications.errors import EventNotFound
from tidings.notifications.models import Event, Fanout
from tidings.outbox.models import Delivery
from tidings.outbox.types import DeliveryKind
from tidings.outbox.writing import cancel, of_event


async def cancel_event(session: AsyncSession, event_id: UUID, *, now: datetime) -> int:
    """Write no more of it and cancel every delivery of it that waits; returns how many. Repeating it changes nothing.

    What is in an inbox stays. A slice that is being written is waited for, and its deliveries are cancelled with the
    others. Raises EventNotFound.
    """
    if await session.get(Event, event_id) is None:
        raise EventNotFound()
    is_unfinished = and_(Fanout.event_id == event_id, Fanout.written_at.is_(None), Fanout.cancelled_at.is_(None))
    connection = await session.connection()
    await connection.execute(update(Fanout).where(is_unfinished).values(cancelled_at=now))
    is_slice = Delivery.kind == DeliveryKind.FANOUT
    await connection.run_sync(cancel, and_(of_event(event_id), is_slice), now=now)
    return await connection.run_sync(cancel, and_(of_event(event_id), ~is_slice), now=now)
