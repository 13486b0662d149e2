"""Put deliveries into the outbox and take them out again, in the caller's transaction."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import (
    Boolean,
    ColumnElement,
    Connection,
    SmallInteger,
    Text,
    Uuid,
    and_,
    delete,
    literal_column,
    null,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from tidings.kernel.db import Rows, UtcDateTime, as_json, rows
from tidings.kernel.ids import new_id
from tidings.outbox.errors import DeliveryNotCancellable, DeliveryNotFound, DeliveryNotRetryable
from tidings.outbox.models import Delivery
from tidings.outbox.types import CANCELLED, LEASED, RETRYABLE, DeliveryState


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDelivery:
    """What is to be sent. `key` says what it is, so that it exists once for its user."""

    user_id: UUID
    kind: str
    channel: str
    key: str
    due_at: datetime
    created_at: datetime
    priority: int = 1
    event_id: UUID | None = None
    notification_id: UUID | None = None
    address_id: UUID | None = None
    destination: str | None = None
    language: str | None = None
    payload: dict[str, Any] = field(default_factory=dict)
    expires_at: datetime | None = None
    may_repeat: bool = True
    id: UUID = field(default_factory=new_id)


_COLUMNS: dict[str, Any] = {
    "user_id": Uuid,
    "id": Uuid,
    "kind": Text,
    "channel": Text,
    "key": Text,
    "event_id": Uuid,
    "notification_id": Uuid,
    "address_id": Uuid,
    "destination": Text,
    "language": Text,
    "payload": Text,
    "priority": SmallInteger,
    "due_at": UtcDateTime,
    "expires_at": UtcDateTime,
    "may_repeat": Boolean,
    "created_at": UtcDateTime,
}


def enqueue(connection: Connection, deliveries: Collection[NewDelivery]) -> int:
    """Write these deliveries in one statement; one whose key its user already has is left out. Returns how many.

    Ring the doorbell after the commit, so that a worker looks at once.
    """
    if not deliveries:
        return 0
    statement, new = _insertion(connection.dialect.name)
    # Sorted, so that two transactions that write the same keys wait for each other in the same order.
    ordered = sorted(deliveries, key=lambda each: (each.user_id, each.key))
    return connection.execute(statement, new.bind(map(_values, ordered))).rowcount


def _values(delivery: NewDelivery) -> list[Any]:
    values = {name: getattr(delivery, name) for name in _COLUMNS}
    return [*(values | {"payload": msgspec.json.encode(delivery.payload).decode()}).values()]


@cache
def _insertion(dialect: str) -> tuple[Any, Rows]:  # Any: each dialect has an Insert of its own
    new = rows(dialect, "new", **_COLUMNS)
    columns = {name: new.c[name] for name in _COLUMNS}
    columns["payload"] = as_json(dialect, new.c.payload)
    columns |= {
        "state": literal_column("'scheduled'"),
        "attempt": literal_column("0"),
        "attempts": literal_column("'[]'"),
    }
    # The condition is always true; without one SQLite reads ON CONFLICT as part of the join (sqlite.org/lang_upsert).
    source = select(*columns.values()).where(new.c.id.is_not(None))
    insert = sqlite.insert if dialect == "sqlite" else postgresql.insert
    statement = insert(Delivery).from_select([*columns], source)
    return statement.on_conflict_do_nothing(index_elements=["user_id", "key"]), new


_WAITS = or_(
    Delivery.state == DeliveryState.SCHEDULED,
    and_(Delivery.state == DeliveryState.SENDING, Delivery.started_at.is_(None)),
)
"""Scheduled, or held by a worker that has not begun: its lease is void once the row changes."""
_IS_BEGUN = and_(Delivery.state.in_(LEASED), Delivery.started_at.is_not(None))
_NO_LEASE: dict[str, Any] = {"lease_token": null(), "lease_until": null()}


def cancel(connection: Connection, of: ColumnElement[bool], *, now: datetime) -> int:
    """Cancel whatever waits among these deliveries (a condition on `Delivery`); returns how many.

    What a worker has begun to send is not stopped, but marked: should it come back to the queue, it is cancelled then.
    """
    values = {"state": DeliveryState.CANCELLED, "reason": CANCELLED, "finished_at": now, **_NO_LEASE}
    changed = _change(connection, and_(of, _WAITS), values)
    _change(connection, and_(of, _IS_BEGUN), {"reason": CANCELLED})
    return changed


def shift(connection: Connection, of: ColumnElement[bool], *, due_at: datetime) -> int:
    """Let whatever waits among these deliveries be due at another time; returns how many."""
    return _change(connection, and_(of, _WAITS), {"state": DeliveryState.SCHEDULED, "due_at": due_at, **_NO_LEASE})


def _change(connection: Connection, of: ColumnElement[bool], values: Mapping[str, Any]) -> int:
    if connection.dialect.name == "sqlite":
        return connection.execute(update(Delivery).where(of).values(values)).rowcount
    # In the order of the key, so that two of these never hold what the other waits for.
    ordered = select(Delivery.user_id, Delivery.id).where(of).order_by(Delivery.user_id, Delivery.id)
    chosen = ordered.with_for_update().cte("chosen")
    is_chosen = and_(Delivery.user_id == chosen.c.user_id, Delivery.id == chosen.c.id)
    return connection.execute(update(Delivery).where(is_chosen).values(values)).rowcount


def of_event(event_id: UUID, user_id: UUID | None = None) -> ColumnElement[bool]:
    """The deliveries of an event, of one user only if given."""
    is_of_event = Delivery.event_id == event_id
    return is_of_event if user_id is None else and_(is_of_event, Delivery.user_id == user_id)


def with_id(delivery_id: UUID) -> ColumnElement[bool]:
    """The delivery with this id, for whoever does not know its user: every state is named to find it by an index."""
    return and_(Delivery.state.in_(DeliveryState), Delivery.id == delivery_id)


def of_keys(user_id: UUID, keys: Sequence[str]) -> ColumnElement[bool]:
    """The deliveries a user has under these keys."""
    return and_(Delivery.user_id == user_id, Delivery.key.in_(keys))


async def cancel_one(session: AsyncSession, delivery_id: UUID, *, now: datetime) -> Delivery:
    """Cancel a delivery that waits; repeating it changes nothing.

    Raises DeliveryNotFound, and DeliveryNotCancellable once it is being sent or has ended otherwise.
    """
    connection = await session.connection()
    await connection.run_sync(cancel, with_id(delivery_id), now=now)
    delivery = await _get(session, delivery_id)
    if delivery.state is not DeliveryState.CANCELLED:
        raise DeliveryNotCancellable()
    return delivery


async def retry(session: AsyncSession, delivery_id: UUID, *, now: datetime) -> Delivery:
    """Send a delivery again that ended without being sent, with all its attempts before it; its record is kept.

    Raises DeliveryNotFound and DeliveryNotRetryable.
    """
    again = (
        update(Delivery)
        .where(with_id(delivery_id), Delivery.state.in_(RETRYABLE))
        .values(state=DeliveryState.SCHEDULED, due_at=now, attempt=0, reason=None, last_error=None, finished_at=None)
    )
    connection = await session.connection()
    changed = (await connection.execute(again)).rowcount
    delivery = await _get(session, delivery_id)
    if not changed:
        raise DeliveryNotRetryable()
    return delivery


async def forget_user(session: AsyncSession, user_id: UUID) -> None:
    """Remove every delivery of a user; what is being sent at this moment is sent and leaves no record."""
    await (await session.connection()).execute(delete(Delivery).where(Delivery.user_id == user_id))


async def _get(session: AsyncSession, delivery_id: UUID) -> Delivery:
    found = select(Delivery).where(with_id(delivery_id)).execution_options(populate_existing=True)
    delivery = (await session.scalars(found)).one_or_none()
    if delivery is None:
        raise DeliveryNotFound()
    return delivery
