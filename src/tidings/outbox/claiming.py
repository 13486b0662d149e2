"""Take due deliveries under a lease: each row goes to one worker, however many ask at once.

A lane is one kind on one channel. Every lane has its own room in a claim, so a flood in one cannot starve another, and
a worker asks only for lanes it knows: what a newer release wrote stays where it is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, NamedTuple
from uuid import uuid4

from sqlalchemy import (
    ColumnElement,
    Integer,
    Text,
    Update,
    Uuid,
    and_,
    bindparam,
    func,
    literal_column,
    not_,
    null,
    or_,
    select,
    type_coerce,
    union_all,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from tidings.kernel.db import AnySelect, UtcDateTime
from tidings.outbox.held import HeldDelivery
from tidings.outbox.models import Delivery
from tidings.outbox.types import MAX_PRIORITY

LEASE = timedelta(seconds=60)
MAX_LAPSES = 3
"""So often what a worker held goes back to the queue because the worker went away; then it is taken over by itself."""
MAX_CLAIM = 1_000
"""The most rows one statement takes; as a constant in it, it keeps PostgreSQL from planning a scan of the table."""

# Literals, not parameters: only these let a database see that a partial index covers the question.
_SCHEDULED: ColumnElement[str] = literal_column("'scheduled'")
_LEASED: tuple[ColumnElement[str], ...] = (literal_column("'sending'"), literal_column("'handing_over'"))
_HELD = tuple(getattr(Delivery, name) for name in HeldDelivery.__slots__)
_NOW: Any = bindparam("now", type_=UtcDateTime)  # Any: a parameter stands wherever a time does
_LEASE = {
    "lease_token": bindparam("token", type_=Uuid),
    "lease_until": bindparam("until", type_=UtcDateTime),
}
_NO_LEASE = {"lease_token": null(), "lease_until": null()}


def _goes_back(row: Any) -> ColumnElement[bool]:  # Any: the table or an alias of it
    """Whether a lapsed row goes back to the queue, and not to whoever takes it over."""
    return and_(row.started_at.is_(None), row.lapses < MAX_LAPSES)


class Lane(NamedTuple):
    """One kind on one channel."""

    kind: str
    channel: str


@dataclass(frozen=True, slots=True)
class Outlook:
    """When something is due next in lanes with room, and when the next lease runs out that this worker may take."""

    due_at: datetime | None
    lapse_at: datetime | None


async def claim(
    session: AsyncSession, rooms: Mapping[Lane, int], *, now: datetime, lease: timedelta = LEASE
) -> list[HeldDelivery]:
    """Lease what is due, per lane at most its room: the most urgent first, and the longest due among equals.

    Nothing is charged yet. Rows that another worker is just claiming are passed over, never waited for.
    """
    lanes = tuple(rooms)
    arguments = _lane_arguments(rooms) | {"now": now, "token": uuid4(), "until": now + lease}
    connection = await session.connection()
    claimed = [HeldDelivery(*row) for row in await connection.execute(_claim(lanes), arguments)]
    return sorted(claimed, key=lambda delivery: (-delivery.priority, delivery.due_at))


async def claim_lapsed(
    session: AsyncSession, lanes: Sequence[Lane], *, now: datetime, lease: timedelta = LEASE
) -> HeldDelivery | None:
    """Take over one delivery whose worker went away during an attempt; its state says how far that one came.

    One at a time: whoever sends it alone learns whether it was this delivery that killed its worker. So is one taken
    that was held, not begun, by too many workers that went away: preparing it may be the reason.
    """
    arguments = _lane_arguments(dict.fromkeys(lanes, 1)) | {"now": now, "token": uuid4(), "until": now + lease}
    connection = await session.connection()
    row = (await connection.execute(_claim_lapsed(tuple(lanes)), arguments)).one_or_none()
    return None if row is None else HeldDelivery(*row)


async def put_back_lapsed(session: AsyncSession, *, now: datetime) -> int:
    """Reschedule, uncharged, what a worker that went away held without having begun; returns how many.

    At most MAX_LAPSES times each.
    """
    connection = await session.connection()
    return len((await connection.execute(_put_back(), {"now": now})).all())


async def outlook(session: AsyncSession, rooms: Mapping[Lane, int], *, now: datetime) -> Outlook:
    """What there will be to do: one statement, a few index entries a lane, no lock."""
    connection = await session.connection()
    row = (await connection.execute(_outlook(tuple(rooms)), _lane_arguments(rooms) | {"now": now})).one()
    return Outlook(*row)


def _lane_arguments(rooms: Mapping[Lane, int]) -> dict[str, Any]:
    arguments: dict[str, Any] = {}
    for number, (lane, room) in enumerate(rooms.items()):
        arguments |= {f"kind_{number}": lane.kind, f"channel_{number}": lane.channel, f"room_{number}": room}
    return arguments


def _is_in_lane(row: Any, number: int) -> ColumnElement[bool]:  # Any: the table or an alias of it
    kind: Any = bindparam(f"kind_{number}", type_=Text)
    channel: Any = bindparam(f"channel_{number}", type_=Text)
    return and_(row.kind == kind, row.channel == channel)


def _room(number: int) -> Any:  # Any: a parameter stands wherever a number does
    return bindparam(f"room_{number}", type_=Integer)


@cache
def _claim(lanes: tuple[Lane, ...]) -> Update:
    in_lanes = union_all(*(_due_in_lane(number) for number in range(len(lanes)))).subquery()
    chosen = select(in_lanes.c.user_id, in_lanes.c.id).limit(literal_column(str(MAX_CLAIM))).cte("chosen")
    return (
        update(Delivery)
        .values(state=literal_column("'sending'"), **_LEASE)
        .where(Delivery.user_id == chosen.c.user_id, Delivery.id == chosen.c.id)
        .returning(*_HELD)
    )


def _due_in_lane(number: int) -> AnySelect:
    """The first due rows of a lane: each priority by itself is one walk along the index, the most urgent first.

    The branches are read in order and only as far as needed, so no row is locked that is not taken.
    """
    by_priority = [_due_at_priority(number, priority) for priority in range(MAX_PRIORITY, -1, -1)]
    urgent_first = union_all(*by_priority).subquery()
    first = select(urgent_first.c.user_id, urgent_first.c.id).limit(_room(number)).subquery()
    return select(first.c.user_id, first.c.id)


def _due_at_priority(number: int, priority: int) -> AnySelect:
    row = aliased(Delivery)
    first = (
        select(row.user_id, row.id)
        .where(*_is_scheduled(row, number, priority), row.due_at <= _NOW)
        .order_by(row.due_at)
        .limit(_room(number))
        .with_for_update(skip_locked=True)
        .subquery()
    )
    return select(first.c.user_id, first.c.id)


def _is_scheduled(row: Any, number: int, priority: int) -> tuple[ColumnElement[bool], ...]:  # Any: an alias
    is_at_priority: ColumnElement[bool] = row.priority == literal_column(str(priority))
    return (row.state == _SCHEDULED, _is_in_lane(row, number), is_at_priority)


@cache
def _claim_lapsed(lanes: tuple[Lane, ...]) -> Update:
    row = aliased(Delivery)
    known = or_(*(_is_in_lane(row, number) for number in range(len(lanes))))
    first = (
        select(row.user_id, row.id)
        .where(row.state.in_(_LEASED), not_(_goes_back(row)), row.lease_until <= _NOW, known)
        .order_by(row.lease_until)
        .limit(literal_column("1"))
        .with_for_update(skip_locked=True)
        .cte("chosen")
    )
    return (
        update(Delivery)
        .values(**_LEASE)
        .where(Delivery.user_id == first.c.user_id, Delivery.id == first.c.id)
        .returning(*_HELD)
    )


@cache
def _put_back() -> Update:
    row = aliased(Delivery)
    lapsed = (
        select(row.user_id, row.id)
        .where(row.state.in_(_LEASED), _goes_back(row), row.lease_until <= _NOW)
        .order_by(row.lease_until)
        .limit(literal_column(str(MAX_CLAIM)))
        .with_for_update(skip_locked=True)
        .cte("chosen")
    )
    return (
        update(Delivery)
        .values(state=_SCHEDULED, lapses=Delivery.lapses + 1, **_NO_LEASE)
        .where(Delivery.user_id == lapsed.c.user_id, Delivery.id == lapsed.c.id)
        .returning(Delivery.id)  # counted: SQLite's driver counts nothing that begins with WITH
    )


@cache
def _outlook(lanes: tuple[Lane, ...]) -> AnySelect:
    numbers = range(len(lanes))
    first_due = union_all(
        *(_first_due(number, priority) for number in numbers for priority in range(MAX_PRIORITY + 1))
    ).subquery()
    due_at = select(func.min(first_due.c.due_at)).scalar_subquery()
    known = or_(*(_is_in_lane(Delivery, number) for number in numbers))
    lapse_at = (
        select(func.min(Delivery.lease_until))
        .where(Delivery.state.in_(_LEASED), or_(_goes_back(Delivery), known))
        .scalar_subquery()
    )
    return select(type_coerce(due_at, UtcDateTime), type_coerce(lapse_at, UtcDateTime))


def _first_due(number: int, priority: int) -> AnySelect:
    row = aliased(Delivery)
    first = (
        select(row.due_at)
        .where(*_is_scheduled(row, number, priority), _room(number) > 0)
        .order_by(row.due_at)
        .limit(literal_column("1"))
        .subquery()
    )
    return select(first.c.due_at)
