"""What every test has: a run with its services, and a network that ends at this machine."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.clock import StoppedClock
from tests.server import Live, serving
from tests.services import postgres, run
from tests.services.network import loopback_only
from tests.world import BASE_URL, App, Person, World, empty
from tidings import NotificationType, Tidings
from tidings.kernel.crypto import new_key_text
from tidings.kernel.db import database_on, open_database
from tidings.migrations.upgrade import migrate
from tidings.settings import Settings

TEST_KEYS = new_key_text()
TEST_TYPES = (
    NotificationType("order.shipped", title="Order {{ data.number }} shipped", channels=("in_app", "email")),
    NotificationType("security.code", title="A code", required=True),
)


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        run.begin()


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        this_run = run.current()
        asyncio.run(postgres.drop_databases(this_run))
        run.end(this_run)


@pytest.fixture(scope="session", autouse=True)
def only_this_machine() -> Iterator[None]:
    with loopback_only():
        yield


@pytest.fixture(scope="session")
def test_run() -> run.Run:
    return run.current()


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
async def pooled(
    request: pytest.FixtureRequest, test_run: run.Run, worker_id: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[AsyncEngine]:
    """A migrated database of this worker's own; everything that asks for it runs on both kinds."""
    if request.param == "sqlite":
        url = f"sqlite+aiosqlite:///{tmp_path_factory.mktemp('database')}/tidings.db"
        await migrated(url)
        async with opened(url) as engine:
            yield engine
    else:
        async with postgres.database(test_run, worker_id, migrated) as url:
            await forgo_syncing(url)
            async with opened(url) as engine:
                yield engine


@pytest.fixture(scope="module")
async def engine(pooled: AsyncEngine) -> AsyncIterator[AsyncEngine]:
    """That database. A pool keeps what its busiest test needed: it begins anew with every module."""
    yield pooled
    await pooled.dispose()


async def forgo_syncing(url: str) -> None:
    """Commit without waiting for the disk: no test here outlives PostgreSQL itself, and disks can be slow."""
    async with opened(url) as engine, engine.connect() as connection:
        name = await connection.scalar(text("SELECT current_database()"))
        await connection.execute(text(f'ALTER DATABASE "{name}" SET synchronous_commit = off'))
        await connection.commit()


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """What the Tidings under test is configured with; a test may take its own."""
    return Settings(data_dir=tmp_path, secret_keys=TEST_KEYS, base_url=BASE_URL, heartbeat_s=30)


@pytest.fixture
def types() -> Sequence[NotificationType]:
    """What the Tidings under test declares besides the built-in types; a test may declare its own."""
    return TEST_TYPES


@pytest.fixture
async def tidings(
    engine: AsyncEngine, settings: Settings, clock: StoppedClock, types: Sequence[NotificationType]
) -> Tidings:
    """A Tidings with an empty database and a clock that stands still."""
    made = Tidings(engine, types=types, settings=settings, clock=clock)
    await empty(made.database)
    return made


@pytest.fixture
async def world(tidings: Tidings, clock: StoppedClock) -> AsyncIterator[World]:
    world = World(tidings, clock)
    await world.open()
    yield world
    await world.close()


@pytest.fixture
async def ada(world: World) -> Person:
    """A regular person."""
    return await world.make_person("ada")


@pytest.fixture
async def grace(world: World) -> Person:
    """The administrator."""
    return await world.make_person("grace", admin=True)


@pytest.fixture
def app(world: World) -> App:
    """The noisy app: it may send to anybody and read any inbox."""
    return world.app


@pytest.fixture
async def live(world: World) -> AsyncIterator[Live]:
    """This world's Tidings on a port of its own, for what only a real connection shows."""
    async with serving(world.tidings) as live:
        yield live


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[AsyncEngine]:
    """An engine, and no connection left when it goes."""
    database = open_database(url, pool_size=20)
    yield database.engine
    await database.engine.dispose()


async def migrated(url: str) -> None:
    """Bring a database to the newest schema and leave no connection open."""
    async with opened(url) as engine:
        await migrate(database_on(engine))
