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
from tidings.realtime.doorbell import Chime, Ring, SignalsPosted, Wake
from tidings.realtime.feed import Feed
from tidings.realtime.frames import Frame
from tidings.realtime.healing import Healer, ReadSignals
from tidings.realtime.herald import Herald
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
from tidings.realtime.sender import Sender
from tidings.realtime.source import Source
from tidings.realtime.stream import Stream
from tidings.realtime.types import CloseCode, CloseSignal, Signal

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
        self._clock = clock
        self._presence = presence
        self._pacer = Pacer(self.limits, clock, sending=self.sending, beat=self._beat, end=self.close)
        self._sender = Sender(end=self.close, lost=self.leave, siblings=self._siblings)
        self._herald = Herald(streams=self._streams_of, otherwise=self._add)
        self._healer = Healer(
            self.limits,
            self.source,
            signals,
            connected=lambda: tuple(self._streams),
            learn=self._learn,
            obey=self._obey,
        )
        self._streams: dict[UUID, list[Stream]] = {}  # of a user, the oldest first; their feed is one
        self._closes: deque[tuple[int, float, CloseSignal]] = deque()
        self._closes_obeyed = 0
        self._closing: set[asyncio.Task[None]] = set()
        self._tasks: list[asyncio.Task[None]] = []
        self._draining = False

    # --- life ---------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Keep time; a stopped hub may start again. Signals posted before this are not ours.

        Whoever starts it lets it `hear` the doorbell from before this on, so that nothing falls between.
        """
        self._draining = False
        self.source.start()
        self._healer.start()
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
        tasks = [*self._tasks, *self._closing]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._herald.stop()
        await self._sender.stop()
        await self.source.stop()

    # --- streams ------------------------------------------------------------------------------------------

    def mark(self) -> int:
        """Take this before checking a credential and give it to the Subscriber: what ends in between is noticed."""
        return self._closes_obeyed

    def count(self, user_id: UUID) -> int:
        """How many streams of this user are open here."""
        return len(self._streams.get(user_id, ()))

    def open(self, connection: Connection, subscriber: Subscriber) -> Stream:
        """Serve a connection from here on. The oldest of a user's streams makes room for the twenty-first."""
        of_user = self._streams.setdefault(subscriber.user_id, [])
        feed = of_user[0].feed if of_user else Feed(subscriber.user_id)
        stream = Stream(self, feed, connection, subscriber)
        of_user.append(stream)
        self._pacer.add(stream)
        self._sender.touch(stream)
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
        self._sender.forget(stream)
        self._presence(stream.subscriber.user_id, len(of_user))
        return True

    def close(self, stream: Stream, code: int, reason: str, *, last: Frame | None = None) -> None:
        """End a stream, with one last message if given; repeating it does nothing."""
        if self.leave(stream):
            closing = asyncio.create_task(_close(stream.connection, code, reason, last))
            self._closing.add(closing)  # the loop itself holds tasks weakly
            closing.add_done_callback(self._closing.discard)

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
            self._sender.touch(stream)
        elif frame.type == "auth" and frame.token is not None:
            expires_at = await stream.subscriber.renew(frame.token)
            if expires_at is not None and stream.is_open:
                self._pacer.renew(stream, expires_at)

    # --- what happened ------------------------------------------------------------------------------------

    def hear(self, chimes: Sequence[Chime]) -> None:
        """Act on what the doorbell tells of streams."""
        for chime in chimes:
            if isinstance(chime, Ring):
                self._hear_ring(chime)
            elif isinstance(chime, SignalsPosted):
                self._healer.signals_were_posted()
            elif isinstance(chime, Wake):
                self._healer.something_may_have_happened()

    def _hear_ring(self, ring: Ring) -> None:
        user_ids = self._streams if ring.user_id is None else (ring.user_id,)
        for user_id in user_ids:
            of_user = self._streams.get(user_id)
            if of_user:
                of_user[0].feed.hear(ring)
                for stream in of_user:
                    self._sender.touch(stream)

    def _learn(self, user_id: UUID, head: Head | None) -> None:
        of_user = list(self._streams.get(user_id, ()))
        if head is not None and of_user:
            of_user[0].feed.learn(head)
        for stream in of_user:
            if head is None:
                self._end_gone(stream)
            elif stream.is_behind:
                self._sender.touch(stream)

    def _obey(self, signal: Signal) -> None:
        if isinstance(signal, CloseSignal):
            now = asyncio.get_running_loop().time()
            self._closes_obeyed += 1
            self._closes.append((self._closes_obeyed, now, signal))
            while self._closes[0][1] < now - MARK_KEPT_S:
                self._closes.popleft()
            self._close_matching(list(self._streams.get(signal.user_id, ())), signal)
        else:
            self._herald.say(frames.custom(signal.data, now=self._clock.now()), signal.user_id)

    def _close_matching(self, streams: Iterable[Stream], signal: CloseSignal) -> None:
        for stream in streams:
            subscriber = stream.subscriber
            is_meant = signal.session_ids is None or subscriber.session_id in signal.session_ids
            if subscriber.user_id == signal.user_id and is_meant:
                self.close(stream, signal.code, signal.reason)

    def _beat(self, stream: Stream) -> None:
        if stream.is_current:
            self._add(stream, self.source.ping(stream.position, stream.feed.unread))

    def _add(self, stream: Stream, frame: Frame) -> None:
        if stream.add(frame):
            self._sender.touch(stream)
        else:
            self.close(stream, CloseCode.TOO_SLOW, "too slow")

    def _dismiss(self, stream: Stream, *, came_with: int) -> None:
        # The more go at once, the longer the time over which they come back.
        spread_ms = max(1_000, 2 * came_with)
        retry_ms = random.randint(500, 500 + spread_ms)  # noqa: S311 - spreads reconnects, guards nothing
        self.close(stream, CloseCode.DRAIN, "server is stopping", last=frames.goodbye(retry_ms))

    def _end_gone(self, stream: Stream) -> None:
        self.close(stream, CloseCode.REVOKED, "no such user")

    def _siblings(self, stream: Stream) -> Sequence[Stream]:
        return self._streams.get(stream.subscriber.user_id, ())

    def _streams_of(self, user_id: UUID | None) -> Iterable[Stream]:
        if user_id is not None:
            return self._streams.get(user_id, ())
        return (stream for of_user in self._streams.values() for stream in of_user)


async def _close(connection: Connection, code: int, reason: str, last: Frame | None) -> None:
    if last is not None and not connection.send_now([last]):
        with contextlib.suppress(ConnectionLost, TimeoutError):
            async with asyncio.timeout(LAST_WORDS_S):
                await connection.send([last])
    await connection.close(code, reason)


async def _for_ever(step: Callable[[], Awaitable[None]]) -> None:
    while True:
        try:
            await step()
        except Exception:  # noqa: BLE001 - logged; whatever it was, streams need heartbeats and healing
            _log.exception("stream_upkeep_failed")
            await asyncio.sleep(1)
