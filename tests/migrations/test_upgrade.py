"""Migrations: what they make is what the models say, on both databases, whoever runs them and how often."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import TypeVar

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, inspect, text

from tests.services import postgres
from tests.services.run import Run
from tidings.kernel.db import Base, Database, include_object, open_database
from tidings.migrations.applying import find_revision
from tidings.migrations.upgrade import VERSION_TABLE, current_revision, migrate, newest_revision

Found = TypeVar("Found")


@pytest.fixture(params=["sqlite", "postgresql"])
async def url(request: pytest.FixtureRequest, test_run: Run, worker_id: str, tmp_path: Path) -> AsyncIterator[str]:
    """A database without a single table."""
    if request.param == "sqlite":
        yield f"sqlite+aiosqlite:///{tmp_path}/empty.db"
    else:
        async with postgres.empty_database(test_run, f"upgrade_{worker_id}") as empty:
            yield empty


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    opened = open_database(url)
    yield opened
    await opened.engine.dispose()


async def test_an_empty_database_gets_exactly_the_tables_of_the_models(database: Database) -> None:
    assert await migrate(database) == (None, newest_revision())
    assert await _on_connection(database, _differences) == []


async def test_migrating_again_changes_nothing(database: Database) -> None:
    await migrate(database)
    assert await migrate(database) == (newest_revision(), newest_revision())


async def test_two_nodes_that_start_at_once_migrate_once(url: str) -> None:
    nodes = [open_database(url) for _ in range(4)]
    results = await asyncio.gather(*(migrate(node) for node in nodes))
    assert sorted(before or "" for before, _ in results) == ["", *[newest_revision()] * 3]
    for node in nodes:
        await node.engine.dispose()


async def test_an_empty_database_is_at_no_revision(database: Database) -> None:
    assert await current_revision(database) is None


async def test_a_hosts_tables_and_its_alembic_are_left_alone(database: Database) -> None:
    async with database.write() as session:
        await session.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32))"))
        await session.execute(text("INSERT INTO alembic_version VALUES ('the-hosts-own')"))
    await migrate(database)
    async with database.read() as session:
        assert await session.scalar(text("SELECT version_num FROM alembic_version")) == "the-hosts-own"


async def test_the_filter_for_hosts_hides_every_table_of_ours_and_none_of_theirs(database: Database) -> None:
    await migrate(database)
    names = await _on_connection(database, lambda connection: inspect(connection).get_table_names())
    assert not any(include_object(None, name, "table", True, None) for name in names)
    assert include_object(None, "orders", "table", True, None)


async def _on_connection(database: Database, look: Callable[[Connection], Found]) -> Found:
    async with database.write() as session:
        connection = await session.connection()
        return await connection.run_sync(look)


def _differences(connection: Connection) -> list[object]:
    options = {
        "version_table": VERSION_TABLE,
        "compare_type": True,
        "include_name": lambda name, kind, _parents: kind != "table" or (name or "").startswith("tidings_"),
    }
    found: list[object] = compare_metadata(MigrationContext.configure(connection, opts=options), Base.metadata)
    return found


def test_the_newest_revision_is_the_one_alembic_ends_at() -> None:
    assert find_revision("head") == newest_revision()


def test_a_start_on_a_migrated_database_does_without_alembic() -> None:
    """It would take a good part of the start."""
    script = "import sys, tidings.cli.app; sys.exit('alembic' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


async def test_migrating_again_waits_for_nobody(database: Database) -> None:
    """A node that starts while another one migrates or writes is up at once when nothing is missing."""
    await migrate(database)
    async with database.write() as session:
        await session.execute(text(f"UPDATE {VERSION_TABLE} SET version_num = version_num"))
        async with asyncio.timeout(10):
            assert await migrate(database) == (newest_revision(), newest_revision())
