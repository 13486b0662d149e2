"""The one place a worker writes from: everything that waits to be written shares the next commit.

While one commit is under way the next batch gathers, so the busier the worker, the larger the batches. What was done is
written down however long that takes; only what can never be written is given up. What needs a row that somebody else
holds is set aside and tried again by itself, so that nothing else waits for it.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from tidings.kernel.clock import Clock
from tidings.kernel.db import Database
from tidings.outbox.claiming import LEASE
from tidings.outbox.concluding import Conclusion
from tidings.outbox.faults import Fault, FeedbackFailed, fault_of
from tidings.outbox.held import HeldDelivery
from tidings.outbox.locks import held_elsewhere, wait_briefly
from tidings.outbox.ports import Feedback
from tidings.outbox.recording import begin_attempts, finish, hand_over, renew
from tidings.outbox.types import DeliveryId

_log = structlog.get_logger(__name__)
MAX_BATCH = 1_000
_FIRST_PAUSE_S = 0.05
_LONGEST_PAUSE_S = 5.0
_LONGEST_ASIDE_S = 1.0
_FEEDBACK_TRIES = 10
"""So often what was set aside is tried with its feedback, before it is tried without."""

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
    tries: int = 0
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
        self._aside: list[_Entry] = []
        self._something_aside = asyncio.Event()

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
        """Extend its lease. A row that somebody holds cannot be taken over: it counts as the worker's, and waits."""
        return await self._write(_Entry(_What.RENEW, delivery))

    async def run(self) -> None:
        """Write what is asked for, until cancelled."""
        async with asyncio.TaskGroup() as writers:
            writers.create_task(self._write_what_waits())
            writers.create_task(self._write_what_was_set_aside())

    async def _write_what_waits(self) -> None:
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
        """The batch in one commit; if that fails although the database is there, without whatever is the reason."""
        error = await self._try(batch)
        if error is not None and fault_of(error) is Fault.DATABASE:
            await self._until_the_database_takes_writes(batch)
            error = await self._try(batch)
        if error is not None:
            await self._write_apart(batch)

    async def _write_apart(self, batch: Sequence[_Entry]) -> None:
        """All but those whose rows somebody holds; if it is not that, each alone, to find out which it is."""
        held = await self._held_elsewhere(batch)
        free = [entry for entry in batch if entry.delivery.identity not in held]
        for entry in batch:
            if entry.delivery.identity in held:
                self._set_aside(entry, Fault.LOCK)
        if held and await self._try(free) is None:
            return
        for number, entry in enumerate(free, start=1):
            if await self._write_alone(entry) is Fault.DATABASE:
                self._waiting[:0] = free[number:]
                self._something.set()
                return

    async def _write_what_was_set_aside(self) -> None:
        pause = _FIRST_PAUSE_S
        while True:
            await self._something_aside.wait()
            self._something_aside.clear()
            await asyncio.sleep(pause)
            entries, self._aside = self._aside, []
            for entry in entries:
                await self._write_alone(entry)
            pause = min(pause * 2, _LONGEST_ASIDE_S) if self._aside else _FIRST_PAUSE_S

    async def _write_alone(self, entry: _Entry) -> Fault | None:
        """One entry in its own commit: what cannot be written now is set aside, what never can be is given up."""
        error = await self._try([entry])
        if error is not None and (fault_of(error) is Fault.DATA or entry.tries >= _FEEDBACK_TRIES):
            error = await self._try([entry], feedback=False)
        if error is None:
            return None
        fault = fault_of(error)
        if fault is Fault.DATA:
            _log.error("delivery_not_recorded", delivery=str(entry.delivery.id), what=entry.what.name)
            _answer([entry], set())
        else:
            self._set_aside(entry, fault)
        return fault

    def _set_aside(self, entry: _Entry, fault: Fault) -> None:
        if entry.what is _What.RENEW and fault is Fault.LOCK:
            _answer([entry], {entry.delivery.identity})
        entry.tries += 1
        self._aside.append(entry)
        self._something_aside.set()

    async def _held_elsewhere(self, batch: Sequence[_Entry]) -> set[DeliveryId]:
        try:
            async with self._database.write() as session:
                return await held_elsewhere(session, {entry.delivery.identity for entry in batch})
        except Exception as error:  # noqa: BLE001 - the database went away: each entry will find that out
            _log.warning("journal_failed", entries=len(batch), error=_words(error))
            return set()

    async def _try(self, batch: Sequence[_Entry], *, feedback: bool = True) -> Exception | None:
        try:
            async with self._database.write() as session:
                await wait_briefly(session)
                mine = await self._store(session, batch, feedback=feedback)
        except Exception as error:  # noqa: BLE001 - the database, or somebody's feedback; the caller knows what is next
            _log.warning("journal_failed", entries=len(batch), error=_words(error))
            return error
        for what, deliveries in mine.items():
            _answer([entry for entry in batch if entry.what is what], deliveries)
        return None

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
                mine[what] = await finish(session, ends, now=now)
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
                try:
                    await self._on_finished(session, end.delivery, end.outcome, now=now)
                except SQLAlchemyError:
                    raise
                except Exception as error:
                    raise FeedbackFailed(_words(error)) from error

    async def _until_the_database_takes_writes(self, batch: Sequence[_Entry]) -> None:
        """Until leases can be renewed: a write that has an effect, for a full disk bears one without."""
        renewals = [_Entry(_What.RENEW, entry.delivery) for entry in batch]
        pause = _FIRST_PAUSE_S
        while (error := await self._try(renewals)) is not None and fault_of(error) is Fault.DATABASE:
            _log.warning("database_away", error=_words(error))
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE_S)


def _answer(entries: Sequence[_Entry], mine: set[DeliveryId]) -> None:
    for entry in entries:
        if not entry.written.done():  # done: whoever asked was cancelled
            entry.written.set_result(entry.delivery.identity in mine)


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
