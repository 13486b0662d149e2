"""One caller that sends in process, each call in a transaction of its own, one after another for some seconds.

`python -m benchmarks.loops` reads a Loop as JSON and prints how far it came as JSON.
"""

import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import asyncpg
import msgspec
import uvloop
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import Session

from benchmarks.references import limit, pattern_n
from tidings import Tidings, notify
from tidings.kernel.crypto import new_key_text
from tidings.settings import Settings

TITLE, MESSAGE = "Something happened", "Something happened that you asked to hear of."


class Loop(msgspec.Struct, kw_only=True):
    """Who sends (`tidings`, `pattern_n`, `limit`) to whom, for how long. `to` are ids; all of them get each call."""

    url: str
    to: list[str]
    seconds: float
    warm_up_s: float
    at_once: int = 1
    sender: str = "tidings"


class Came(msgspec.Struct, kw_only=True):
    """How many calls were durable within how many seconds."""

    count: int
    seconds: float

    @property
    def per_second(self) -> float:
        return self.count / self.seconds


Send = Callable[[list[str]], Awaitable[None]]


async def run(loop: Loop) -> Came:
    """Send until the time is over: to one after another, or to `at_once` of them with each call."""
    async with SENDERS[loop.sender](loop.url) as send:
        batches = [loop.to[start : start + loop.at_once] for start in range(0, len(loop.to), loop.at_once)]
        await _repeat(send, batches, loop.warm_up_s)
        return await _repeat(send, batches, loop.seconds)


async def _repeat(send: Send, batches: list[list[str]], seconds: float) -> Came:
    began = time.perf_counter()
    count = 0
    while time.perf_counter() - began < seconds:
        await send(batches[count % len(batches)])
        count += 1
    return Came(count=count, seconds=time.perf_counter() - began)


@asynccontextmanager
async def _tidings(url: str) -> AsyncIterator[Send]:
    engine = create_async_engine(url)
    with TemporaryDirectory() as folder:
        Tidings(engine, settings=Settings(data_dir=Path(folder), database_url=url, secret_keys=new_key_text()))

        async def send(to: list[str]) -> None:
            async with AsyncSession(engine) as session, session.begin():
                await notify(session, "system", to=to, title=TITLE, message=MESSAGE)

        yield send
    await engine.dispose()


@asynccontextmanager
async def _pattern_n(url: str) -> AsyncIterator[Send]:
    engine = pattern_n.engine_on(pattern_n.url_in(url, pattern_n.USUAL))

    async def send(to: list[str]) -> None:
        for _ in to:
            with Session(engine) as session:
                new = pattern_n.NewNotification(user_id=1, type=1, options={"title": TITLE, "message": MESSAGE})
                pattern_n.create(session, new)

    yield send
    engine.dispose()


@asynccontextmanager
async def _limit(url: str) -> AsyncIterator[Send]:
    connection = await asyncpg.connect(make_url(url).set(drivername="postgresql").render_as_string(hide_password=False))

    async def send(to: list[str]) -> None:
        await limit.write(connection, to, TITLE, MESSAGE)

    yield send
    await connection.close()


SENDERS = {"tidings": _tidings, "pattern_n": _pattern_n, "limit": _limit}

if __name__ == "__main__":
    came = uvloop.run(run(msgspec.json.decode(sys.stdin.buffer.read(), type=Loop)))
    sys.stdout.buffer.write(msgspec.json.encode(came))
