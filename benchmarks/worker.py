"""One outbox worker with a channel that takes everything at once: `python -m benchmarks.worker` reads an Outbox as
JSON, empties what is due for some seconds, and prints how far it came as JSON.
"""

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
from datetime import datetime
from uuid import UUID, uuid4

import msgspec
import uvloop
from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from benchmarks.loops import Came
from tidings.channels.base import Outcome, Sent
from tidings.kernel.clock import SystemClock
from tidings.kernel.db import Database, open_database
from tidings.outbox.held import HeldDelivery
from tidings.outbox.models import Delivery
from tidings.outbox.ports import ChannelSetup
from tidings.outbox.types import DeliveryState
from tidings.outbox.worker import Worker
from tidings.outbox.writing import NewDelivery, enqueue

CHANNEL, KIND = "nowhere", "bench"
_AT_ONCE = 5_000
_LOOK_EVERY_S = 0.01


class Outbox(msgspec.Struct, kw_only=True):
    """How many deliveries stand in the outbox, and how long they are worked on."""

    url: str
    deliveries: int
    seconds: float
    concurrency: int = 500


class Nowhere:
    """A channel that takes every message and only counts it."""

    def __init__(self) -> None:
        self.taken = 0

    def provider(self, message: object, /) -> str:
        """Everything goes to one provider."""
        return CHANNEL

    async def send(self, message: object, /, *, handing_over: Callable[[], Awaitable[None]]) -> Outcome:
        """Take it."""
        self.taken += 1
        return Sent()


async def prepare(session: AsyncSession, delivery: HeldDelivery, now: datetime, /) -> HeldDelivery:
    """Nothing is looked up: what is measured is the outbox."""
    return delivery


async def run(outbox: Outbox) -> Came:
    """Fill the outbox, work on it, and count what is finished."""
    database, clock = open_database(outbox.url), SystemClock()
    await _fill(database, outbox.deliveries, clock.now())
    nowhere = Nowhere()
    setup = ChannelSetup(name=CHANNEL, sender=nowhere, kinds=frozenset({KIND}), concurrency=outbox.concurrency)
    worker = Worker(database, clock, channels=[setup], prepare={KIND: prepare})
    working = asyncio.create_task(worker.run())
    began = time.perf_counter()
    finished = 0
    while finished < outbox.deliveries and time.perf_counter() - began < outbox.seconds:
        await asyncio.sleep(_LOOK_EVERY_S)
        if nowhere.taken == outbox.deliveries:  # only then: counting rows takes time from the worker
            finished = await _finished(database)
    finished = finished or await _finished(database)
    seconds = time.perf_counter() - began
    await worker.drain()
    await working
    await database.engine.dispose()
    return Came(count=finished, seconds=seconds)


async def _fill(database: Database, count: int, now: datetime) -> None:
    async with database.write() as session:
        await session.execute(delete(Delivery))
    for start in range(0, count, _AT_ONCE):
        deliveries = [_new(now) for _ in range(min(_AT_ONCE, count - start))]
        async with database.write() as session:
            await (await session.connection()).run_sync(enqueue, deliveries)


def _new(now: datetime) -> NewDelivery:
    user_id: UUID = uuid4()
    return NewDelivery(
        user_id=user_id, kind=KIND, channel=CHANNEL, key=str(user_id), destination="x", due_at=now, created_at=now
    )


async def _finished(database: Database) -> int:
    async with database.read() as session:
        sent = select(func.count()).where(Delivery.state == DeliveryState.SENT)
        return await session.scalar(sent) or 0


if __name__ == "__main__":
    came = uvloop.run(run(msgspec.json.decode(sys.stdin.buffer.read(), type=Outbox)))
    sys.stdout.buffer.write(msgspec.json.encode(came))
