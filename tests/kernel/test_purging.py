"""A slice of what is over is removed, and nothing that still counts or that somebody holds."""

import asyncio
from datetime import timedelta

from sqlalchemy import and_, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from tests.clock import StoppedClock
from tests.world import empty
from tidings.kernel.db import Database
from tidings.kernel.purging import in_slice, purge
from tidings.kernel.rate_limits.models import RateCount


async def filled(database: Database, clock: StoppedClock, many: int) -> None:
    """So many counts and nothing else, one over in each minute from now on."""
    await empty(database)
    now = clock.now()
    rows = [{"key": f"{minute:02}", "used": 1, "expires_at": now + timedelta(minutes=minute)} for minute in range(many)]
    async with database.write() as session:
        await session.execute(insert(RateCount), rows)


async def left(session: AsyncSession) -> list[str]:
    return list(await session.scalars(select(RateCount.key).order_by(RateCount.key)))


async def test_a_slice_is_no_larger_than_it_may_be_and_the_last_is_empty(
    database: Database, clock: StoppedClock
) -> None:
    await filled(database, clock, 10)
    clock.advance(minutes=6)
    async with database.write() as session:
        is_over = RateCount.expires_at <= clock.now()
        assert [await purge(session, RateCount, is_over, at_most=3) for _ in range(4)] == [3, 3, 1, 0]
        assert await left(session) == ["07", "08", "09"]


async def test_what_somebody_holds_is_passed_by_and_they_wait_for_nobody(
    database: Database, clock: StoppedClock
) -> None:
    """They are about to change it. On SQLite, which has one writer, nobody holds anything beside another."""
    await filled(database, clock, 3)
    clock.advance(minutes=5)
    is_over = RateCount.expires_at <= clock.now()
    async with database.write() as changing:
        later = {"expires_at": clock.now() + timedelta(minutes=1)}
        await changing.execute(update(RateCount).where(RateCount.key == "01").values(later))
        if not database.is_sqlite:
            async with asyncio.timeout(10), database.write() as session:
                assert await purge(session, RateCount, is_over) == 2
    async with database.write() as session:
        await purge(session, RateCount, is_over)
        assert await left(session) == ["01"]


async def test_what_is_changed_goes_by_slices_too(database: Database, clock: StoppedClock) -> None:
    await filled(database, clock, 5)
    is_unchanged = and_(RateCount.used == 1, RateCount.expires_at > clock.now())
    async with database.write() as session:
        connection = await session.connection()
        changed = update(RateCount).where(in_slice(RateCount, is_unchanged, 3)).values(used=2)
        assert [(await connection.execute(changed)).rowcount for _ in range(3)] == [3, 1, 0]
