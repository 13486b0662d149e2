"""A small outbox: a clock that stands still, a provider that does as it is told, and workers that can be killed."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from tests.clock import StoppedClock
from tidings.channels.base import Outcome, Sent, Skip
from tidings.kernel.db import Database
from tidings.outbox.backoff import Backoff
from tidings.outbox.gates import BreakerLimits
from tidings.outbox.held import HeldDelivery
from tidings.outbox.models import Delivery
from tidings.outbox.ports import ChannelSetup
from tidings.outbox.types import LEASED, DeliveryState
from tidings.outbox.worker import Worker, WorkerLimits
from tidings.outbox.writing import NewDelivery, enqueue

ADA = UUID("01980000-0000-7000-8000-00000000ada0")
GRACE = UUID("01980000-0000-7000-8000-00000009ace0")
PATIENCE_S = 60
QUICK = WorkerLimits(
    shortest_pause_s=0.001,
    first_pause_s=0.002,
    longest_pause_s=0.02,
    renew_s=3_600,
    breaker=BreakerLimits(failures=2),
)


async def until(condition: Callable[[], Any]) -> None:
    """Wait for the condition, which may be a coroutine function; a test whose condition never comes fails."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            met = condition()
            if await met if isinstance(met, Awaitable) else met:
                return
            await asyncio.sleep(0.002)


@dataclass
class Points:
    """Named points of a delivery's way, at which it stands still while the name is among `stops`."""

    stops: set[str] = field(default_factory=set)
    reached: Counter[str] = field(default_factory=Counter)

    def is_reached(self, name: str, count: int = 1) -> Callable[[], bool]:
        """A condition to wait for."""
        return lambda: self.reached[name] >= count

    async def at(self, name: str) -> None:
        self.reached[name] += 1
        while name in self.stops:
            await asyncio.sleep(0.002)


@dataclass
class Provider:
    """A Sender that writes down what it took. `answers` says what it answers; absent, it takes everything."""

    points: Points = field(default_factory=Points)
    taken: list[UUID] = field(default_factory=list)
    answers: Callable[[HeldDelivery], Outcome] | None = None
    name: str = "provider"
    uses_hand_over: bool = True

    def has_taken(self, count: int) -> Callable[[], bool]:
        """A condition to wait for."""
        return lambda: len(self.taken) >= count

    def provider(self, _message: HeldDelivery) -> str:
        return self.name

    async def send(self, message: HeldDelivery, *, handing_over: Callable[[], Awaitable[None]]) -> Outcome:
        await self.points.at("before hand-over")
        if self.uses_hand_over:
            await handing_over()
        await self.points.at("after hand-over")
        self.taken.append(message.id)
        return Sent("ref") if self.answers is None else self.answers(message)


@dataclass
class Post:
    """An outbox with one channel, `email`, and one provider behind it."""

    database: Database
    clock: StoppedClock
    points: Points = field(default_factory=Points)
    heard: list[tuple[UUID, Outcome]] = field(default_factory=list)
    skips: dict[UUID, Skip] = field(default_factory=dict)
    running: list[tuple[Worker, asyncio.Task[None]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.provider = Provider(self.points)

    async def put(self, *deliveries: NewDelivery) -> None:
        """Enqueue in one transaction."""
        async with self.database.write() as session:
            await (await session.connection()).run_sync(enqueue, deliveries)

    def new(self, **columns: Any) -> NewDelivery:
        """A delivery to Ada that is due now."""
        now = self.clock.now()
        columns = {
            "user_id": ADA,
            "kind": "notification",
            "channel": "email",
            "key": uuid4().hex,
            "due_at": now,
            "created_at": now,
            **columns,
        }
        return NewDelivery(**columns)

    async def one(self, **columns: Any) -> NewDelivery:
        """Enqueue one delivery."""
        delivery = self.new(**columns)
        await self.put(delivery)
        return delivery

    async def row(self, delivery: NewDelivery) -> Delivery:
        """The delivery as it is stored now."""
        async with self.database.read() as session:
            return (await session.scalars(select(Delivery).where(Delivery.id == delivery.id))).one()

    async def state(self, delivery: NewDelivery) -> DeliveryState:
        return (await self.row(delivery)).state

    async def becomes(self, delivery: NewDelivery, state: DeliveryState) -> Delivery:
        """Wait until the delivery is in this state."""

        async def is_there() -> bool:
            return await self.state(delivery) is state

        await until(is_there)
        return await self.row(delivery)

    async def states(self) -> Counter[DeliveryState]:
        """How many deliveries stand in each state."""
        async with self.database.read() as session:
            counted = await session.execute(select(Delivery.state, func.count()).group_by(Delivery.state))
            return Counter({row[0]: row[1] for row in counted})

    def worker(self, **options: Any) -> Worker:
        """A worker on this outbox that is not running yet."""
        setup: dict[str, Any] = {
            "name": "email",
            "sender": self.provider,
            "kinds": frozenset({"notification", "account"}),
            "backoff": Backoff(base=timedelta(seconds=2), cap=timedelta(hours=1), max_attempts=3),
            **options.pop("setup", {}),
        }
        options = {"on_finished": self.hear, "limits": QUICK, **options}
        prepare = dict.fromkeys(("notification", "account"), options.pop("prepare", self.prepare))
        return Worker(self.database, self.clock, channels=[ChannelSetup(**setup)], prepare=prepare, **options)

    def start(self, **options: Any) -> Worker:
        """Run a worker until the test ends."""
        worker = self.worker(**options)
        self.running.append((worker, asyncio.create_task(worker.run())))
        return worker

    async def kill(self, worker: Worker | None = None) -> None:
        """End a worker, or all, without any farewell."""
        doomed = [pair for pair in self.running if worker in {None, pair[0]}]
        for pair in doomed:
            self.running.remove(pair)
            pair[1].cancel()
        await asyncio.gather(*(task for _, task in doomed), return_exceptions=True)

    async def later(self, **by: float) -> None:
        """Let time pass, less than a lease takes, once nothing is under way; then ring."""

        async def is_quiet() -> bool:
            return not (await self.states()).keys() & LEASED

        await until(is_quiet)
        self.clock.advance(**by)
        for worker, _ in self.running:
            worker.due()

    async def all_end(self, **step: float) -> None:
        """Let time pass, step by step, until nothing is left to do."""

        async def is_over() -> bool:
            await self.later(**step)
            return not (await self.states()).keys() & {DeliveryState.SCHEDULED, *LEASED}

        await until(is_over)

    async def prepare(self, _session: AsyncSession, delivery: HeldDelivery, _now: datetime) -> HeldDelivery | Skip:
        await self.points.at("claimed")
        return self.skips.get(delivery.id, delivery)

    async def hear(self, _session: AsyncSession, delivery: HeldDelivery, outcome: Outcome, *, now: datetime) -> None:
        await self.points.at("before commit")
        self.heard.append((delivery.id, outcome))
