"""An empty database of either kind for each test, and the world in it."""

import pytest
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.accounts.oidc import oidc_process, sso
from tests.accounts.world import World
from tests.clock import StoppedClock
from tests.world import empty
from tidings.accounts.models import User
from tidings.accounts.types import AccountState
from tidings.kernel.db import Database, database_on

__all__ = ["oidc_process", "sso"]


@pytest.fixture
async def database(engine: AsyncEngine) -> Database:
    """An empty database of either kind."""
    database = database_on(engine)
    await empty(database)
    return database


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
