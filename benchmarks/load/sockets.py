"""Many WebSockets, and what they hear.

`python -m benchmarks.load.sockets` reads a Crowd as JSON and prints Heard as JSON.
"""

import asyncio
import contextlib
import itertools
import re
import sys
import time
from collections.abc import Set

import msgspec
import uvloop

from benchmarks.load.connections import Kept, Listener, handshake
from benchmarks.load.http import Load, request_maker
from benchmarks.load.processes import cpu_s, memory_kib

PATIENCE_S = 120.0
_OPENING = 64
_LAST_FRAMES_S = 5.0
_QUIET_S, _QUIET_SHARE = 1.0, 0.05
_NUMBER = re.compile(rb"Number (\d{12})")


class Crowd(msgspec.Struct, kw_only=True):
    """Who connects to which path of a server, and what happens then.

    `trigger` makes the server send one frame to everybody: `messages` times in turn, `burst` of them together.
    `paced` is sent `per_second` times a second instead, and each call's number is looked for in the frames.
    """

    port: int
    pid: int
    path: str
    tokens: list[str]
    greeting: int = 0
    """Frames everybody gets before anything happens."""
    trigger: Load | None = None
    messages: int = 0
    burst: int = 1
    paced: Load | None = None
    per_second: int = 0
    seconds: float = 0.0


class Heard(msgspec.Struct, kw_only=True):
    """What came of it. Times in seconds of the server's processor, latencies in milliseconds."""

    sockets: int
    memory_before_kib: int
    memory_after_kib: int
    triggers_s: float = 0.0
    """What the triggers alone cost the server, with nobody there."""
    fan_out_s: float = 0.0
    """What the same triggers cost with everybody there."""
    wall_s: list[float] = []
    """From the first frame to the last, for each message or burst."""
    latencies_ms: list[float] = []
    """From sending a call to receiving its frame."""
    sent: int = 0


class Hall:
    """Everybody who listens, and what they have heard together."""

    def __init__(self, crowd: Crowd) -> None:
        self.crowd = crowd
        self.frames = 0
        self.first_at = 0.0
        self.arrived: dict[bytes, float] = {}
        self._awaited = 0
        self._numbers: set[bytes] = set()
        self._all = asyncio.Event()
        self._keep: list[Listener] = []

    def heard(self, count: int, received: bytes) -> None:
        """Some frames arrived at one of the sockets."""
        now = time.perf_counter()
        if not self.first_at:
            self.first_at = now
        self.frames += count
        if self.crowd.paced is not None:
            for number in _NUMBER.findall(received):
                self.arrived.setdefault(number, now)
        if self._numbers <= self.arrived.keys() if self._numbers else self.frames >= self._awaited:
            self._all.set()

    def expect(self, frames: int) -> None:
        """From here on wait for so many more."""
        self._awaited, self.first_at = self.frames + frames, 0.0
        self._all.clear()
        if not frames:
            self._all.set()

    def await_numbers(self, numbers: Set[bytes]) -> None:
        """From here on wait until each of these numbers has come."""
        self._numbers = set(numbers)
        self._all.clear()
        if self._numbers <= self.arrived.keys():
            self._all.set()

    async def complete(self, patience_s: float = PATIENCE_S) -> float:
        """Wait for what is expected; the time from the first of them to the last. Raises TimeoutError."""
        async with asyncio.timeout(patience_s):
            await self._all.wait()
        return time.perf_counter() - self.first_at

    async def fill(self) -> None:
        """Open every socket, and wait until each has been greeted."""
        self.expect(self.crowd.greeting * len(self.crowd.tokens))
        room = asyncio.Semaphore(_OPENING)

        async def enter(token: str) -> None:
            async with room, asyncio.timeout(PATIENCE_S):
                loop, request = asyncio.get_running_loop(), handshake(self.crowd.port, self.crowd.path, token)
                _, listener = await loop.create_connection(
                    lambda: Listener(request, self.heard), "127.0.0.1", self.crowd.port
                )
                await listener.opened
                self._keep.append(listener)

        await asyncio.gather(*map(enter, self.crowd.tokens))
        await self.complete()


async def run(crowd: Crowd) -> Heard:
    """Open the sockets and do what the crowd is for."""
    hall = Hall(crowd)
    alone = await _trigger(hall, everybody=0) if crowd.trigger else 0.0
    before = memory_kib(crowd.pid)
    await hall.fill()
    await _settled(crowd.pid)
    heard = Heard(
        sockets=len(crowd.tokens), memory_before_kib=before, memory_after_kib=memory_kib(crowd.pid), triggers_s=alone
    )
    if crowd.trigger is not None:
        heard.fan_out_s = await _trigger(hall, everybody=len(crowd.tokens), walls=heard.wall_s)
    if crowd.paced is not None:
        await _pace(hall, crowd.paced, heard)
    return heard


async def _settled(pid: int) -> None:
    """Wait until a server is done with what the newcomers gave it to do."""
    async with asyncio.timeout(PATIENCE_S):
        used = cpu_s(pid)
        while True:
            await asyncio.sleep(_QUIET_S)
            before, used = used, cpu_s(pid)
            if used - before < _QUIET_SHARE * _QUIET_S:
                return


async def _trigger(hall: Hall, *, everybody: int, walls: list[float] | None = None) -> float:
    """Send every message; what that cost the server."""
    crowd = hall.crowd
    assert crowd.trigger is not None
    request = request_maker(crowd.trigger)
    began = cpu_s(crowd.pid)
    for _ in range(crowd.messages):
        hall.expect(everybody * crowd.burst)
        await asyncio.gather(*(_post(crowd.port, request()) for _ in range(crowd.burst)))
        wall = await hall.complete()
        if walls is not None:
            walls.append(wall)
    return cpu_s(crowd.pid) - began


async def _pace(hall: Hall, load: Load, heard: Heard) -> None:
    """Send at a steady pace, whatever comes back, and find each call's frame."""
    crowd, maker = hall.crowd, request_maker(load)
    sent: dict[bytes, float] = {}
    calls: set[asyncio.Task[bytes]] = set()
    idle: asyncio.LifoQueue[Kept] = asyncio.LifoQueue()
    for _ in range(load.clients):
        idle.put_nowait(await Kept.open(load.port))
    began = time.perf_counter()
    for turn in itertools.count():
        at = began + turn / crowd.per_second
        if at >= began + crowd.seconds:
            break
        if (wait := at - time.perf_counter()) > 0:
            await asyncio.sleep(wait)
        request = maker()
        number = _NUMBER.search(request)
        assert number is not None
        sent[number[1]] = time.perf_counter()
        call = asyncio.create_task(_send(idle, request))
        calls.add(call)
        call.add_done_callback(calls.discard)
    await asyncio.gather(*calls)
    hall.await_numbers(sent.keys())
    with contextlib.suppress(TimeoutError):  # what has not come by then is told apart by its number
        await hall.complete(_LAST_FRAMES_S)
    heard.sent = len(sent)
    heard.latencies_ms = [(hall.arrived[number] - at) * 1e3 for number, at in sent.items() if number in hall.arrived]


async def _send(idle: asyncio.LifoQueue[Kept], request: bytes) -> bytes:
    kept = await idle.get()
    try:
        return await kept.send(request)
    finally:
        idle.put_nowait(kept)


async def _post(port: int, request: bytes) -> None:
    kept = await Kept.open(port)
    try:
        await kept.send(request)
    finally:
        kept.close()


if __name__ == "__main__":
    found = uvloop.run(run(msgspec.json.decode(sys.stdin.buffer.read(), type=Crowd)))
    sys.stdout.buffer.write(msgspec.json.encode(found))
