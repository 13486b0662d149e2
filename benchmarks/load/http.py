"""HTTP/1.1 load over kept connections: each client sends its next request when the last answer is complete.

`python -m benchmarks.load.http` reads a Load as JSON and prints what came of it as JSON. In a request's path and body
`@number@` becomes a number that no other request of this program has, and `@to@` one of `to`, in turn; both have a
fixed width, so every request has the same length.
"""

import asyncio
import itertools
import sys
import time
from collections.abc import Callable
from statistics import quantiles
from typing import cast

import msgspec
import uvloop

NUMBER = "@number@"
TO = "@to@"
_WIDTH = 12
_ROOM = 5_000_000
"""The most answers one program counts."""
_LEAST = 20
"""The fewest; a server that is slower than that is waited for beyond the time."""


class Load(msgspec.Struct, kw_only=True):
    """What to send to a port of this machine, by how many clients, for how long."""

    port: int
    path: str
    method: str = "GET"
    headers: dict[str, str] = {}
    body: str = ""
    to: list[str] = []
    clients: int = 16
    seconds: float = 4.0
    warm_up_s: float = 1.0
    most: int = _ROOM


class Answered(msgspec.Struct, kw_only=True):
    """How many answers came within how many seconds after the warm-up, and how long each took."""

    count: int
    seconds: float
    p50_ms: float
    p99_ms: float

    @property
    def per_second(self) -> float:
        return self.count / self.seconds


class Refused(Exception):
    """The server answered something else than success; the message holds the answer."""


def request_maker(load: Load) -> Callable[[], bytes]:
    """A function that gives the next request each time it is called."""
    length = len(load.body.encode()) + (_WIDTH - len(NUMBER)) * load.body.count(NUMBER)
    if load.to:
        length += (len(load.to[0].encode()) - len(TO)) * load.body.count(TO)
    headers = {"Host": f"127.0.0.1:{load.port}", **load.headers}
    if load.body:
        headers |= {"Content-Type": "application/json", "Content-Length": str(length)}
    head = "\r\n".join(
        [f"{load.method} {load.path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    )
    template = f"{head}\r\n\r\n{load.body}".encode()
    numbers = itertools.count(time.time_ns() // 1_000_000 % 10_000 * 10**8)
    people = itertools.cycle([each.encode() for each in load.to] or [b""])
    number, to = NUMBER.encode(), TO.encode()
    if number not in template and to not in template:
        return lambda: template
    return lambda: template.replace(number, b"%012d" % next(numbers)).replace(to, next(people))


class Client(asyncio.Protocol):
    """One connection that always has one request under way."""

    def __init__(self, next_request: Callable[[], bytes], answered: Callable[[float], bool]) -> None:
        self._next_request = next_request
        self._answered = answered
        self._received = b""
        self._missing = -1
        self._sent_at = 0.0
        self._transport: asyncio.WriteTransport
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the first request."""
        self._transport = cast(asyncio.WriteTransport, transport)  # uvloop's own class does not inherit it
        self._send()

    def data_received(self, data: bytes) -> None:
        """Count an answer once its last byte is there, and send the next request."""
        if self._missing < 0:
            self._received += data
            head, separator, body = self._received.partition(b"\r\n\r\n")
            if not separator:
                return
            if not head.startswith(b"HTTP/1.1 20"):
                self._end(Refused(self._received[:600].decode(errors="replace")))
                return
            lengths = head.lower().partition(b"content-length:")[2]
            self._missing = int(lengths.partition(b"\r\n")[0]) - len(body)
        else:
            self._missing -= len(data)
        if self._missing == 0:
            self._received, self._missing = b"", -1
            if self._answered(time.perf_counter() - self._sent_at):
                self._send()
            else:
                self._end(None)

    def connection_lost(self, error: Exception | None) -> None:
        """A server that hangs up while it is measured has failed."""
        if not self.ended.done():
            self.ended.set_exception(error or ConnectionError("the server closed the connection"))

    def _send(self) -> None:
        self._sent_at = time.perf_counter()
        self._transport.write(self._next_request())

    def _end(self, error: Exception | None) -> None:
        if not self.ended.done():
            self.ended.set_exception(error) if error else self.ended.set_result(None)
        self._transport.close()


async def run(load: Load) -> Answered:
    """Send the load. Raises Refused at the first answer that is no success."""
    began = time.perf_counter()
    counts_from, ends_at = began + load.warm_up_s, began + load.warm_up_s + load.seconds
    took: list[float] = []
    last = counts_from

    def answered(seconds: float) -> bool:
        nonlocal last
        now = time.perf_counter()
        if counts_from <= now and (now < ends_at or len(took) < _LEAST):
            took.append(seconds)
            last = now
        return (now < ends_at or len(took) < _LEAST) and len(took) < load.most

    loop, maker = asyncio.get_running_loop(), request_maker(load)
    clients = [
        (await loop.create_connection(lambda: Client(maker, answered), "127.0.0.1", load.port))[1]
        for _ in range(load.clients)
    ]
    await asyncio.gather(*(client.ended for client in clients))
    seconds = last - counts_from if last > ends_at or len(took) >= load.most else load.seconds
    steps = quantiles(took, n=100)
    return Answered(count=len(took), seconds=seconds, p50_ms=steps[49] * 1e3, p99_ms=steps[98] * 1e3)


if __name__ == "__main__":
    found = uvloop.run(run(msgspec.json.decode(sys.stdin.buffer.read(), type=Load)))
    sys.stdout.buffer.write(msgspec.json.encode(found))
