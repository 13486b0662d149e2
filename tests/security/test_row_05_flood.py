"""A flood of sign-ins sheds load: hashing keeps to its permits, whoever finds no room is told to come back.

How much a real flood takes, and what others feel of it, `make bench` measures (M16).
"""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.accounts.signing_in import WRONG, log_in
from tests.accounts.world import World, code
from tests.waiting import until
from tidings.accounts.models import User
from tidings.accounts.passwords import PERMITS, WAITING, password_threads


class Hashing:
    """What holds a permit for as long as the test says, where a hash would hold it for its own time."""

    def __init__(self) -> None:
        self.under_way = 0
        self._over = threading.Event()
        self._lock = threading.Lock()

    def work(self) -> None:
        with self._lock:
            self.under_way += 1
        self._over.wait()

    def end(self) -> None:
        self._over.set()


@asynccontextmanager
async def no_room() -> AsyncIterator[Hashing]:
    """Every permit is held and every place to wait for one is taken, until the block ends."""
    hashing = Hashing()
    flood = [asyncio.create_task(password_threads.run(hashing.work)) for _ in range(PERMITS + WAITING)]
    try:

        async def permits_are_held() -> bool:
            return hashing.under_way >= PERMITS

        await until(permits_are_held)
        yield hashing
    finally:
        hashing.end()
        await asyncio.gather(*flood)


async def test_row_05_at_most_the_permits_hash_at_once() -> None:
    async with no_room() as hashing:
        assert hashing.under_way == PERMITS
    assert hashing.under_way == PERMITS + WAITING


async def test_row_05_a_flood_is_shed_and_the_rest_is_answered(world: World, ada: User) -> None:
    async with world.client() as browser:
        async with no_room():
            shed = await asyncio.gather(*(log_in(browser, login, WRONG) for login in ("ada", "nobody", "nobody else")))
        assert {code(answer) for answer in shed} == {(503, "busy")}
        assert all(int(answer.headers["Retry-After"]) >= 1 for answer in shed)
        assert code(await log_in(browser, "nobody", WRONG)) == (401, "invalid_credentials")
        assert (await log_in(browser)).status_code == 200


async def test_row_05_whoever_was_shed_has_not_failed(world: World, ada: User) -> None:
    async with world.client() as browser:
        async with no_room():
            for _ in range(20):  # twice what an account may fail before it has to wait
                assert (await log_in(browser, "ada", WRONG)).status_code == 503
        assert (await log_in(browser)).status_code == 200
