"""Removing what is over a slice at a time: nobody waits for long, and what was done stays done."""

from sqlalchemy import ColumnElement, delete, inspect, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from tidings.kernel.db import Base

AT_ONCE = 1_000


async def purge(session: AsyncSession, model: type[Base], is_over: ColumnElement[bool], at_most: int = AT_ONCE) -> int:
    """Remove rows of which this holds, and what hangs on them; returns how many. Call it until it returns 0."""
    connection = await session.connection()  # not the session, which would have every key sent back
    return (await connection.execute(delete(model).where(in_slice(model, is_over, at_most)))).rowcount


def in_slice(model: type[Base], is_over: ColumnElement[bool], at_most: int = AT_ONCE) -> ColumnElement[bool]:
    """Being one of so many rows of which this holds, for one statement that changes or removes them.

    A row that somebody holds at the moment is passed by: they may be about to change it.
    """
    key = inspect(model).primary_key
    # PostgreSQL may run a plain subquery several times, and each time lock other rows: this it runs once.
    chosen = select(*key).where(is_over).limit(at_most).with_for_update(skip_locked=True).cte("chosen", nesting=True)
    return tuple_(*key).in_(select(*chosen.c))
