"""A hub over a small table, and databases with the tables of this package."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.clock import StoppedClock
from tests.realtime.device import Device, until
from tests.realtime.table import Table
from tests.services import postgres
from tests.services.run import Run
from tidings.kernel.db import Base, Database, open_database
from tidings.realtime.hub import Hub
from tidings.realtime.limits import Limits
from tidings.realtime.memory import MemoryDoorbell
from tidings.realtime.models import StoredSignal, StreamNode, StreamPresence
from tidings.realtime.ports import Position, ResetReason, Subscriber
from tidings.realtime.stream import Stream
from tidings.realtime.types import Signal

NEVER = 3600.0
TABLES: list[Any] = [model.__table__ for model in (StoredSignal, StreamNode, StreamPresence)]


class Signals:
    """Signals that were posted, without a database."""

    def __init__(self) -> None:
        self.waiting: list[Signal] = []
        self.reads = 0
        self.refuse = 0

    async def __call__(self) -> Sequence[Signal]:
        self.reads += 1
        if self.refuse:
            self.refuse -= 1
            raise ConnectionRefusedError("the database restarts")
        signals, self.waiting = self.waiting, []
        return signals

    async def skip_present(self) -> None:
        self.waiting.clear()


@dataclass
class World:
    """One hub and what surrounds it. Nothing heals by itself unless the limits say so."""

    table: Table = field(default_factory=Table)
    clock: StoppedClock = field(default_factory=StoppedClock)
    signals: Signals = field(default_factory=Signals)
    doorbell: MemoryDoorbell = field(default_factory=MemoryDoorbell)
    counts: list[tuple[UUID, int]] = field(default_factory=list)
    limits: Limits = field(default_factory=lambda: Limits(heartbeat_s=60, tick_s=0.01, heal_s=(NEVER, NEVER)))

    def __post_init__(self) -> None:
        self.hub = Hub(
            heads=self.table.heads,
            read=self.table.read,
            signals=self.signals,
            cursor=self.table.cursor,
            parse_cursor=self.table.parse_cursor,
            clock=self.clock,
            presence=lambda user_id, connections: self.counts.append((user_id, connections)),
            limits=self.limits,
        )

    async def start(self) -> None:
        """Let the hub hear the doorbell, and run it."""
        await self.doorbell.start(self.hub.hear)
        await self.hub.start()

    async def stop(self) -> None:
        await self.hub.stop()
        await self.doorbell.stop()

    def open(
        self,
        user_id: UUID,
        device: Device | None = None,
        *,
        since: str | Position | ResetReason | None = None,
        **options: Any,
    ) -> tuple[Stream, Device]:
        """Let a device open a stream."""
        device = device or Device()
        start = since if since is None or isinstance(since, Position | ResetReason) else self.table.parse_cursor(since)
        options.setdefault("mark", self.hub.mark())
        return self.hub.open(device, Subscriber(user_id=user_id, since=start, **options)), device

    async def live(self, user_id: UUID, device: Device | None = None, **options: Any) -> tuple[Stream, Device]:
        """Let a device open a stream, and wait until it stands."""
        stream, device = self.open(user_id, device, **options)
        await until(lambda: stream.is_current)
        return stream, device


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with running(World()) as each:
        yield each


@pytest.fixture
async def make_world() -> AsyncIterator[Callable[..., Any]]:
    """Start a world with limits of the test's own."""
    async with AsyncExitStack() as stack:

        async def make(**limits: Any) -> World:
            chosen = {"heartbeat_s": 60, "tick_s": 0.01, "heal_s": (NEVER, NEVER), **limits}
            return await stack.enter_async_context(running(World(limits=Limits(**chosen))))

        yield make


@asynccontextmanager
async def running(world: World) -> AsyncIterator[World]:
    await world.start()
    try:
        yield world
    finally:
        world.table.gate.set()
        await world.stop()


@pytest.fixture
def ada() -> UUID:
    return uuid4()


@pytest.fixture
def grace() -> UUID:
    return uuid4()


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock()


@pytest.fixture(params=["sqlite", "postgres"])
async def database_url(request: pytest.FixtureRequest, test_run: Run, tmp_path: Path) -> AsyncIterator[str]:
    """An empty database with the tables of this package."""
    async with AsyncExitStack() as stack:
        if request.param == "sqlite":
            url = f"sqlite+aiosqlite:///{tmp_path / 'tidings.db'}"
        else:
            name = f"realtime_{uuid4().hex[:8]}"
            url = await stack.enter_async_context(postgres.empty_database(test_run, name))
        database = open_database(url)
        async with database.engine.begin() as connection:
            await connection.run_sync(Base.metadata.create_all, tables=TABLES)
        await database.engine.dispose()
        yield url


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = open_database(database_url)
    yield opened
    await opened.engine.dispose()
