"""The database: engine, transactions, column types, and rows handed to SQL in one statement.

SQLite and PostgreSQL run the same statements. Nothing here assumes asyncpg's own API.
"""

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TypeAlias
from uuid import UUID

from sqlalchemy import (
    JSON,
    ColumnElement,
    DateTime,
    Dialect,
    Engine,
    Enum,
    MetaData,
    Row,
    Select,
    Subquery,
    Text,
    TypeDecorator,
    Uuid,
    bindparam,
    cast,
    column,
    event,
    func,
    select,
    type_coerce,
)
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.pool import ConnectionPoolEntry, PoolResetState
from sqlalchemy.types import TypeEngine

BUSY_TIMEOUT_S = 10
_READ_ONLY = "tidings_read_only"

# Any: what a row holds is known to the statement that asks for it, not to the functions that pass it on.
AnyRow: TypeAlias = Row[*tuple[Any, ...]]
AnySelect: TypeAlias = Select[*tuple[Any, ...]]


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC time on every database; a naive value is a programming error and refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone reached the database")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


Json = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


def text_enum(kind: type[StrEnum]) -> Enum:
    """A column of a closed set, stored as its values in text, so that a new member needs no migration of a type."""
    return Enum(
        kind,
        native_enum=False,
        create_constraint=False,
        length=32,
        values_callable=lambda members: [m.value for m in members],
    )


class Base(DeclarativeBase):
    """Every table of Tidings. The prefix and the naming convention let them live beside a host's own."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: UtcDateTime, UUID: Uuid, str: Text, dict[str, Any]: Json}  # noqa: RUF012


def include_object(thing: object, name: str | None, kind: str, reflected: bool, compare_to: object) -> bool:
    """An alembic `include_object` filter for hosts: their migrations leave the tables of Tidings alone."""
    table = name if kind == "table" else getattr(getattr(thing, "table", None), "name", None)
    return not (table or "").startswith("tidings_")


@dataclass(frozen=True, slots=True)
class Database:
    """One database and how to work in it: `write()` commits at the end or leaves nothing; `read()` never locks."""

    engine: AsyncEngine
    sessions: async_sessionmaker[AsyncSession]
    writing: Callable[[], AbstractAsyncContextManager[None]]

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncSession]:
        """One transaction, committed when the block ends well and rolled back when it raises."""
        async with self.writing(), self.sessions() as session:
            yield session
            await session.commit()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """Statements that each see the newest committed state; no transaction is held between them."""
        async with self.sessions() as session:
            await session.connection(execution_options={"isolation_level": "AUTOCOMMIT", _READ_ONLY: True})
            yield session

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"


def open_database(url: str, *, pool_size: int = 20) -> Database:
    """Connect lazily to the database at `url` (`sqlite+aiosqlite://…` or `postgresql+asyncpg://…`)."""
    # No overflow: a connection beyond the pool would be opened for one use, and its statements prepared for it.
    engine = create_async_engine(
        url,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=BUSY_TIMEOUT_S,
        hide_parameters=True,  # errors are logged, and the values of statements hold secrets
    )
    return database_on(engine)


def database_on(engine: AsyncEngine) -> Database:
    """Work in an engine that exists already, a host's own for instance."""
    sessions = async_sessionmaker(engine, expire_on_commit=False)
    if engine.dialect.name != "sqlite":
        return Database(engine, sessions, nullcontext)
    install_sqlite(engine.sync_engine)
    # SQLite has one writer. Tasks of this process queue here in order, instead of sleeping in busy_timeout.
    gate = asyncio.Lock()

    @asynccontextmanager
    async def one_writer() -> AsyncIterator[None]:
        async with asyncio.timeout(BUSY_TIMEOUT_S):
            await gate.acquire()
        try:
            yield
        finally:
            gate.release()

    return Database(engine, sessions, one_writer)


def install_sqlite(engine: Engine) -> None:
    """Listeners that make SQLite safe for several writers: WAL, foreign keys, and write locks taken at BEGIN."""
    if event.contains(engine, "begin", _begin_immediate):
        return
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_immediate)
    event.listen(engine, "reset", _end_a_refused_commit)
    event.listen(engine, "invalidate", _end_what_was_cancelled)


def _prepare_sqlite(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # BEGIN is ours to send: the driver's own begins late and not IMMEDIATE
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", f"busy_timeout={BUSY_TIMEOUT_S * 1000}", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_immediate(connection: Any) -> None:  # Any: the event hands over SQLAlchemy's untyped Connection
    # A transaction that starts by reading and then writes can fail at once under WAL (SQLITE_BUSY_SNAPSHOT).
    if not connection.get_execution_options().get(_READ_ONLY):
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def _end_a_refused_commit(connection: Any, _entry: ConnectionPoolEntry, state: PoolResetState) -> None:
    # SQLite leaves a transaction open when its COMMIT is refused, for a deferred key say, and SQLAlchemy drops it:
    # the next user of the connection would fail, and everybody else wait for its lock.
    if state.asyncio_safe and getattr(connection, "driver_connection", connection).in_transaction:
        connection.rollback()


def _end_what_was_cancelled(connection: Any, _entry: ConnectionPoolEntry, _error: BaseException | None) -> None:
    # A connection whose work is cancelled is closed. SQLite puts that off, lock and all, while a statement of it lives,
    # and the traceback of the cancelling keeps one until the garbage is collected. So its rollback is queued first.
    async def roll_back() -> None:
        with suppress(sqlite3.Error, ValueError):  # it has failed, or is closed already: it closes in any case
            await connection.driver_connection.rollback()

    with suppress(RuntimeError):  # no loop runs: nobody was cancelled
        ending = asyncio.get_running_loop().create_task(roll_back())
        _ENDING.add(ending)
        ending.add_done_callback(_ENDING.discard)


_ENDING: set[asyncio.Task[None]] = set()  # a loop keeps no task alive
_SQLITE = sqlite.dialect()  # knows how SQLite writes a value, whatever the driver


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows as one bound value of a statement, in the order given: constant SQL for any number of rows."""

    name: str
    types: tuple[tuple[str, TypeEngine[Any]], ...]
    source: Subquery
    dialect_name: str

    @property
    def c(self) -> Any:  # Any: SQLAlchemy's column collections are untyped
        return self.source.c

    def bind(self, rows: Iterable[Sequence[Any]]) -> dict[str, Any]:
        """The parameters that carry these rows into a statement built on `source`."""
        if self.dialect_name == "sqlite":
            writers = [kind.dialect_impl(_SQLITE).bind_processor(_SQLITE) for _, kind in self.types]
            encoded = [
                [
                    write(value) if write and value is not None else value
                    for write, value in zip(writers, row, strict=True)
                ]
                for row in rows
            ]
            return {self.name: json.dumps(encoded)}
        columns = list(zip(*rows, strict=True)) or [()] * len(self.types)
        return {f"{self.name}_{name}": list(values) for (name, _), values in zip(self.types, columns, strict=True)}


def as_json(dialect_name: str, text: ColumnElement[Any]) -> ColumnElement[Any]:
    """A text that holds JSON as a value of a `Json` column: SQLite keeps it as it is, PostgreSQL must be told."""
    return type_coerce(text, Json) if dialect_name == "sqlite" else cast(text, Json)


def rows(dialect_name: str, name: str, /, **types: TypeEngine[Any] | type[TypeEngine[Any]]) -> Rows:
    """A table of bound rows: `unnest` of arrays on PostgreSQL, `json_each` of one text on SQLite.

    Build the statement once per dialect and keep it (`functools.cache`): SQLAlchemy then finds its SQL at once.
    Types whose SQLite form is a number or text (ids, times, texts, numbers) travel; JSON does as text: `as_json`.
    """
    kinds = tuple((key, kind if isinstance(kind, TypeEngine) else kind()) for key, kind in types.items())
    if dialect_name == "sqlite":
        each = func.json_each(bindparam(name, type_=Text)).table_valued("key", "value", name=f"{name}_each")
        cells: list[ColumnElement[Any]] = [
            type_coerce(func.json_extract(each.c.value, f"$[{index}]"), kind).label(key)
            for index, (key, kind) in enumerate(kinds)
        ]
        return Rows(name, kinds, select(*cells, each.c.key.label("position")).subquery(name), dialect_name)
    arrays = [bindparam(f"{name}_{key}", type_=ARRAY(kind, dimensions=1)) for key, kind in kinds]
    table = func.unnest(*arrays).table_valued(
        *(column(key, kind) for key, kind in kinds), with_ordinality="position", name=f"{name}_unnest"
    )
    return Rows(name, kinds, select(table.render_derived()).subquery(name), dialect_name)
