"""Waves of requests that arrive all at once, and what each was answered; another client looks in meanwhile.

`python -m benchmarks.load.flood` reads a Flood as JSON and prints Flooded as JSON.
"""

import asyncio
import contextlib
import itertools
import sys
import time
from collections import Counter

import msgspec
import uvloop

from benchmarks.load.processes import forget_peak, peak_kib, resident_kib

PATIENCE_S = 120.0


class Flood(msgspec.Struct, kw_only=True):
    """`bodies` are posted in turn, `at_once` of them a wave; a wave begins when the one before is answered whole.

    With `at_once` 0 nothing is posted, and only the other client asks for `beside`, at a steady pace.
    """

    port: int
    pid: int
    path: str
    headers: dict[str, str]
    bodies: list[str]
    at_once: int
    beside: str
    every_s: float
    seconds: float


class Flooded(msgspec.Struct, kw_only=True):
    """What came of it: answers by status, how many of 503 said when to come back, and what the other client felt."""

    seconds: float
    statuses: dict[int, int]
    told_when: int
    beside_ms: list[float]
    idle_kib: int
    peak_kib: int


class Connection:
    """One kept connection."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._reader: asyncio.StreamReader
        self._writer: asyncio.StreamWriter

    async def open(self) -> None:
        """Connect."""
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)

    async def ask(self, method: str, path: str, headers: dict[str, str], body: str = "") -> tuple[int, bytes]:
        """The status and the head of an answer, once it is there to the last byte."""
        given = {"Host": f"127.0.0.1:{self._port}", "Content-Length": str(len(body.encode())), **headers}
        lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in given.items())]
        self._writer.write(("\r\n".join(lines) + f"\r\n\r\n{body}").encode())
        head = (await self._reader.readuntil(b"\r\n\r\n")).lower()
        await self._reader.readexactly(int(head.partition(b"content-length:")[2].partition(b"\r\n")[0]))
        return int(head.split(b" ", 2)[1]), head

    def close(self) -> None:
        """Hang up."""
        self._writer.close()


async def run(flood: Flood) -> Flooded:
    """Send wave after wave until the time is over, and wait for the last one."""
    connections = [Connection(flood.port) for _ in range(flood.at_once + 1)]
    for connection in connections:
        await connection.open()
    beside, *crowd = connections
    idle = resident_kib(flood.pid)
    forget_peak(flood.pid)
    began = time.perf_counter()
    felt: list[float] = []
    looking = asyncio.create_task(_look(beside, flood, felt))
    answers: list[tuple[int, bytes]] = []
    bodies = itertools.cycle(flood.bodies)
    while (left := flood.seconds - (time.perf_counter() - began)) > 0:
        if not crowd:
            await asyncio.sleep(left)
        asked = [connection.ask("POST", flood.path, flood.headers, next(bodies)) for connection in crowd]
        async with asyncio.timeout(PATIENCE_S):
            answers += await asyncio.gather(*asked)
    seconds = time.perf_counter() - began
    looking.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await looking
    for connection in connections:
        connection.close()
    return Flooded(
        seconds=seconds,
        statuses=Counter(status for status, _ in answers),
        told_when=sum(status == 503 and b"\r\nretry-after:" in head for status, head in answers),
        beside_ms=felt,
        idle_kib=idle,
        peak_kib=peak_kib(flood.pid),
    )


async def _look(connection: Connection, flood: Flood, felt: list[float]) -> None:
    """Ask for something else again and again; when it is late, the next does not wait to make up for it."""
    while True:
        began = time.perf_counter()
        status, head = await connection.ask("GET", flood.beside, {})
        took = time.perf_counter() - began
        if status != 200:
            raise RuntimeError(head.decode(errors="replace"))
        felt.append(took * 1e3)
        await asyncio.sleep(max(0.0, flood.every_s - took))


if __name__ == "__main__":
    flooded = uvloop.run(run(msgspec.json.decode(sys.stdin.buffer.read(), type=Flood)))
    sys.stdout.buffer.write(msgspec.json.encode(flooded))
