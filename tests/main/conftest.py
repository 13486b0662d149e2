"""More processes on the world's database."""

from collections.abc import AsyncIterator, Callable
from typing import Any, TypeAlias

import pytest

from tests.conftest import TEST_TYPES
from tests.main.post import DOOR_CODE
from tests.world import World
from tidings import Tidings
from tidings.kernel.db import open_database
from tidings.settings import Settings

MakeNode: TypeAlias = Callable[..., Tidings]


@pytest.fixture
async def make_node(world: World) -> AsyncIterator[MakeNode]:
    """Another Tidings on this world's database, as in another process: with an engine and a doorbell of its own."""
    databases = []

    def make(*, worker: bool = True, **settings: Any) -> Tidings:
        url = world.tidings.database.engine.url.render_as_string(hide_password=False)
        database = open_database(url)
        databases.append(database)
        configured = world.tidings.settings.model_dump() | settings
        return Tidings(
            database.engine,
            types=[*TEST_TYPES, DOOR_CODE],
            settings=Settings.model_validate(configured),
            clock=world.clock,
            worker=worker,
        )

    yield make
    for database in databases:
        await database.engine.dispose()
