"""The short way to rows: a SELECT rendered once for a database and run straight on its driver.

SQLAlchemy says what the SQL is and how each value is written and read. What it does around an execution costs several
times as much as these queries themselves, and is left out. Made for the few statements behind the requests that come
all the time; everything else goes through sessions (docs/decisions/0015).
"""

import sqlite3
from collections import namedtuple
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeAlias

import asyncpg
import msgspec
from sqlalchemy import JSON, Dialect, event
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.types import TypeEngine

from tidings.kernel.db import AnySelect, Database

Convert: TypeAlias = Callable[[Any], Any]  # Any, here and below: values and rows of any statement
Fetch: TypeAlias = Callable[..., Awaitable[Sequence[Any]]]
"""`await fetch(statement, name=value, …)`: the rows, as named tuples. Raises NoShortWay."""


class NoShortWay(Exception):
    """The database cannot be read this way, or not now: the usual way finds out why, and says so."""


class Reader(Protocol):
    """Reads the newest committed state, each statement for itself."""

    def reading(self) -> AbstractAsyncContextManager[Fetch]:
        """A connection to fetch from while the block lasts. Raises NoShortWay."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A SELECT as its driver takes it, and what turns values into the driver's and the driver's into rows."""

    sql: str
    parameters: tuple[tuple[str, Convert | None, Any], ...]
    """In the order of the SQL: name, how a given value is written, and what stands there when none is given."""
    row: Callable[[Iterable[Any]], Any]
    readers: tuple[tuple[int, Convert], ...]
    """Of the columns that need it: number, and how it is read."""

    def bind(self, values: dict[str, Any]) -> list[Any]:
        """The driver's parameters."""
        return [
            constant if name not in values else write(values[name]) if write else values[name]
            for name, write, constant in self.parameters
        ]

    def read(self, found: Iterable[Sequence[Any]]) -> list[Any]:
        """The rows that the driver found."""
        rows = []
        for record in found:
            cells = list(record)
            for index, read in self.readers:
                if cells[index] is not None:
                    cells[index] = read(cells[index])
            rows.append(self.row(cells))
        return rows


def prepare(statement: AnySelect, dialect: Dialect) -> Prepared:
    """Render a statement whose every parameter is a `bindparam` or a constant; none may be a list."""
    compiled = statement.compile(dialect=dialect)
    parameters = []
    for name in compiled.positiontup or ():
        bind = compiled.binds[name]
        write = bind.type.dialect_impl(dialect).bind_processor(dialect)
        parameters.append((name, write, write(bind.value) if write and not bind.required else bind.value))
    columns = list(statement.selected_columns)
    readers = [_reader(column.type, dialect) for column in columns]
    row = namedtuple("Row", [column.key or f"column_{index}" for index, column in enumerate(columns)], rename=True)  # type: ignore[misc]  # the names are the statement's
    return Prepared(
        str(compiled), tuple(parameters), row._make, tuple((index, read) for index, read in enumerate(readers) if read)
    )


def _reader(kind: TypeEngine[Any], dialect: Dialect) -> Convert | None:
    """How a column's values are read. SQLite keeps JSON as text, which msgspec reads several times faster."""
    if dialect.name == "sqlite" and isinstance(kind, JSON):
        return msgspec.json.decode
    return kind.dialect_impl(dialect).result_processor(dialect, None)


class _PreparedStatements(dict[AnySelect, Prepared]):
    """Each statement as rendered at its first use."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect

    def __missing__(self, statement: AnySelect) -> Prepared:
        self[statement] = prepare(statement, self._dialect)
        return self[statement]


class PostgresReader:
    """asyncpg's connections, lent by the engine's pool."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._statements = _PreparedStatements(engine.dialect)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Fetch]:
        """See Reader."""
        try:
            async with self._engine.connect() as connection:
                driver = (await connection.get_raw_connection()).driver_connection
                assert isinstance(driver, asyncpg.Connection)  # noqa: S101 - narrows the type

                async def fetch(statement: AnySelect, **values: Any) -> Sequence[Any]:
                    prepared = self._statements[statement]
                    return prepared.read(await driver.fetch(prepared.sql, *prepared.bind(values)))

                try:
                    yield fetch
                except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
                    await connection.invalidate()  # it may be broken: nobody else is to be lent it
                    raise
        except (asyncpg.PostgresError, asyncpg.InterfaceError, SQLAlchemyError, OSError, TimeoutError) as error:
            raise NoShortWay() from error


class SqliteReader:
    """One connection that reads and never writes, used on the loop itself.

    A page is read in less time than it takes to hand the work to a thread and back. Under WAL nobody who reads waits
    for a writer.
    """

    def __init__(self, engine: AsyncEngine, path: str) -> None:
        self._uri = f"{Path(path).absolute().as_uri()}?mode=ro"
        self._connection: sqlite3.Connection | None = None
        self._statements = _PreparedStatements(engine.dialect)
        event.listen(engine.sync_engine, "engine_disposed", self._close)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Fetch]:
        """See Reader."""
        try:
            yield self._fetch
        except sqlite3.Error as error:
            raise NoShortWay() from error

    async def _fetch(self, statement: AnySelect, **values: Any) -> Sequence[Any]:
        if self._connection is None:
            self._connection = sqlite3.connect(
                self._uri, uri=True, timeout=0, isolation_level=None, check_same_thread=False
            )
        prepared = self._statements[statement]
        return prepared.read(self._connection.execute(prepared.sql, prepared.bind(values)))

    def _close(self, _engine: object) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


class _NoReader:
    def reading(self) -> AbstractAsyncContextManager[Fetch]:
        """See Reader."""
        raise NoShortWay()


# Where an engine's one reader stands: on its dialect object, for the reasons in `bindings`.
_PLACE = "_tidings_reader"


def reader_of(database: Database) -> Reader:
    """The short way into this database; where there is none, one that always says so."""
    places = vars(database.engine.dialect)
    if _PLACE not in places:
        places[_PLACE] = _make_reader(database.engine)
    reader: Reader = places[_PLACE]
    return reader


def _make_reader(engine: AsyncEngine) -> Reader:
    if engine.dialect.driver == "asyncpg":
        return PostgresReader(engine)
    path = engine.url.database or ":memory:"
    if engine.dialect.name == "sqlite" and not path.startswith((":", "file:")):
        return SqliteReader(engine, path)
    return _NoReader()
