"""The worker: claim what is due, look again whether it may go, charge the attempt, send, record.

Any number of workers share a database. One that dies costs the others a lease's time, and its deliveries nothing
worse than what `Sender` and `may_repeat` say.
"""

import asyncio
import contextlib
import random
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import structlog

from tidings.kernel.clock import Clock
from tidings.kernel.db import Database
from tidings.outbox.claiming import Lane, Outlook, claim, claim_lapsed, outlook, put_back_lapsed
from tidings.outbox.gates import BreakerLimits
from tidings.outbox.held import Work
from tidings.outbox.journal import Journal, database_now
from tidings.outbox.lanes import Lanes
from tidings.outbox.ports import ChannelSetup, Feedback, LeaseLost, Prepare
from tidings.outbox.recording import keep_attempts
from tidings.outbox.sending import Draining, Sending

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerLimits:
    """The numbers of a worker, times in seconds; tests shorten them."""

    lease_s: float = 60.0
    renew_s: float = 20.0
    shortest_pause_s: float = 0.05
    """The least that lies between two looks at the queue while nothing more is known to wait."""
    first_pause_s: float = 1.0
    longest_pause_s: float = 30.0
    """Without a doorbell the queue is looked at as often as this: the pause doubles while nothing is found."""
    drain_s: float = 25.0
    release_s: float = 4.5
    """How long giving back what is left may take after that; with it a drain fits into the usual grace of 30 s."""
    group: int = 50
    """How many messages are prepared with one session, one after another."""
    parallel_groups: int = 4
    breaker: BreakerLimits = field(default_factory=BreakerLimits)


class Worker:
    """Sends what is due on its channels. `due()` is the doorbell; `drain()` ends it gently."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        *,
        channels: Sequence[ChannelSetup],
        prepare: Mapping[str, Prepare],
        on_finished: Feedback | None = None,
        limits: WorkerLimits | None = None,
        draw: random.Random | None = None,
    ) -> None:
        self._database = database
        self._clock = clock
        self._limits = limits or WorkerLimits()
        self._lease = timedelta(seconds=self._limits.lease_s)
        self._draw = (draw or random.Random()).random  # noqa: S311 - it spreads retries; nothing secret hangs on it
        self._setups = {setup.name: setup for setup in channels}
        self._lanes = Lanes(
            {Lane(kind, each.name): each.concurrency for each in channels for kind in sorted(each.kinds & set(prepare))}
        )
        self._journal = Journal(database, clock, on_finished, lease=self._lease)
        self._sending = Sending(
            database,
            clock,
            self._journal,
            setups=self._setups,
            prepare=dict(prepare),
            breaker=self._limits.breaker,
            draw=self._draw,
        )
        self._held: set[Work] = set()
        self._in_flight = dict.fromkeys(self._setups, 0)
        self._flights: set[asyncio.Task[None]] = set()
        self._dispatching: set[str] = set()
        self._preparing = asyncio.Semaphore(self._limits.parallel_groups)
        self._backlogged: set[Lane] = set()
        self._has_lapsed = False
        self._idle_s = self._limits.first_pause_s
        self._wake = asyncio.Event()
        self._room = asyncio.Event()
        self._ended = asyncio.Event()
        self._ended.set()

    def due(self) -> None:
        """Something may be due: look soon. It neither waits nor raises."""
        self._idle_s = self._limits.first_pause_s
        self._wake.set()

    async def run(self) -> None:
        """Work until `drain()`. Being cancelled is a crash: nothing is given back, the leases run out."""
        self._ended.clear()
        background = [asyncio.create_task(self._journal.run()), asyncio.create_task(self._renew_leases())]
        try:
            await self._claim_until_drained()
            await self._finish_and_release()
        finally:
            self._sending.is_draining = True  # nothing new takes off
            tasks = [*background, *self._flights]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            self._ended.set()

    async def drain(self) -> None:
        """Claim nothing more, finish what is being sent, at most `drain_s`, and give back the rest uncharged."""
        self._sending.is_draining = True
        self._wake.set()
        await self._ended.wait()

    # Claiming.

    async def _claim_until_drained(self) -> None:
        failures = 0
        while not self._sending.is_draining:
            self._wake.clear()
            looked_at = asyncio.get_running_loop().time()
            try:
                pause = await self._look()
                failures = 0
            except Exception as error:  # noqa: BLE001 - the database is away, or worse: the worker goes on trying
                pause = min(self._limits.first_pause_s * 2**failures, self._limits.longest_pause_s) * self._draw()
                failures = min(failures + 1, 10)
                _log.warning("claim_failed", error=f"{type(error).__name__}: {error}")
            await self._rest(looked_at, pause)

    async def _look(self) -> float:
        """Claim what there is room for; returns how long nothing will be due, as far as one can tell."""
        rooms = self._lanes.rooms()
        if not rooms:
            return self._limits.longest_pause_s
        self._backlogged |= {lane for lane, room in rooms.items() if not room}  # nobody asks what they have waiting
        if self._has_room_for_more():
            return await self._claim(rooms)
        async with self._database.read() as session:
            now = await database_now(session, self._clock)
            ahead = await outlook(session, rooms, now=now)
        if ahead.lapse_at is not None and ahead.lapse_at <= now:
            await self._take_lapsed()
        if ahead.due_at is not None and ahead.due_at <= now:
            return await self._claim(rooms)
        return self._pause(ahead, now)

    def _has_room_for_more(self) -> bool:
        """Whether a lane that may have more waiting, for all that was last seen of it, has room again."""
        rooms = self._lanes.rooms()
        return any(rooms[lane] for lane in self._backlogged)

    def _pause(self, ahead: Outlook, now: datetime) -> float:
        pause = self._idle_s
        self._idle_s = min(self._idle_s * 2, self._limits.longest_pause_s)
        if ahead.due_at is not None:
            pause = min(pause, (ahead.due_at - now).total_seconds())
        if ahead.lapse_at is not None and not self._has_lapsed:
            pause = min(pause, (ahead.lapse_at - now).total_seconds())
        return pause

    async def _claim(self, rooms: Mapping[Lane, int]) -> float:
        async with self._database.write() as session:
            now = await database_now(session, self._clock)
            claimed = await claim(session, rooms, now=now, lease=self._lease)
        counts = dict.fromkeys(rooms, 0)
        for delivery in claimed:
            counts[Lane(delivery.kind, delivery.channel)] += 1
            work = Work(delivery)
            self._held.add(work)
            self._lanes.put(work)
        asked = {lane for lane, room in rooms.items() if room}
        self._backlogged = self._backlogged - asked | {lane for lane in asked if counts[lane] >= rooms[lane]}
        for channel in {delivery.channel for delivery in claimed}:
            self._dispatch_soon(channel)
        self._idle_s = self._limits.first_pause_s
        return 0.0

    async def _take_lapsed(self) -> None:
        """Recover what workers that went away have left: what they had not begun at once, the rest one by one.

        A worker that was late itself renews first what nobody has taken from it yet.
        """
        await self._renew()
        work = None
        async with self._database.write() as session:
            now = await database_now(session, self._clock)
            await put_back_lapsed(session, now=now)
            if not self._has_lapsed:
                known = tuple(self._lanes.rooms())
                lapsed = await claim_lapsed(session, known, now=now, lease=self._lease)
                if lapsed is not None:
                    work = Work(lapsed if lapsed.started_at is None else lapsed.interrupted())
                    await keep_attempts(session, work.delivery)
        if work is not None:
            self._has_lapsed = True
            self._held.add(work)
            self._in_flight[work.delivery.channel] += 1
            self._fly(self._take_over(work))

    async def _rest(self, looked_at: float, pause: float) -> None:
        """Wait for the doorbell or the pause, and never look too often unless more is known to wait."""
        if pause > 0:
            await _wait(self._wake, pause)
        self._room.clear()
        if not self._has_room_for_more():
            since = asyncio.get_running_loop().time() - looked_at
            await _wait(self._room, self._limits.shortest_pause_s - since)

    async def _renew_leases(self) -> None:
        while True:
            await asyncio.sleep(self._limits.renew_s)
            await self._renew()

    async def _renew(self) -> None:
        held = list(self._held)
        kept = await asyncio.gather(*(self._journal.renew(work.delivery) for work in held))
        lost = {work for work, is_kept in zip(held, kept, strict=True) if not is_kept} & self._held
        if lost:
            _log.warning("leases_lost", count=len(lost))

    # Sending.

    def _dispatch_soon(self, channel: str) -> None:
        """Dispatch once everything that is ready to run now has run: what ends together then starts together."""
        if channel not in self._dispatching and not self._sending.is_draining:
            self._dispatching.add(channel)
            asyncio.get_running_loop().call_soon(self._dispatch, channel)

    def _dispatch(self, channel: str) -> None:
        self._dispatching.discard(channel)
        while (free := self._setups[channel].concurrency - self._in_flight[channel]) > 0:
            taken = [] if self._sending.is_draining else self._lanes.take(channel, min(free, self._limits.group))
            if not taken:
                break
            self._in_flight[channel] += len(taken)
            self._fly(self._send_group(taken))
        if self._has_room_for_more():
            self._room.set()
            self._wake.set()

    def _fly(self, flight: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(flight)
        self._flights.add(task)
        task.add_done_callback(self._flights.discard)

    async def _take_over(self, work: Work) -> None:
        """Go on where another worker went away, one delivery at a time: should it be the reason, it is known."""
        try:
            await self._carry(work, partial(self._sending.take_over, work))
        finally:
            self._has_lapsed = False
            self._wake.set()

    async def _send_group(self, group: Sequence[Work]) -> None:
        """Prepare some deliveries with one session, then send them all at once."""
        async with self._preparing:
            prepared = await self._sending.prepare(group)
        ready = zip(group, prepared, strict=True)
        await asyncio.gather(*(self._carry(work, partial(self._sending.attempt, work, each)) for work, each in ready))

    async def _carry(self, work: Work, attempt: Callable[[], Awaitable[None]]) -> None:
        """Attempt it and let go of it; what is cancelled, or not begun when the worker drains, stays held."""
        try:
            await attempt()
        except Draining:
            return
        except LeaseLost:
            _log.warning("lease_lost", delivery=str(work.delivery.id))
        except Exception:  # noqa: BLE001 - it must not end the worker; the lease runs out, and the delivery is taken over
            _log.exception("delivery_failed", delivery=str(work.delivery.id))
        self._held.discard(work)
        self._in_flight[work.delivery.channel] -= 1
        self._dispatch_soon(work.delivery.channel)

    # Ending.

    async def _finish_and_release(self) -> None:
        if self._flights:
            await asyncio.wait(self._flights, timeout=self._limits.drain_s)
        flights = list(self._flights)
        for flight in flights:
            flight.cancel()
        await asyncio.gather(*flights, return_exceptions=True)
        with contextlib.suppress(TimeoutError):  # the database is away: then the leases run out
            async with asyncio.timeout(self._limits.release_s):
                await asyncio.gather(*map(self._sending.release, list(self._held)))


async def _wait(event: asyncio.Event, seconds: float) -> None:
    """Until the event is set, at most so long."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
