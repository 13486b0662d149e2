"""A name that nobody has costs what a wrong password costs: the same hashing, the same statements.

Whether the answers then take equally long, `make bench` measures over 500 pairs (M17): a test asserts no time.
"""

import asyncio
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

import pytest
from argon2 import Parameters, extract_parameters
from argon2.low_level import hash_secret, verify_secret
from sqlalchemy import event

from tests.accounts.signing_in import WRONG, log_in
from tests.accounts.world import HASH, PASSWORD, World, code
from tidings.accounts.api.beats import SIGNING_IN
from tidings.accounts.models import User
from tidings.accounts.passwords import PERMITS, is_correct, password_threads
from tidings.accounts.types import AccountState
from tidings.kernel.http.routing import TransactionRoute

UNUSABLE = [state for state in AccountState if state is not AccountState.ACTIVE]


@dataclass
class Costs:
    """What one attempt made argon2 compute, and what it asked of the database."""

    verified: list[Parameters] = field(default_factory=list)
    hashed: int = 0
    statements: list[str] = field(default_factory=list)

    def computes(self, frame: FrameType, kind: str, _argument: object) -> None:
        """Hears of every call in the threads that hash."""
        if kind == "call" and frame.f_code is verify_secret.__code__:
            self.verified.append(extract_parameters(frame.f_locals["hash"].decode()))
        elif kind == "call" and frame.f_code is hash_secret.__code__:
            self.hashed += 1

    def asks(self, _connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        """Hears of every statement."""
        self.statements.append(statement)


@asynccontextmanager
async def counted(world: World) -> AsyncIterator[Costs]:
    """What is computed and asked meanwhile, seen by the interpreter and by the engine: nothing is replaced."""
    costs = Costs()
    engine = world.database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", costs.asks)
    await in_every_thread(lambda: sys.setprofile(costs.computes))
    try:
        yield costs
    finally:
        await in_every_thread(lambda: sys.setprofile(None))
        event.remove(engine, "before_cursor_execute", costs.asks)


async def in_every_thread(work: Any) -> None:
    """Have each of the threads that hash do this once: none ends before all have begun."""
    together = threading.Barrier(PERMITS)

    def take_part() -> None:
        work()
        together.wait(timeout=30)

    await asyncio.gather(*(password_threads.run(take_part) for _ in range(PERMITS)))


async def cost_of(world: World, login: str, password: str) -> Costs:
    async with world.client() as browser, counted(world) as costs:
        assert code(await log_in(browser, login, password)) == (401, "invalid_credentials")
    return costs


@pytest.fixture
async def wrong(world: World, ada: User) -> Costs:
    """What a wrong password costs."""
    await is_correct(WRONG, None)  # the first of all unknown names has the hash made that the others are held to
    return await cost_of(world, "ada", WRONG)


async def test_row_09_a_wrong_password_is_hashed_once_with_the_parameters_of_today(wrong: Costs) -> None:
    assert wrong.verified == [extract_parameters(HASH)]
    assert wrong.hashed == 0
    assert wrong.statements


@pytest.mark.parametrize("login", ["nobody", "nobody@example.org"])
async def test_row_09_a_name_that_nobody_has_costs_the_same(world: World, wrong: Costs, login: str) -> None:
    assert await cost_of(world, login, WRONG) == wrong


@pytest.mark.parametrize("password", [WRONG, PASSWORD], ids=["wrong", "right"])
@pytest.mark.parametrize("state", UNUSABLE)
async def test_row_09_an_account_that_cannot_be_used_costs_the_same(
    world: World, wrong: Costs, state: AccountState, password: str
) -> None:
    await world.add("grace", state=state, external_id="grace")
    assert await cost_of(world, "grace@example.org", password) == wrong


def test_row_09_refusals_leave_on_a_beat(world: World) -> None:
    routes = [route for route in world.app.routes if isinstance(route, TransactionRoute)]
    assert {route.path for route in routes if route.beat is SIGNING_IN} == {"/api/v1/auth/login", "/api/v1/auth/token"}
