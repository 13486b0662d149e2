"""Both databases keep what they are given, times included."""

import asyncio
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import BigInteger, Boolean, Integer, SmallInteger, Text, Uuid, literal, select, text
from sqlalchemy.exc import IntegrityError, StatementError
from sqlalchemy.ext.asyncio import AsyncEngine

from tidings.kernel.db import Database, UtcDateTime, include_object, rows

TYPES: dict[str, tuple[Any, st.SearchStrategy[Any]]] = {
    "uuid": (Uuid, st.uuids()),
    "text": (Text, st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=30)),
    "integer": (Integer, st.integers(-(2**31), 2**31 - 1)),
    "big": (BigInteger, st.integers(-(2**63), 2**63 - 1)),
    "small": (SmallInteger, st.integers(-(2**15), 2**15 - 1)),
    "boolean": (Boolean, st.booleans()),
    "moment": (UtcDateTime, st.datetimes(timezones=st.just(UTC))),
}
row_values = st.tuples(*(st.none() | values for _, values in TYPES.values()))


@given(values=st.lists(row_values, max_size=6))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_rows_come_back_as_they_were_bound_in_their_order(
    engine: AsyncEngine, values: list[tuple[Any, ...]]
) -> None:
    bound = rows(engine.dialect.name, "given", **{name: kind for name, (kind, _) in TYPES.items()})
    statement = select(*(bound.c[name] for name in TYPES)).order_by(bound.c.position)
    async with engine.connect() as connection:
        found = (await connection.execute(statement, bound.bind(values))).all()
    assert [tuple(row) for row in found] == values


async def test_no_rows_are_no_rows(engine: AsyncEngine) -> None:
    bound = rows(engine.dialect.name, "given", id=Uuid)
    async with engine.connect() as connection:
        assert (await connection.execute(select(bound.c.id), bound.bind([]))).all() == []


async def test_a_time_without_a_zone_is_refused(engine: AsyncEngine) -> None:
    naive = datetime(2026, 3, 2, 9, 30)  # noqa: DTZ001
    async with engine.connect() as connection:
        with pytest.raises((StatementError, ValueError), match="without a zone"):
            await connection.execute(select(literal(naive, UtcDateTime)))


async def test_a_time_of_another_zone_comes_back_in_utc(engine: AsyncEngine) -> None:
    moment = datetime(2026, 3, 2, 9, 30, tzinfo=timezone(timedelta(hours=5, minutes=45)))
    async with engine.connect() as connection:
        found = (await connection.execute(select(literal(moment, UtcDateTime)))).scalar_one()
    assert (found, found.tzinfo) == (moment, UTC)


async def test_a_block_that_fails_leaves_nothing(database: Database) -> None:
    async def work() -> None:
        async with database.write() as session:
            await session.execute(text("CREATE TABLE kernel_left_over (id INTEGER)"))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await work()
    async with database.read() as session:
        table = "sqlite_master" if database.is_sqlite else "pg_tables"
        column = "name" if database.is_sqlite else "tablename"
        found = await session.execute(text(f"SELECT 1 FROM {table} WHERE {column} = 'kernel_left_over'"))
        assert found.first() is None


@pytest.mark.parametrize(
    ("name", "kind", "is_hosts"),
    [("tidings_users", "table", False), ("orders", "table", True), ("ix_orders", "index", True), (None, "table", True)],
)
def test_a_hosts_migrations_leave_our_tables_alone(name: str | None, kind: str, is_hosts: bool) -> None:
    assert include_object(object(), name, kind, True, None) is is_hosts


async def test_a_refused_commit_leaves_its_connection_to_the_next(database: Database) -> None:
    """A deferred key is missed at the commit only; under SQLite the transaction would go on, and keep its lock."""
    async with database.engine.begin() as connection:
        await connection.execute(text("CREATE TABLE host_orders (id INTEGER PRIMARY KEY)"))
        key = "order_id INTEGER REFERENCES host_orders (id) DEFERRABLE INITIALLY DEFERRED"
        await connection.execute(text(f"CREATE TABLE host_items ({key})"))
    try:
        for _ in range(2):
            with pytest.raises(IntegrityError):
                async with database.write() as session:
                    await session.execute(text("INSERT INTO host_items VALUES (404)"))
        async with database.read() as session:
            assert await session.scalar(text("SELECT count(*) FROM host_items")) == 0
    finally:
        async with database.engine.begin() as connection:
            for table in ("host_items", "host_orders"):
                await connection.execute(text(f"DROP TABLE {table}"))


async def test_work_that_is_cancelled_holds_no_lock(database: Database) -> None:
    """Nor while its traceback is kept, and in it a statement with rows that nobody has fetched."""
    numbers = "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 300000)"
    begun = asyncio.Event()

    async def work() -> None:
        async with database.engine.begin() as connection:
            begun.set()
            await connection.execute(text(f"{numbers} INSERT INTO host_rows SELECT n FROM numbers RETURNING id"))

    async with database.engine.begin() as connection:
        await connection.execute(text("CREATE TABLE host_rows (id INTEGER)"))
    try:
        working = asyncio.create_task(work())
        await begun.wait()
        for _ in range(500):  # the statement is on its way, and takes longer than this
            await asyncio.sleep(0)
        working.cancel()
        with pytest.raises(asyncio.CancelledError) as kept:
            await working
        async with database.write() as session:
            await session.execute(text("INSERT INTO host_rows VALUES (1)"))
            assert await session.scalar(text("SELECT count(*) FROM host_rows")) == 1
        assert kept.tb is not None
    finally:
        async with database.engine.begin() as connection:
            await connection.execute(text("DROP TABLE host_rows"))
