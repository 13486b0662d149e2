"""The hub: the open streams of this process, kept in step with the database.

The database is the truth; a ring only says where to look. A stream is registered before its position is read, so no
ring can fall between, and every position is compared with the table again within 45 seconds.
"""

import asyncio
import contextlib
import random
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Sequence
from uuid import UUID

import structlog

from tidings.kernel.clock import Clock
from tidings.realtime import frames
from tidings.realtime.client import read_client_frame
from tidings.realtime.doorbell import Chime, Doorbell, Ring, SignalsPosted
from tidings.realtime.feed import Feed
from tidings.realtime.frames import Frame
from tidings.realtime.healing import Healer, ReadSignals
from tidings.realtime.limits import Limits
from tidings.realtime.pacer import Pacer
from tidings.realtime.ports import (
    Connection,
    ConnectionLost,
    Head,
    Position,
    ReadChanges,
    ReadHeads,
    ResetReason,
    Subscriber,
)
from tidings.realtime.source import Source
from tidings.realtime.stream import Stream, UserGone
from tidings.realtime.types import CloseCode, CloseSignal, CustomSignal, Signal

FLUSH_SLICE = 500  # streams served before other work of the loop gets its turn
MARK_KEPT_S = 60.0
DRAIN_SLICES = 20
LAST_WORDS_S = 2.0
_log = structlog.get_logger(__name__)


class Hub:
    """Open streams by user. `presence` hears how many a user has, whenever that changes."""

    def __init__(
        self,
        *,
        heads: ReadHeads,
        read: ReadChanges,
        signals: ReadSignals,
        cursor: Callable[[Position], str],
        parse_cursor: Callable[[str], Position | None],
        doorbell: Doorbell,
        clock: Clock,
        presence: Callable[[UUID, int], None] = lambda _user_id, _connections: None,
        limits: Limits | None = None,
    ) -> None:
        self.limits = limits or Limits()
        self.heartbeat_s = self.limits.heartbeat_s
        self.max_gap = self.limits.max_gap
        self.sending: dict[Stream, float] = {}
        self.source = Source(heads=heads, read=read, cursor=cursor, clock=clock, limits=self.limits)
        self._parse_cursor = parse_cursor
        self._signals = signals
        self._doorbell = doorbell
        self._clock = clock
        self._presence = presence
        self._pacer = Pacer(self.limits, clock, sending=self.sending, beat=self._beat, end=self.close)
        self._healer = Healer(
            self.limits,
            self.source,
            signals,
            connected=lambda: tuple(self._streams),
            learn=self._learn,
            obey=self._obey,
        )
        self._streams: dict[UUID, list[Stream]] = {}  # of a user, the oldest first; their feed is one
        self._dirty: dict[Stream, None] = {}
        self._flushing = False
        self._closes: deque[tuple[int, float, CloseSignal]] = deque()
        self._closes_obeyed = 0
        self._closing: set[asyncio.Task[None]] = set()
        self._pumps: set[asyncio.Task[None]] = set()
        self._tasks: list[asyncio.Task[None]] = []
        self._draining = False

    # --- life ---------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Hear the doorbell and keep time. Signals posted before this are not ours."""
        await self._doorbell.start(self.hear)
        await self._signals.skip_present()
        self._tasks = [
            asyncio.create_task(_for_ever(self._pacer.run)),
            asyncio.create_task(_for_ever(self._healer.step)),
        ]

    async def drain(self) -> None:
        """Say goodbye to every stream, in slices, and close it; takes at most `drain_s`. New ones are turned away."""
        self._draining = True
        streams = [stream for of_user in self._streams.values() for stream in of_user]
        size = max(100, -(-len(streams) // DRAIN_SLICES))
        for start in range(0, len(streams), size):
            if start:
                await asyncio.sleep(self.limits.drain_s / 2 / DRAIN_SLICES)
            for stream in streams[start : start + size]:
                self._dismiss(stream, came_with=len(streams))
        if self._closing:
            await asyncio.wait(self._closing, timeout=self.limits.drain_s / 2)

    async def stop(self) -> None:
        """Drain, then leave no task behind."""
        await self.drain()
        await self._doorbell.stop()
        tasks = [*self._tasks, *self._closing, *self._pumps]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.source.stop()

    # --- streams ------------------------------------------------------------------------------------------

    def mark(self) -> int:
        """Take this before checking a credential and give it to the Subscriber: what ends in between is noticed."""
        return self._closes_obeyed

    def open(self, connection: Connection, subscriber: Subscriber) -> Stream:
        """Serve a connection from here on. The oldest of a user's streams makes room for the twenty-first."""
        of_user = self._streams.setdefault(subscriber.user_id, [])
        feed = of_user[0].feed if of_user else Feed(subscriber.user_id)
        stream = Stream(self, feed, connection, subscriber)
        of_user.append(stream)
        self._pacer.add(stream)
        self._touch(stream)
        if self._draining:
            self._dismiss(stream, came_with=1)
            return stream
        if len(of_user) > self.limits.max_connections:
            self.close(of_user[0], CloseCode.REPLACED, "replaced by a newer connection")
        self._presence(subscriber.user_id, len(of_user))
        for number, _, signal in list(self._closes):
            if number > subscriber.mark:
                self._close_matching([stream], signal)
        self._healer.somebody_came()
        return stream

    def leave(self, stream: Stream) -> bool:
        """Let go of a stream whose other side is gone; False when that was done before."""
        if not stream.is_open:
            return False
        stream.is_open = False
        of_user = self._streams[stream.subscriber.user_id]
        of_user.remove(stream)
        if not of_user:
            del self._streams[stream.subscriber.user_id]
        self._pacer.remove(stream)
        self._dirty.pop(stream, None)
        if stream.pump is not None:
            stream.pump.cancel()
        self._presence(stream.subscriber.user_id, len(of_user))
        return True

    def close(self, stream: Stream, code: int, reason: str, *, last: Frame | None = None) -> None:
        """End a stream, with one last message if given; repeating it does nothing."""
        if self.leave(stream):
            _keep(self._closing, asyncio.create_task(_close(stream.connection, code, reason, last)))

    def heard(self, stream: Stream) -> None:
        """The other side gave a sign of life."""
        stream.heard_at = asyncio.get_running_loop().time()

    async def receive(self, stream: Stream, text: str | bytes) -> None:
        """Act on what a client sent; what is not understood is only a sign of life."""
        self.heard(stream)
        frame = read_client_frame(text)
        if not stream.is_open:
            return
        if frame.type == "resume" and frame.since is not None:
            # A cursor that cannot be read was not made here: the device knows nothing that counts.
            stream.resume(self._parse_cursor(frame.since) or ResetReason.EPOCH_CHANGED)
            self._touch(stream)
        elif frame.type == "auth" and frame.token is not None:
            expires_at = await stream.subscriber.renew(frame.token)
            if expires_at is not None and stream.is_open:
                self._pacer.renew(stream, expires_at)

    # --- what happened ------------------------------------------------------------------------------------

    def hear(self, chimes: Sequence[Chime]) -> None:
        """Act on the doorbell."""
        for chime in chimes:
            if isinstance(chime, Ring):
                self._hear_ring(chime)
            elif isinstance(chime, SignalsPosted):
                self._healer.signals_were_posted()
            else:
                self._healer.signals_were_posted()
                self._healer.heads_may_have_moved()

    def _hear_ring(self, ring: Ring) -> None:
        user_ids = self._streams if ring.user_id is None else (ring.user_id,)
        for user_id in user_ids:
            of_user = self._streams.get(user_id)
            if of_user:
                of_user[0].feed.hear(ring)
                self._touch(*of_user)

    def _learn(self, user_id: UUID, head: Head | None) -> None:
        of_user = list(self._streams.get(user_id, ()))
        for stream in of_user:
            if head is None:
                self._end_gone(stream)
            elif stream is of_user[0]:
                stream.feed.learn(head)
        self._touch(*(stream for stream in of_user if stream.is_behind))

    def _obey(self, signal: Signal) -> None:
        if isinstance(signal, CloseSignal):
            now = asyncio.get_running_loop().time()
            self._closes_obeyed += 1
            self._closes.append((self._closes_obeyed, now, signal))
            while self._closes[0][1] < now - MARK_KEPT_S:
                self._closes.popleft()
            self._close_matching(list(self._streams.get(signal.user_id, ())), signal)
        else:
            self._send_custom(signal)

    def _close_matching(self, streams: Iterable[Stream], signal: CloseSignal) -> None:
        for stream in streams:
            same_user = stream.subscriber.user_id == signal.user_id
            if same_user and signal.session_id in {None, stream.subscriber.session_id}:
                self.close(stream, signal.code, signal.reason)

    def _send_custom(self, signal: CustomSignal) -> None:
        frame = frames.custom(signal.data, now=self._clock.now())
        user_ids = list(self._streams) if signal.user_id is None else [signal.user_id]
        for user_id in user_ids:
            for stream in list(self._streams.get(user_id, ())):
                self._add(stream, frame)

    def _beat(self, stream: Stream) -> None:
        if stream.is_current:
            self._add(stream, self.source.ping(stream.position, stream.feed.unread))

    def _add(self, stream: Stream, frame: Frame) -> None:
        if stream.add(frame):
            self._touch(stream)
        else:
            self.close(stream, CloseCode.TOO_SLOW, "too slow")

    def _dismiss(self, stream: Stream, *, came_with: int) -> None:
        # The more go at once, the longer the time over which they come back.
        spread_ms = max(1_000, 2 * came_with)
        retry_ms = random.randint(500, 500 + spread_ms)  # noqa: S311 - spreads reconnects, guards nothing
        self.close(stream, CloseCode.DRAIN, "server is stopping", last=frames.goodbye(retry_ms))

    def _end_gone(self, stream: Stream) -> None:
        self.close(stream, CloseCode.REVOKED, "no such user")

    # --- sending ------------------------------------------------------------------------------------------

    def _touch(self, *streams: Stream) -> None:
        """Bring these streams up to date in this turn of the loop; what is rung together is sent together."""
        for stream in streams:
            stream.dirty = True
            self._dirty[stream] = None
        if self._dirty and not self._flushing:
            self._flushing = True
            asyncio.get_running_loop().call_soon(self._flush)

    def _flush(self) -> None:
        for _ in range(min(FLUSH_SLICE, len(self._dirty))):
            stream = next(iter(self._dirty))
            del self._dirty[stream]
            if stream.pump is None:  # a pump sees for itself that its stream is dirty
                self._bring_up_to_date(stream)
        self._flushing = bool(self._dirty)
        if self._flushing:
            asyncio.get_running_loop().call_soon(self._flush)

    def _bring_up_to_date(self, stream: Stream) -> None:
        try:
            if stream.send_now():
                self._settle(stream)
            else:
                stream.pump = asyncio.create_task(self._pump(stream))
                _keep(self._pumps, stream.pump)
        except Exception:
            self._fail(stream)

    async def _pump(self, stream: Stream) -> None:
        try:
            await stream.catch_up()
        except ConnectionLost:
            stream.pump = None
            self.leave(stream)
        except UserGone:
            stream.pump = None
            self._end_gone(stream)
        except Exception:
            stream.pump = None
            self._fail(stream)
        else:
            stream.pump = None
            self._settle(stream)

    def _fail(self, stream: Stream) -> None:
        """A fault of ours must not leave a stream that looks alive and is not: the device comes back."""
        _log.exception("stream_failed")
        self.close(stream, CloseCode.INTERNAL_ERROR, "internal error")

    def _settle(self, stream: Stream) -> None:
        of_user = self._streams.get(stream.subscriber.user_id, ())
        if stream.feed.has_recent and all(each.is_current for each in of_user):
            stream.feed.forget_recent()


async def _close(connection: Connection, code: int, reason: str, last: Frame | None) -> None:
    if last is not None and not connection.send_now([last]):
        with contextlib.suppress(ConnectionLost, TimeoutError):
            async with asyncio.timeout(LAST_WORDS_S):
                await connection.send([last])
    await connection.close(code, reason)


def _keep(tasks: set[asyncio.Task[None]], task: asyncio.Task[None]) -> None:
    tasks.add(task)  # the loop itself holds tasks weakly
    task.add_done_callback(tasks.discard)


async def _for_ever(step: Callable[[], Awaitable[None]]) -> None:
    while True:
        try:
            await step()
        except Exception:  # whatever it was, streams need heartbeats and healing
            _log.exception("stream_upkeep_failed")
            await asyncio.sleep(1)
