"""An empty outbox on both databases."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncEngine
from structlog.testing import capture_logs

from tests.clock import StoppedClock
from tests.outbox.world import Post
from tidings.kernel.db import Base, Database, database_on
from tidings.outbox.models import Delivery, RecurringRun

TABLES: list[Any] = [model.__table__ for model in (Delivery, RecurringRun)]  # Any: mypy knows them as FromClause


@pytest.fixture(autouse=True)
def logs() -> Iterator[None]:
    """What is logged is not drawn: a traceback in colours takes longer than the test."""
    with capture_logs():
        yield


@pytest.fixture
async def database(engine: AsyncEngine) -> Database:
    opened = database_on(engine)
    async with opened.write() as session:
        connection = await session.connection()
        await connection.run_sync(Base.metadata.create_all, tables=TABLES)
        for table in TABLES:
            await connection.execute(delete(table))
    return opened


@pytest.fixture
async def post(database: Database, clock: StoppedClock) -> AsyncIterator[Post]:
    post = Post(database, clock)
    yield post
    await post.kill()
