"""Write down what a worker does with the deliveries it holds. Each function is one statement for any number of rows.

Every one is guarded by the token of the claim: it changes only rows that are still held under it, and says which those
were.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, SmallInteger, Text, Update, Uuid, and_, bindparam, case, literal, null, update
from sqlalchemy.ext.asyncio import AsyncSession

from tidings.kernel.db import Rows, UtcDateTime, as_json, rows
from tidings.outbox.claiming import LEASE
from tidings.outbox.concluding import Conclusion
from tidings.outbox.held import HeldDelivery
from tidings.outbox.models import Delivery
from tidings.outbox.types import CANCELLED, DeliveryId, DeliveryState

Held = Sequence[HeldDelivery]
_NOW: Any = bindparam("now", type_=UtcDateTime)


async def renew(session: AsyncSession, held: Held, *, now: datetime, lease: timedelta = LEASE) -> set[DeliveryId]:
    """Extend the leases of these deliveries; returns those that are still held."""
    return await _mark(session, "renew", held, until=now + lease)


async def keep_attempts(session: AsyncSession, delivery: HeldDelivery) -> None:
    """Store the record of a delivery's attempts as it is now, before anything else can happen to it."""
    statement = update(Delivery).values(attempts=delivery.attempts)
    is_mine = (
        Delivery.user_id == delivery.user_id,
        Delivery.id == delivery.id,
        Delivery.lease_token == delivery.lease_token,
    )
    await (await session.connection()).execute(statement.where(*is_mine))


async def begin_attempts(session: AsyncSession, held: Held, *, now: datetime) -> set[DeliveryId]:
    """Charge each of these one attempt, as sending begins; returns those that may be sent. Repeating charges once."""
    return await _mark(session, "begin", held, now=now)


async def hand_over(session: AsyncSession, held: Held) -> set[DeliveryId]:
    """Note that the point of no return comes next for these begun attempts; returns those that may go on."""
    return await _mark(session, "hand_over", held)


async def finish(session: AsyncSession, conclusions: Sequence[Conclusion], *, now: datetime) -> set[DeliveryId]:
    """Store how these attempts ended and give up their leases; a worker that comes too late changes nothing.

    What was withdrawn meanwhile does not wait again: it is cancelled.
    """
    connection = await session.connection()
    statement, ended = _finish(connection.dialect.name)
    arguments = ended.bind(map(_columns, conclusions)) | {"now": now}
    return {DeliveryId(*row) for row in await connection.execute(statement, arguments)}


async def _mark(session: AsyncSession, what: str, held: Held, **arguments: Any) -> set[DeliveryId]:
    connection = await session.connection()
    statement, mine = _marking(connection.dialect.name, what)
    bound = mine.bind((each.user_id, each.id, each.lease_token, each.attempt) for each in held)
    return {DeliveryId(*row) for row in await connection.execute(statement, bound | arguments)}


@cache
def _marking(dialect: str, what: str) -> tuple[Update, Rows]:
    mine = rows(dialect, "mine", user_id=Uuid, id=Uuid, token=Uuid, attempt=SmallInteger)
    values: dict[str, Any] = {
        "renew": {"lease_until": bindparam("until", type_=UtcDateTime)},
        # The number is bound, not counted up: the same statement sent twice, its first answer lost, charges once.
        "begin": {"attempt": mine.c.attempt + 1, "started_at": _NOW, "state": DeliveryState.SENDING},
        "hand_over": {"state": DeliveryState.HANDING_OVER},
    }[what]
    statement = update(Delivery).values(values).where(*_is_held(mine))
    return statement.returning(Delivery.user_id, Delivery.id), mine


def _is_held(mine: Rows) -> tuple[ColumnElement[bool], ...]:
    """A row has a token as long as it is leased and no longer; to ask for its state as well would mislead planners."""
    return (Delivery.user_id == mine.c.user_id, Delivery.id == mine.c.id, Delivery.lease_token == mine.c.token)


_ENDED: dict[str, Any] = {
    "state": Text,
    "due_at": UtcDateTime,
    "attempt": SmallInteger,
    "provider": Text,
    "provider_ref": Text,
    "reason": Text,
    "last_error": Text,
    "finished_at": UtcDateTime,
}


def _columns(ended: Conclusion) -> tuple[Any, ...]:
    delivery = ended.delivery
    record = msgspec.json.encode(ended.attempts).decode()
    return (
        delivery.user_id,
        delivery.id,
        delivery.lease_token,
        delivery.attempt,
        record,
        *(getattr(ended, name) for name in _ENDED),
    )


@cache
def _finish(dialect: str) -> tuple[Update, Rows]:
    ended = rows(dialect, "ended", user_id=Uuid, id=Uuid, token=Uuid, charged=SmallInteger, attempts=Text, **_ENDED)
    is_withdrawn = and_(Delivery.reason == CANCELLED, ended.c.state == DeliveryState.SCHEDULED)
    cancelled, withdrawn = literal(DeliveryState.CANCELLED, Text), literal(CANCELLED, Text)
    values = {name: ended.c[name] for name in _ENDED} | dict.fromkeys(
        ("lease_token", "lease_until", "started_at"), null()
    )
    instead = {"state": cancelled, "reason": withdrawn, "finished_at": _NOW}
    values |= {name: case((is_withdrawn, value), else_=ended.c[name]) for name, value in instead.items()}
    statement = (
        update(Delivery)
        .values(values | {"attempts": as_json(dialect, ended.c.attempts)})
        .where(*_is_held(ended), Delivery.attempt == ended.c.charged)
        .returning(Delivery.user_id, Delivery.id)
    )
    return statement, ended
