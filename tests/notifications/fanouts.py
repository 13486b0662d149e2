"""Events that a worker writes: crowds to write to, workers that can be killed at named points, and what came of it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, event, func, insert, select

from tests.clock import StoppedClock
from tests.outbox.world import QUICK, Points, until
from tests.world import App, World
from tidings import Tidings
from tidings.accounts.events import UsersCreated
from tidings.accounts.models import User
from tidings.accounts.types import AccessType, AccountState
from tidings.channels.base import Outcome
from tidings.kernel.bindings import bind
from tidings.kernel.events import publish
from tidings.kernel.ids import new_id
from tidings.main.channels import fanout_setup
from tidings.notifications.fanning_out import FanoutSender, Slice, prepare_slice
from tidings.notifications.models import Fanout, Notification
from tidings.notifications.rules import Rules
from tidings.notifications.types import Channel
from tidings.outbox.models import Delivery
from tidings.outbox.types import DeliveryKind
from tidings.outbox.worker import Worker


def crowd(count: int) -> list[str]:
    """Names of that many people."""
    return [f"crowd-{number}" for number in range(count)]


async def make_crowd(world: World, names: list[str], **columns: Any) -> list[UUID]:
    """Active users with these external ids."""
    now = world.clock.now()
    common = {"state": AccountState.ACTIVE, "access_type": AccessType.REGULAR, "created_at": now, "updated_at": now}
    people = [{"id": new_id(), "external_id": name, **common, **columns} for name in names]
    async with world.tidings.database.write() as session:
        await session.execute(insert(User), people)
        await publish(session, UsersCreated(tuple(person["id"] for person in people)))
    return [person["id"] for person in people]


async def look_at(app: App, event_id: str) -> dict[str, Any]:
    """The event as its sender sees it."""
    found = await app.client.get(f"/events/{event_id}")
    assert found.status_code == 200, found.text
    looked_at: dict[str, Any] = found.json()
    return looked_at


async def becomes(app: App, event_id: str, state: str) -> dict[str, Any]:
    """Wait until the event is in this state."""

    async def is_so() -> bool:
        return bool((await look_at(app, event_id))["state"] == state)

    await until(is_so)
    return await look_at(app, event_id)


async def reached(tidings: Tidings, event_id: str) -> dict[str, int]:
    """How many entries of the event each person has, by external id."""
    counted = (
        select(User.external_id, func.count())
        .join_from(Notification, User, User.id == Notification.user_id)
        .where(Notification.event_id == UUID(event_id))
        .group_by(User.external_id)
    )
    async with tidings.database.read() as session:
        return {row[0] or "": row[1] for row in await session.execute(counted)}


async def slices(tidings: Tidings) -> list[Delivery]:
    """The deliveries that stand for slices, in order."""
    of_fanouts = select(Delivery).where(Delivery.kind == DeliveryKind.FANOUT).order_by(Delivery.id)
    async with tidings.database.read() as session:
        return list(await session.scalars(of_fanouts))


async def kept(tidings: Tidings) -> tuple[int, int]:
    """How many fanouts and how many deliveries are stored."""
    async with tidings.database.read() as session:
        return (
            await session.scalar(select(func.count()).select_from(Fanout)) or 0,
            await session.scalar(select(func.count()).select_from(Delivery)) or 0,
        )


async def explained(app: App, event_id: str, user_id: UUID) -> dict[str, Any]:
    """The decision on the inbox of one person."""
    found = await app.client.get(f"/events/{event_id}/explain", params={"user_id": str(user_id)})
    assert found.status_code == 200, found.text
    first: dict[str, Any] = found.json()["decisions"][0]
    return first


class HookedClock(StoppedClock):
    """A clock that says when a transaction asks it for the time."""

    def __init__(self) -> None:
        super().__init__()
        self.on_asked: Callable[[], None] = lambda: None

    def database_now(self, connection: Connection) -> Any:
        self.on_asked()
        return super().database_now(connection)


@dataclass
class Pausing:
    """A sender that stands still at a named point before and after each slice."""

    sender: FanoutSender
    points: Points = field(default_factory=Points)

    def provider(self, message: Slice, /) -> str:
        return self.sender.provider(message)

    async def send(self, message: Slice, /, *, handing_over: Callable[[], Awaitable[None]]) -> Outcome:
        await self.points.at(f"before {message.position}")
        outcome = await self.sender.send(message, handing_over=handing_over)
        await self.points.at(f"after {message.position}")
        return outcome


@asynccontextmanager
async def at_work(tidings: Tidings, sender: Any = None, *, workers: int = 1) -> AsyncIterator[None]:
    """Workers that only write slices, killed at the end."""
    engine = tidings.database.engine.sync_engine
    if tidings.database.is_sqlite and not event.contains(engine, "invalidate", _roll_back):
        event.listen(engine, "invalidate", _roll_back)
    setup = fanout_setup(tidings.database)
    if sender is not None:
        setup = replace(setup, sender=sender)
    running = [
        asyncio.create_task(
            Worker(
                tidings.database,
                tidings.clock,
                channels=[setup],
                prepare={DeliveryKind.FANOUT: prepare_slice},
                limits=QUICK,
            ).run()
        )
        for _ in range(workers)
    ]
    try:
        yield
    finally:
        for each in running:
            each.cancel()
        await asyncio.gather(*running, return_exceptions=True)


def _roll_back(connection: Any, _entry: object, _error: object) -> None:  # Any: whatever the driver calls a connection
    """A worker killed inside UPDATE … RETURNING leaves its statement open, and SQLite's close waits for that one."""
    connection.rollback()


def declare(tidings: Tidings, *, without: str | None = None) -> None:
    """Have the types of this Tidings declared, all but one."""
    types = type(tidings.types)(kind for kind in tidings.types if kind.key != without)
    channels = frozenset({Channel.IN_APP, Channel.EMAIL})
    bind(tidings.database.engine, Rules(types, channels, tidings.clock, tidings.doorbell.ring))
