"""Limits hold for addresses that cannot be made up, for users and for keys; without counting nobody guesses on."""

from collections.abc import Mapping

import httpx
import pytest

from tests.accounts.world import BASE_URL, World, code, make_app
from tidings.accounts.api import router
from tidings.accounts.models import User
from tidings.accounts.types import Scope
from tidings.kernel.db import open_database
from tidings.kernel.rate_limits.counting import RateLimits
from tidings.kernel.rate_limits.database import DatabaseCounts
from tidings.kernel.rate_limits.memory import MemoryCounts
from tidings.kernel.rate_limits.types import Limit

LOGIN = "/api/v1/auth/login"
WRONG = {"login": "nobody", "password": "not the password"}
ME = "/api/v1/users/me"


@pytest.fixture(params=["memory", "database"])
def limited(request: pytest.FixtureRequest, world: World) -> World:
    """A world with small limits, counted in memory or in its database."""
    in_database = request.param == "database"
    world.rate_limits = RateLimits(
        DatabaseCounts(world.database, world.clock) if in_database else MemoryCounts(),
        sign_in=Limit("sign-in", 3),
        user=Limit("user", 4),
        key=Limit("key", 5),
        in_transactions=in_database,
    )
    world.app = make_app(world, router)
    return world


async def attempt(
    world: World, *, peer: str = "203.0.113.9", headers: Mapping[str, str] | None = None
) -> httpx.Response:
    transport = httpx.ASGITransport(world.app, client=(peer, 4711))
    async with httpx.AsyncClient(transport=transport, base_url=BASE_URL, headers=headers) as stranger:
        return await stranger.post(LOGIN, json=WRONG)


async def test_row_61_an_address_has_so_many_attempts_in_a_minute(limited: World) -> None:
    statuses = [(await attempt(limited)).status_code for _ in range(3)]
    refused = await attempt(limited)
    assert statuses == [401, 401, 401]
    assert code(refused) == (429, "rate_limited")
    assert int(refused.headers["Retry-After"]) == 60 - limited.clock.now().second
    assert refused.headers["RateLimit-Policy"] == '"sign-in";q=3;w=60'
    assert refused.headers["RateLimit"].startswith('"sign-in";r=0;t=')
    assert (await attempt(limited, peer="203.0.113.10")).status_code == 401
    limited.clock.advance(minutes=1)
    assert (await attempt(limited)).status_code == 401


async def test_row_61_a_made_up_forwarded_address_has_no_effect(limited: World) -> None:
    answers = [await attempt(limited, headers={"X-Forwarded-For": f"198.51.100.{number}"}) for number in range(4)]
    assert [answer.status_code for answer in answers] == [401, 401, 401, 429]


async def test_row_61_behind_a_declared_proxy_each_client_has_its_own(limited: World) -> None:
    limited.trusted_proxies = 1
    limited.app = make_app(limited, router)
    answers = [
        await attempt(limited, headers={"X-Forwarded-For": f"6.6.6.{number}, 198.51.100.1"}) for number in range(4)
    ]
    assert [answer.status_code for answer in answers] == [401, 401, 401, 429]
    other = await attempt(limited, headers={"X-Forwarded-For": "198.51.100.1, 198.51.100.2"})
    assert other.status_code == 401


async def test_row_61_all_of_one_ipv6_customer_is_one_address(limited: World) -> None:
    answers = [await attempt(limited, peer=f"2001:db8:1:2::{number}") for number in range(1, 5)]
    assert [answer.status_code for answer in answers] == [401, 401, 401, 429]


async def test_row_61_a_user_has_so_many_requests_over_all_sessions(limited: World, ada: User, grace: User) -> None:
    async with await limited.browser_of(ada) as one, await limited.browser_of(ada) as other:
        statuses = [(await browser.get(ME)).status_code for browser in (one, other, one, other, one)]
    async with await limited.browser_of(grace) as browser:
        statuses.append((await browser.get(ME)).status_code)
    assert statuses == [200, 200, 200, 200, 429, 200]


async def test_row_61_an_api_key_has_a_limit_of_its_own(limited: World, ada: User) -> None:
    key = await limited.key(Scope.USERS_READ)
    async with limited.client(bearer=key) as server:
        answers = [await server.get(f"/api/v1/users/{ada.id}") for _ in range(6)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429]
    assert answers[-1].headers["RateLimit-Policy"] == '"key";q=5;w=60'


async def test_row_61_a_request_that_writes_is_counted_and_answered(limited: World, ada: User, grace: User) -> None:
    """Counting in a database that has one writer must not wait for the request it counts."""
    async with await limited.browser_of(grace) as browser:
        answer = await browser.post(f"/api/v1/users/{ada.id}/suspend")
    assert answer.status_code == 200


@pytest.fixture
def broken(world: World) -> World:
    """A world that cannot count any more."""
    unreachable = open_database("postgresql+asyncpg://nobody@127.0.0.1:1/nothing")
    one = Limit("one", 1)
    world.rate_limits = RateLimits(DatabaseCounts(unreachable, world.clock), one, one, one, in_transactions=True)
    world.app = make_app(world, router)
    return world


async def test_row_61_while_nothing_can_be_counted_nobody_signs_in(broken: World, ada: User) -> None:
    refused = await attempt(broken)
    assert code(refused) == (503, "busy")
    assert refused.headers["Retry-After"]


async def test_row_61_while_nothing_can_be_counted_who_is_in_goes_on(broken: World, ada: User) -> None:
    async with await broken.browser_of(ada) as browser:
        statuses = [(await browser.get(ME)).status_code for _ in range(3)]
    assert statuses == [200, 200, 200]
