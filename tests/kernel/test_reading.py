"""The short way to rows reads what sessions read, and stands aside when it cannot."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import BigInteger, Boolean, ColumnElement, Text, Uuid, bindparam, func, literal, select, type_coerce
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.types import TypeEngine

from tidings.kernel.db import AnySelect, Database, Json, UtcDateTime, database_on, open_database, text_enum
from tidings.kernel.reading import NoShortWay, reader_of
from tidings.outbox.types import DeliveryState

GIVEN = {
    "id": uuid4(),
    "number": 2**62,
    "flag": True,
    "words": "naïve \N{SNOWMAN}",
    "moment": datetime(2026, 3, 1, 12, 30, 15, 123456, UTC),
    "state": DeliveryState.HANDING_OVER,
    "absent": None,
}
TYPES: dict[str, TypeEngine[Any]] = {
    "id": Uuid(),
    "number": BigInteger(),
    "flag": Boolean(),
    "words": Text(),
    "moment": UtcDateTime(),
    "state": text_enum(DeliveryState),
    "absent": UtcDateTime(),
}


def echo() -> AnySelect:
    """Every kind of value, as the database gives it back, beside a constant and JSON."""
    values: list[ColumnElement[object]] = [bindparam(name, type_=kind).label(name) for name, kind in TYPES.items()]
    json = type_coerce(literal('{"a":[1,null]}', Text), Json).label("json")
    return select(*values, literal("constant").label("constant"), json)


async def test_values_come_back_as_they_were_given(database: Database) -> None:
    async with reader_of(database).reading() as fetch:
        (row,) = await fetch(echo(), **GIVEN)
    assert row._asdict() | {"json": None} == GIVEN | {"constant": "constant", "json": None}


async def test_rows_are_those_of_a_session(database: Database) -> None:
    statement = echo()
    async with reader_of(database).reading() as fetch, database.read() as session:
        assert [tuple(row) for row in await fetch(statement, **GIVEN)] == [
            tuple(row) for row in await session.execute(statement, GIVEN)
        ]


async def test_a_failing_statement_is_no_short_way_and_the_next_one_is_read(database: Database) -> None:
    broken = select(func.there_is_no_such_function())
    with pytest.raises(NoShortWay):
        async with reader_of(database).reading() as fetch:
            await fetch(broken)
    async with reader_of(database).reading() as fetch:
        assert [tuple(row) for row in await fetch(select(literal(1)))] == [(1,)]


async def test_a_connection_that_was_cut_is_lent_to_nobody_again(database: Database) -> None:
    if database.is_sqlite:
        cut = select(func.there_is_no_such_function())  # a file has no connection to cut: it fails and goes on
    else:
        cut = select(func.pg_terminate_backend(func.pg_backend_pid()))
    for _ in range(3):
        with pytest.raises(NoShortWay):
            async with reader_of(database).reading() as fetch:
                await fetch(cut)
        async with database.read() as session:
            assert (await session.execute(select(literal(1)))).scalar_one() == 1


async def test_a_database_in_memory_has_no_short_way() -> None:
    database = database_on(create_async_engine("sqlite+aiosqlite:///:memory:"))
    with pytest.raises(NoShortWay):
        async with reader_of(database).reading():
            pass
    await database.engine.dispose()


async def test_a_missing_file_is_no_short_way_and_is_not_made(tmp_path: Path) -> None:
    database = open_database(f"sqlite+aiosqlite:///{tmp_path}/absent.db")
    with pytest.raises(NoShortWay):
        async with reader_of(database).reading() as fetch:
            await fetch(select(literal(1)))
    assert list(tmp_path.iterdir()) == []
    await database.engine.dispose()


async def test_a_file_with_an_odd_name_is_found(tmp_path: Path) -> None:
    database = open_database(f"sqlite+aiosqlite:///{tmp_path}/what%3F %23 is this.db")
    async with database.write() as session:
        await session.execute(select(literal(1)))
    async with reader_of(database).reading() as fetch:
        assert len(await fetch(select(literal(1)))) == 1
    assert not (tmp_path / "what").exists()
    await database.engine.dispose()
