"""A name that nobody has takes as long as a wrong password: the same statements, the same hashing, the same ranks."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from tests.accounts.signing_in import WRONG, log_in
from tests.accounts.world import HASH, World
from tidings.accounts.models import User
from tidings.accounts.passwords import is_correct
from tidings.accounts.types import AccountState

PAIRS = 500
UNUSUAL = 4.0
"""Standard deviations. A difference of one part in fifty would show as more; chance does so once in 15,000 runs."""


@contextmanager
def statements(world: World) -> Iterator[list[str]]:
    """What is asked of the database meanwhile."""
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        asked.append(statement)

    event.listen(world.database.engine.sync_engine, "before_cursor_execute", note)
    yield asked
    event.remove(world.database.engine.sync_engine, "before_cursor_execute", note)


async def asked_of_the_database(world: World, login: str) -> list[str]:
    async with world.client() as browser:
        with statements(world) as asked:
            await log_in(browser, login, WRONG)
    return asked


async def test_row_09_the_database_is_asked_the_same_whoever_it_is(world: World, ada: User) -> None:
    await world.add("suspended", state=AccountState.SUSPENDED)
    await world.add("guest", state=AccountState.RECIPIENT, external_id="guest")
    asked = await asked_of_the_database(world, "ada")
    assert asked
    assert await asked_of_the_database(world, "nobody") == asked
    assert await asked_of_the_database(world, "suspended") == asked
    assert await asked_of_the_database(world, "guest@example.org") == asked


async def test_row_09_without_a_hash_hashing_takes_as_long() -> None:
    """Wilcoxon's signed-rank test over 500 pairs measured in turn, so that whatever else runs troubles both alike."""
    differences = []
    for pair in range(PAIRS):
        order = [HASH, None] if pair % 2 else [None, HASH]
        taken = {each: await seconds(each) for each in order}
        differences.append(taken[HASH] - taken[None])
    assert abs(signed_rank(differences)) < UNUSUAL


async def seconds(stored: str | None) -> float:
    started = time.perf_counter()
    await is_correct(WRONG, stored)
    return time.perf_counter() - started


def signed_rank(differences: list[float]) -> float:
    """How many standard deviations the ranks lie from what chance would give (normal approximation)."""
    ranked = sorted(differences, key=abs)
    n = len(ranked)
    positive = sum(rank for rank, difference in enumerate(ranked, start=1) if difference > 0)
    return float((positive - n * (n + 1) / 4) / (n * (n + 1) * (2 * n + 1) / 24) ** 0.5)
