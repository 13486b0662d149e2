"""Where streams get heads and changes: few statements for many streams, and patience when the database fails."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

import structlog

from tidings.kernel.clock import Clock
from tidings.realtime import frames
from tidings.realtime.frames import Frame
from tidings.realtime.limits import Limits
from tidings.realtime.ports import Change, Head, Position, ReadChanges, ReadHeads, ResetReason

Answer = TypeVar("Answer")
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Batch:
    """Changes as frames, each with the counters after it; streams at one position share it."""

    frames: tuple[Frame, ...]
    counters: tuple[int, int] | None
    position: Position
    has_more: bool
    reset: ResetReason | None


class Source:
    """The ports of the hub, asked sparingly.

    Heads asked for at the same time share one statement, reads of one user at one position share one answer, and
    only a few reads run at once.
    """

    def __init__(
        self,
        *,
        heads: ReadHeads,
        read: ReadChanges,
        cursor: Callable[[Position], str],
        clock: Clock,
        limits: Limits,
    ) -> None:
        self._heads = heads
        self._read = read
        self._cursor = cursor
        self._clock = clock
        self._read_limit = limits.read_limit
        self._parallel_reads = limits.parallel_reads
        self._turns = asyncio.Semaphore(limits.parallel_reads)
        self._max_backoff_s = limits.max_backoff_s
        self._asking: dict[UUID, asyncio.Future[Head | None]] = {}
        self._answering: asyncio.Task[None] | None = None
        self._waiting_reads: dict[tuple[UUID, Position], asyncio.Task[Batch]] = {}
        self._reads: set[asyncio.Task[Batch]] = set()

    def start(self) -> None:
        """Belong to the loop that runs now: an app may be started in one loop after another."""
        self._turns = asyncio.Semaphore(self._parallel_reads)

    async def head(self, user_id: UUID) -> Head | None:
        """The head of this user as of now or later; None when the user is gone."""
        waiting = self._asking.get(user_id)
        if waiting is None:
            waiting = self._asking[user_id] = asyncio.get_running_loop().create_future()
        if self._answering is None:
            self._answering = asyncio.create_task(self._answer())
        return await asyncio.shield(waiting)

    async def heads(self, user_ids: tuple[UUID, ...]) -> Mapping[UUID, Head]:
        """The heads of these users as of now or later, in one statement."""
        return await self._insist(lambda: self._heads(user_ids))

    async def changes(self, user_id: UUID, since: Position) -> Batch:
        """What follows `since` as of now or later, encoded once for every stream of the user that stands there."""
        place = (user_id, since)
        reading = self._waiting_reads.get(place)
        if reading is None:
            reading = self._waiting_reads[place] = asyncio.create_task(self._read_batch(user_id, since))
            self._reads.add(reading)
            reading.add_done_callback(self._reads.discard)
        return await asyncio.shield(reading)

    def frame(self, change: Change) -> Frame:
        """A change as the message that shows it."""
        return frames.changed(
            type=change.kind,
            event=change.event,
            data=change.data,
            cursor=self._cursor(change.position),
            unread=change.unread,
            unseen=change.unseen,
            now=self._clock.now(),
        )

    def connected(self, position: Position, head: Head, heartbeat_s: float) -> Frame:
        """The first message of a stream that starts from `position`."""
        return frames.connected(
            cursor=self._cursor(position),
            unread=head.unread,
            unseen=head.unseen,
            heartbeat_s=heartbeat_s,
            now=self._clock.now(),
        )

    def ping(self, position: Position, unread: int) -> Frame:
        """A heartbeat for a stream that stands at `position`."""
        return frames.ping(cursor=self._cursor(position), unread=unread, now=self._clock.now())

    def reset(self, reason: ResetReason) -> Frame:
        """The message that tells a device to read everything afresh."""
        return frames.reset(reason, now=self._clock.now())

    async def stop(self) -> None:
        """Ask nothing more."""
        tasks = [*self._reads, *([self._answering] if self._answering else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for waiting in self._asking.values():
            waiting.cancel()
        self._asking.clear()
        self._waiting_reads.clear()

    async def _answer(self) -> None:
        try:
            while self._asking:
                # Whoever asks from here on must not get what this statement sees, but what the next one does.
                asked, self._asking = self._asking, {}
                try:
                    found = await self.heads(tuple(asked))
                except asyncio.CancelledError:
                    for waiting in asked.values():
                        waiting.cancel()
                    raise
                for user_id, waiting in asked.items():
                    waiting.set_result(found.get(user_id))
        finally:
            self._answering = None

    async def _read_batch(self, user_id: UUID, since: Position) -> Batch:
        async with self._turns:
            del self._waiting_reads[user_id, since]  # who asks later may know of more than this statement sees
            changes = await self._insist(lambda: self._read(user_id, since, self._read_limit))
        return Batch(
            frames=tuple(self.frame(change) for change in changes.changes),
            counters=(changes.changes[-1].unread, changes.changes[-1].unseen) if changes.changes else None,
            position=changes.position,
            has_more=changes.has_more,
            reset=changes.reset,
        )

    async def _insist(self, ask: Callable[[], Awaitable[Answer]]) -> Answer:
        delay_s = min(0.1, self._max_backoff_s)
        while True:
            try:
                return await ask()
            except Exception as error:  # noqa: BLE001 - a port fails in as many ways as its database; streams outlive it
                _log.warning("stream_read_failed", error=str(error) or type(error).__name__)
            await asyncio.sleep(delay_s * random.uniform(0.5, 1))  # noqa: S311 - spreads retries, guards nothing
            delay_s = min(delay_s * 2, self._max_backoff_s)
