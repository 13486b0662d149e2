"""The one place a worker writes from: everything that waits to be written shares the next commit.

While one commit is under way the next batch gathers, so the busier the worker, the larger the batches. One writer also
means that two statements of this worker never lock the same rows in a different order.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum

import structlog
from sqlalchemy import delete, false
from sqlalchemy.ext.asyncio import AsyncSession

from tidings.kernel.clock import Clock
from tidings.kernel.db import Database
from tidings.outbox.claiming import LEASE
from tidings.outbox.concluding import Conclusion
from tidings.outbox.held import HeldDelivery
from tidings.outbox.models import Delivery
from tidings.outbox.ports import Feedback
from tidings.outbox.recording import begin_attempts, finish, hand_over, renew
from tidings.outbox.types import DeliveryId

_log = structlog.get_logger(__name__)
MAX_BATCH = 1_000
_LONGEST_PAUSE_S = 5.0
_NOTHING = delete(Delivery).where(false())
"""A write without an effect: a database that only reads refuses even that."""

Conclude = Callable[[datetime], Conclusion]


class _What(IntEnum):
    RENEW = 0
    BEGIN = 1
    HAND_OVER = 2
    FINISH = 3


@dataclass(slots=True, eq=False)
class _Entry:
    what: _What
    delivery: HeldDelivery
    conclude: Conclude | None = None
    written: asyncio.Future[bool] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


async def database_now(session: AsyncSession, clock: Clock) -> datetime:
    """The present by the clock that all nodes share."""
    return await (await session.connection()).run_sync(clock.database_now)


class Journal:
    """Writes for one worker. Each method returns, once that is durable, whether the delivery was still the worker's.

    While the database is away they wait; `run()` must be running.
    """

    def __init__(
        self, database: Database, clock: Clock, on_finished: Feedback | None, *, lease: timedelta = LEASE
    ) -> None:
        self._database = database
        self._clock = clock
        self._on_finished = on_finished
        self._lease = lease
        self._waiting: list[_Entry] = []
        self._something = asyncio.Event()

    async def begin(self, delivery: HeldDelivery) -> bool:
        """Charge the attempt that now begins."""
        return await self._write(_Entry(_What.BEGIN, delivery))

    async def hand_over(self, delivery: HeldDelivery) -> bool:
        """Note that the point of no return comes next."""
        return await self._write(_Entry(_What.HAND_OVER, delivery))

    async def finish(self, delivery: HeldDelivery, conclude: Conclude) -> bool:
        """Record what became of it; `conclude` is given the time of the record."""
        return await self._write(_Entry(_What.FINISH, delivery, conclude))

    async def renew(self, delivery: HeldDelivery) -> bool:
        """Extend its lease."""
        return await self._write(_Entry(_What.RENEW, delivery))

    async def run(self) -> None:
        """Write what is asked for, until cancelled."""
        while True:
            await self._something.wait()
            batch = self._take_batch()
            if not self._waiting:
                self._something.clear()
            await self._write_all(batch)

    def _take_batch(self) -> list[_Entry]:
        """What comes next, each step of a delivery once: answers name deliveries, and one may be held under two claims.

        A worker that was late and has claimed a delivery anew still holds it under its old, lapsed claim. Written
        together, the row of the new claim would speak for the old one too.
        """
        batch: dict[tuple[_What, DeliveryId], _Entry] = {}
        later: list[_Entry] = []
        for entry in self._waiting:
            step = (entry.what, entry.delivery.identity)
            if len(batch) < MAX_BATCH and step not in batch:
                batch[step] = entry
            else:
                later.append(entry)
        self._waiting = later
        return list(batch.values())

    async def _write(self, entry: _Entry) -> bool:
        self._waiting.append(entry)
        self._something.set()
        return await entry.written

    async def _write_all(self, batch: Sequence[_Entry]) -> None:
        """The batch in one commit; if that fails although the database is there, each entry in its own."""
        if await self._try(batch):
            return
        await self._until_the_database_takes_writes()
        if await self._try(batch):
            return
        for entry in batch:
            if not await self._try([entry]) and not await self._try([entry], feedback=False):
                _log.error("delivery_not_recorded", delivery=str(entry.delivery.id), what=entry.what.name)
                _answer([entry], set())

    async def _try(self, batch: Sequence[_Entry], *, feedback: bool = True) -> bool:
        try:
            async with self._database.write() as session:
                mine = await self._store(session, batch, feedback=feedback)
        except Exception as error:  # noqa: BLE001 - the database, or somebody's feedback; tried again by the caller
            _log.warning("journal_failed", entries=len(batch), error=f"{type(error).__name__}: {error}")
            return False
        for what, deliveries in mine.items():
            _answer([entry for entry in batch if entry.what is what], deliveries)
        return True

    async def _store(
        self, session: AsyncSession, batch: Sequence[_Entry], *, feedback: bool
    ) -> dict[_What, set[DeliveryId]]:
        now = await database_now(session, self._clock)
        mine: dict[_What, set[DeliveryId]] = {}
        for what in sorted({entry.what for entry in batch}):
            held = [entry.delivery for entry in batch if entry.what is what]
            if what is _What.RENEW:
                mine[what] = await renew(session, held, now=now, lease=self._lease)
            elif what is _What.BEGIN:
                mine[what] = await begin_attempts(session, held, now=now)
            elif what is _What.HAND_OVER:
                mine[what] = await hand_over(session, held)
            else:
                ends = [entry.conclude(now) for entry in batch if entry.conclude is not None]
                mine[what] = await finish(session, ends)
                if feedback:
                    await self._tell(session, ends, mine[what], now=now)
        return mine

    async def _tell(
        self, session: AsyncSession, ends: Sequence[Conclusion], mine: set[DeliveryId], *, now: datetime
    ) -> None:
        if self._on_finished is None:
            return
        for end in ends:
            if end.outcome is not None and end.finished_at is not None and end.delivery.identity in mine:
                await self._on_finished(session, end.delivery, end.outcome, now=now)

    async def _until_the_database_takes_writes(self) -> None:
        pause = 0.05
        while True:
            try:
                async with self._database.write() as session:
                    await session.execute(_NOTHING)
            except Exception as error:  # noqa: BLE001 - whatever it is, there is no database to write to
                _log.warning("database_away", error=f"{type(error).__name__}: {error}")
                await asyncio.sleep(pause)
                pause = min(pause * 2, _LONGEST_PAUSE_S)
            else:
                return


def _answer(entries: Sequence[_Entry], mine: set[DeliveryId]) -> None:
    for entry in entries:
        if not entry.written.done():  # done: whoever asked was cancelled
            entry.written.set_result(entry.delivery.identity in mine)
