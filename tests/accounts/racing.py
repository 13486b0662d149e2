"""Many at the same moment: connections that are open already, so that nobody is late for want of one."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from tidings.kernel.db import Database

Result = TypeVar("Result")
MANY = 16


async def at_once(
    database: Database, work: Callable[[AsyncSession], Awaitable[Result]], times: int = MANY
) -> list[Result]:
    """What so many get who begin together, each in a transaction that is open by then.

    SQLite has one writer: there they take turns.
    """
    start = asyncio.Barrier(1 if database.is_sqlite else times)

    async def one() -> Result:
        async with database.write() as session:
            await session.connection()
            await start.wait()
            return await work(session)

    return await asyncio.gather(*(one() for _ in range(times)))


async def open_connections(database: Database) -> None:
    """Let requests that are sent together from now on meet in the database."""

    async def nothing(_session: AsyncSession) -> None:
        return

    await at_once(database, nothing)


async def somebody_waits(database: Database) -> bool:
    """Whether a transaction waits for another's row; on SQLite, where whoever writes waits before it begins, yes."""
    if database.is_sqlite:
        return True
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    async with database.read() as session:
        return bool(await session.scalar(text(waiting)))
