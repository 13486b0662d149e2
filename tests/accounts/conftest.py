"""A fresh database of either kind for each test, and the world in it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

import pytest
from fastapi import FastAPI
from sqlalchemy import Table, text
from sqlalchemy.ext.asyncio import create_async_engine

from tests.accounts.world import World
from tests.clock import StoppedClock
from tests.services import postgres
from tests.services.run import Run
from tidings.accounts.models import User
from tidings.accounts.types import AccountState
from tidings.kernel.db import Base, Database, database_on, open_database


@pytest.fixture(params=["sqlite", "postgresql"])
async def database(request: pytest.FixtureRequest, test_run: Run, tmp_path: Path) -> AsyncIterator[Database]:
    opened = _sqlite(tmp_path) if request.param == "sqlite" else _postgresql(test_run)
    async with opened as database:
        async with database.engine.begin() as connection:
            await connection.run_sync(lambda inner: Base.metadata.create_all(inner, tables=_tables()))
        yield database


@pytest.fixture
async def world(database: Database) -> World:
    return World(database)


@pytest.fixture
def accounts_app(world: World) -> FastAPI:
    return world.app


@pytest.fixture
def clock(world: World) -> StoppedClock:
    return world.clock


@pytest.fixture
async def ada(world: World) -> User:
    """A regular person."""
    return await world.add("ada")


@pytest.fixture
async def grace(world: World) -> User:
    """The administrator."""
    return await world.add("grace", admin=True)


@pytest.fixture
async def guest(world: World) -> User:
    """Somebody known to the host alone."""
    return await world.add("guest", external_id="guest-1", state=AccountState.RECIPIENT)


def _tables() -> list[Table]:
    packages = ("tidings.accounts.", "tidings.kernel.")
    mapped = [mapper for mapper in Base.registry.mappers if mapper.class_.__module__.startswith(packages)]
    return [mapper.local_table for mapper in mapped if isinstance(mapper.local_table, Table)]


@asynccontextmanager
async def _sqlite(folder: Path) -> AsyncIterator[Database]:
    database = open_database(f"sqlite+aiosqlite:///{folder}/tidings.db")
    yield database
    await database.engine.dispose()


@asynccontextmanager
async def _postgresql(run: Run) -> AsyncIterator[Database]:
    url, schema = await postgres.server_url(run), f"accounts_{uuid4().hex}"
    engine = create_async_engine(
        url, pool_size=10, max_overflow=10, connect_args={"server_settings": {"search_path": schema}}
    )
    async with engine.begin() as connection:
        await connection.execute(text(f"CREATE SCHEMA {schema}"))
    yield database_on(engine)
    async with engine.begin() as connection:
        await connection.execute(text(f"DROP SCHEMA {schema} CASCADE"))
    await engine.dispose()
