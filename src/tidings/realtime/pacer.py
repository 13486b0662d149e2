"""Time for all streams in one task: heartbeats in turn, missing answers, expired credentials, stalled sends."""

import asyncio
import math
from collections.abc import Callable
from datetime import datetime

from tidings.kernel.clock import Clock
from tidings.realtime.limits import Limits
from tidings.realtime.stream import Stream
from tidings.realtime.types import CloseCode


class Pacer:
    """A wheel of slots, one tick each, that turns once per heartbeat; ten thousand idle streams cost no timer."""

    def __init__(
        self,
        limits: Limits,
        clock: Clock,
        *,
        sending: dict[Stream, float],
        beat: Callable[[Stream], None],
        end: Callable[[Stream, int, str], None],
    ) -> None:
        self._limits = limits
        self._clock = clock
        self._sending = sending
        self._beat = beat
        self._end = end
        count = max(1, math.ceil(limits.heartbeat_s / limits.tick_s))
        self._slots: list[dict[Stream, None]] = [{} for _ in range(count)]
        self._came = 0
        self._hand = 0
        # By whole second, so that a stream that ends early leaves nothing behind.
        self._expiring: dict[int, dict[Stream, None]] = {}

    def add(self, stream: Stream) -> None:
        """Watch over a stream. It first beats after half a turn to a whole one: who comes at once is spread."""
        self._came = (self._came + 1) % (len(self._slots) // 2 + 1)
        stream.slot = (self._hand - self._came) % len(self._slots)
        self._slots[stream.slot][stream] = None
        stream.heard_at = asyncio.get_running_loop().time()
        self._expire(stream)

    def remove(self, stream: Stream) -> None:
        """Let go of a stream."""
        self._slots[stream.slot].pop(stream, None)
        self._forget_expiry(stream)

    def renew(self, stream: Stream, expires_at: datetime) -> None:
        """The stream may stay until then."""
        self._forget_expiry(stream)
        stream.expires_at = expires_at
        self._expire(stream)

    async def run(self) -> None:
        """Turn the wheel until cancelled."""
        while True:
            await asyncio.sleep(self._limits.tick_s)
            self.tick()

    def tick(self) -> None:
        """Do what is due."""
        now = asyncio.get_running_loop().time()
        for stream in [stream for stream, since in self._sending.items() if now - since > self._limits.stall_s]:
            self._end(stream, CloseCode.TOO_SLOW, "too slow")
        self._end_expired(self._clock.now())
        self._hand = (self._hand + 1) % len(self._slots)
        for stream in list(self._slots[self._hand]):
            if stream.connection.answers and now - stream.heard_at > 2 * self._limits.heartbeat_s:
                self._end(stream, CloseCode.NO_PONG, "no answer")
            else:
                self._beat(stream)

    def _end_expired(self, now: datetime) -> None:
        for second in [second for second in self._expiring if second <= now.timestamp()]:
            for stream in list(self._expiring[second]):
                if stream.expires_at is not None and stream.expires_at <= now:
                    self._end(stream, CloseCode.EXPIRED, "credential expired")

    def _expire(self, stream: Stream) -> None:
        if stream.expires_at is not None:
            self._expiring.setdefault(int(stream.expires_at.timestamp()), {})[stream] = None

    def _forget_expiry(self, stream: Stream) -> None:
        if stream.expires_at is not None:
            second = int(stream.expires_at.timestamp())
            same_second = self._expiring.get(second, {})
            same_second.pop(stream, None)
            if not same_second:
                self._expiring.pop(second, None)
