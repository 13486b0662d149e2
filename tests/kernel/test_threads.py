"""Bounded threads: so many at once, so many waiting, and nobody beyond."""

import asyncio
import threading

import pytest

from tidings.kernel.errors import Busy
from tidings.kernel.threads import BoundedThreads


async def test_work_gives_what_it_returns_or_raises() -> None:
    threads = BoundedThreads("test", at_once=1, waiting=0)
    assert await threads.run(lambda: 6 * 7) == 42
    with pytest.raises(KeyError):
        await threads.run(lambda: {"a": 1}["nothing"])
    assert await threads.run(lambda: 1) == 1


async def test_whoever_comes_when_all_places_are_taken_is_turned_away() -> None:
    threads, go = BoundedThreads("test", at_once=1, waiting=2), threading.Event()
    running = [asyncio.create_task(threads.run(go.wait)) for _ in range(3)]
    await asyncio.sleep(0)
    with pytest.raises(Busy) as refusal:
        await threads.run(go.wait)
    assert refusal.value.headers == {"Retry-After": "1"}
    go.set()
    assert await asyncio.gather(*running) == [True] * 3
    assert await threads.run(lambda: 1) == 1


async def test_a_caller_who_leaves_does_not_free_the_place_of_work_that_goes_on() -> None:
    threads, go = BoundedThreads("test", at_once=1, waiting=0), threading.Event()
    left = asyncio.create_task(threads.run(go.wait))
    await asyncio.sleep(0)
    left.cancel()
    await asyncio.gather(left, return_exceptions=True)
    with pytest.raises(Busy):
        await threads.run(go.wait)
    go.set()
