"""Counting: each store keeps the same promises, and a window begins anew by the clock."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from limits.aio.storage import Storage
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.clock import StoppedClock
from tidings.kernel.db import database_on, open_database
from tidings.kernel.rate_limits.counting import RateLimits
from tidings.kernel.rate_limits.database import DatabaseCounts
from tidings.kernel.rate_limits.errors import StoreDown
from tidings.kernel.rate_limits.memory import PRUNED_AT, MemoryCounts
from tidings.kernel.rate_limits.models import purge_rate_counts
from tidings.kernel.rate_limits.types import Limit, Standing
from tidings.main.limits import rate_limits_of
from tidings.settings import Settings

THREE = Limit("three", 3)


@pytest.fixture(params=["memory", "database"])
async def storage(request: pytest.FixtureRequest, engine: AsyncEngine, clock: StoppedClock) -> AsyncIterator[Storage]:
    counts: Storage = MemoryCounts() if request.param == "memory" else DatabaseCounts(database_on(engine), clock)
    await counts.reset()
    yield counts
    await counts.reset()


@pytest.fixture
def limits(storage: Storage) -> RateLimits:
    return RateLimits(storage, THREE, THREE, THREE)


async def test_so_many_in_a_window_and_no_more(limits: RateLimits, clock: StoppedClock) -> None:
    standings = [await limits.count(THREE, "ada", now=clock.now()) for _ in range(5)]
    assert [(each.used, each.is_over) for each in standings if each] == [
        (1, False),
        (2, False),
        (3, False),
        (4, True),
        (5, True),
    ]


async def test_everybody_is_counted_apart_and_so_is_every_limit(limits: RateLimits, clock: StoppedClock) -> None:
    for who, limit in (("ada", THREE), ("grace", THREE), ("ada", Limit("other", 3))):
        standing = await limits.count(limit, who, now=clock.now())
        assert standing is not None
        assert standing.used == 1


async def test_the_next_window_begins_when_it_was_said_to(limits: RateLimits, clock: StoppedClock) -> None:
    clock.advance(seconds=45)
    standing = await limits.count(THREE, "ada", now=clock.now())
    assert standing is not None
    assert standing.resets_in_s == 15
    clock.advance(seconds=14)
    assert (await limits.count(THREE, "ada", now=clock.now())) == Standing(THREE, 2, 1)
    clock.advance(seconds=1)
    assert (await limits.count(THREE, "ada", now=clock.now())) == Standing(THREE, 1, 60)


async def test_nobody_is_lost_among_many_at_once(limits: RateLimits, clock: StoppedClock) -> None:
    standings = await asyncio.gather(*(limits.count(THREE, "ada", now=clock.now()) for _ in range(16)))
    assert sorted(each.used for each in standings if each) == list(range(1, 17))


async def test_no_limit_counts_nothing(limits: RateLimits, storage: Storage, clock: StoppedClock) -> None:
    assert await limits.count(Limit("none", 0), "ada", now=clock.now()) is None
    assert await storage.reset() == 0


async def test_a_store_does_what_the_library_asks_of_one(storage: Storage, clock: StoppedClock) -> None:
    assert (await storage.get("key"), await storage.incr("key", 60), await storage.incr("key", 60, 4)) == (0, 1, 5)
    assert await storage.get("key") == 5
    assert await storage.check()
    assert await storage.get_expiry("key") > 0
    await storage.clear("key")
    assert await storage.get("key") == 0


async def test_memory_forgets_windows_that_are_over() -> None:
    counts = MemoryCounts()
    for number in range(PRUNED_AT + 1):
        await counts.incr(str(number), 0)
    assert (await counts.reset() or 0) < PRUNED_AT


async def test_a_table_forgets_windows_that_are_over(engine: AsyncEngine, clock: StoppedClock) -> None:
    database = database_on(engine)
    counts = DatabaseCounts(database, clock)
    await counts.reset()
    await counts.incr("old", 60)
    clock.advance(seconds=60)
    await counts.incr("new", 60)
    async with database.write() as session:
        assert await purge_rate_counts(session, now=clock.now()) == 1
    assert (await counts.get("old"), await counts.get("new")) == (0, 1)
    await counts.reset()


@pytest.mark.parametrize("store", ["database", "redis://127.0.0.1:1/0"])
async def test_a_store_that_is_down_says_so(store: str, clock: StoppedClock, settings: Settings) -> None:
    unreachable = open_database("postgresql+asyncpg://nobody@127.0.0.1:1/nothing")
    limits = rate_limits_of(settings.model_copy(update={"rate_limit_store": store}), unreachable, clock)
    with pytest.raises(StoreDown):
        await limits.count(THREE, "ada", now=clock.now())
    await unreachable.engine.dispose()


def test_what_an_answer_says_of_a_limit() -> None:
    assert Standing(Limit("user", 1_200), 1, 42).headers == {
        "RateLimit-Policy": '"user";q=1200;w=60',
        "RateLimit": '"user";r=1199;t=42',
    }
    assert Standing(THREE, 9, 1).headers["RateLimit"] == '"three";r=0;t=1'
