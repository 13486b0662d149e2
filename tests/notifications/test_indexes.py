"""SQLite takes a partial index only for a query that repeats its condition to the letter: these are such queries."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from tidings.kernel.db import AnySelect, open_database
from tidings.kernel.reading import prepare
from tidings.migrations.upgrade import migrate
from tidings.notifications.queries import ORDINARY_PAGES, ListFilter, changes_statement, pages_where

WANTED: dict[str, tuple[AnySelect, str]] = {
    "first page": (ORDINARY_PAGES.first, "listed"),
    "next page": (ORDINARY_PAGES.next, "listed"),
    "page by number": (pages_where(ListFilter().condition()).first, "listed"),
    "with dismissed ones": (pages_where(ListFilter(include_dismissed=True).condition()).first, "listed"),
    "unread": (pages_where(ListFilter(unread_only=True).condition()).first, "unread"),
    "changes": (changes_statement(), "changed"),
}


@pytest.fixture
async def connection(tmp_path: Path) -> AsyncIterator[AsyncConnection]:
    database = open_database(f"sqlite+aiosqlite:///{tmp_path}/tidings.db")
    await migrate(database)
    async with database.engine.connect() as connection:
        yield connection
    await database.engine.dispose()


@pytest.mark.parametrize("name", WANTED)
async def test_an_inbox_is_read_by_its_index_and_not_sorted(connection: AsyncConnection, name: str) -> None:
    statement, index = WANTED[name]
    prepared = prepare(statement, connection.dialect)
    given: dict[str, Any] = {"user_id": uuid4(), "after": uuid4(), "limit": 21, "offset": 0, "revision": 7}
    plan = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {prepared.sql}", tuple(prepared.bind(given)))
    steps = " · ".join(row["detail"] for row in plan.mappings())
    assert f"ix_tidings_notifications_{index}" in steps
    assert "ORDER BY" not in steps
