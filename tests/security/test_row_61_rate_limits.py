"""Limits hold for addresses that cannot be made up, for users and for keys; without counting nobody guesses on."""

import re
from collections.abc import Mapping
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.accounts.oidc import Sso
from tests.accounts.pictures import MINE, picture, put
from tests.accounts.world import BASE_URL, NONE, World, code, make_app
from tests.clock import StoppedClock
from tests.conftest import TEST_KEYS
from tests.world import empty
from tidings import Tidings
from tidings.accounts.api import router
from tidings.accounts.identities.models import OidcState
from tidings.accounts.models import User
from tidings.accounts.types import Scope
from tidings.kernel.db import open_database
from tidings.kernel.rate_limits.counting import RateLimits
from tidings.kernel.rate_limits.database import DatabaseCounts
from tidings.kernel.rate_limits.memory import MemoryCounts
from tidings.kernel.rate_limits.types import Limit
from tidings.settings import Settings
from tidings.web.description import openapi_document

LOGIN = "/api/v1/auth/login"
WRONG = {"login": "nobody", "password": "not the password"}
ME = "/api/v1/users/me"
OPEN_TO_STRANGERS = {
    "POST /auth/invitation": "sign-in",
    "POST /auth/login": "sign-in",
    "POST /auth/mfa": "sign-in",
    "POST /auth/passkey": "sign-in",
    "POST /auth/passkey/options": "sign-in",
    "POST /auth/password-reset/confirm": "sign-in",
    "POST /auth/password-reset/request": "sign-in",
    "POST /auth/refresh": "program",
    "POST /auth/sign-up": "sign-in",
    "POST /auth/token": "sign-in",
    "POST /auth/verify-email": "sign-in",
    "POST /auth/verify-email/resend": "sign-in",
    "POST /notifications/unsubscribe/{token}": "program",
    "POST /setup": "sign-in",
}
"""What may change something for somebody who shows no credential, and what it counts as."""


@pytest.fixture(params=["memory", "database"])
def limited(request: pytest.FixtureRequest, world: World) -> World:
    """A world with small limits, counted in memory or in its database."""
    in_database = request.param == "database"
    world.rate_limits = RateLimits(
        DatabaseCounts(world.database, world.clock) if in_database else MemoryCounts(),
        sign_in=Limit("sign-in", 3),
        user=Limit("user", 4),
        key=Limit("key", 5),
        program=Limit("program", 6),
        upload=Limit("upload", 2),
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


async def test_row_61_every_route_that_strangers_may_write_by_is_counted(engine: AsyncEngine, tmp_path: Path) -> None:
    """Who is a stranger's is seen from what strangers are told, not from what a route declares."""
    settings = Settings(data_dir=tmp_path, secret_keys=TEST_KEYS, base_url=BASE_URL, rate_limit_sign_in=1)
    house = Tidings(engine, settings=settings, clock=StoppedClock())
    await empty(house.database)
    amounts = {"sign-in": 1, "program": 10}
    found: dict[str, str] = {}
    for path, operations in openapi_document(house.app)["paths"].items():
        for method in {name.upper() for name in operations} - {"GET", "HEAD", "OPTIONS"}:
            transport = httpx.ASGITransport(house.app, client=(f"2001:db8:0:{len(found):x}::1", 4711))
            async with httpx.AsyncClient(transport=transport, base_url=BASE_URL, headers={"Origin": BASE_URL}) as who:
                place = re.sub(r"\{\w+\}", str(uuid4()), path)
                answers = [await who.request(method, place, json={})]
                if answers[0].json().get("code") == "not_authenticated":
                    continue
                answers += [await who.request(method, place, json={}) for _ in range(amounts["program"])]
            route = f"{method} {path.removeprefix('/api/v1')}"
            found[route] = counted = answers[0].headers.get("RateLimit-Policy", '"nothing"').split('"')[1]
            assert counted in amounts, route
            assert 429 not in [answer.status_code for answer in answers[: amounts[counted]]], route
            for refused in answers[amounts[counted] :]:
                assert code(refused) == (429, "rate_limited"), route
                assert int(refused.headers["Retry-After"]) > 0, route
    assert found == OPEN_TO_STRANGERS


async def test_row_61_so_are_the_two_pages_that_write(sso: Sso) -> None:
    """A browser is sent to them, so they are GET; who tried too often hears of it where people sign in."""
    world = sso.world
    world.rate_limits = RateLimits(MemoryCounts(), Limit("sign-in", 3), NONE, NONE)
    world.app.state.rate_limits = world.rate_limits
    for page in ("start", "callback?state=made-up"):
        world.clock.advance(minutes=1)
        before = await trips(world)
        async with world.client() as browser:
            answers = [await browser.get(f"/api/v1/auth/oidc/club/{page}") for _ in range(5)]
        assert [answer.status_code for answer in answers] == [303] * 5
        told = [answer.headers["Location"].endswith("/sign-in?error=rate_limited") for answer in answers]
        assert told == [False] * 3 + [True] * 2
        assert await trips(world) - before == (3 if page == "start" else 0)


async def test_row_61_while_nothing_can_be_counted_nobody_leaves_for_a_provider(sso: Sso) -> None:
    sso.world.app.state.rate_limits = uncountable(sso.world)
    async with sso.world.client() as browser:
        answer = await browser.get("/api/v1/auth/oidc/club/start")
    assert answer.headers["Location"].endswith("/sign-in?error=busy")
    assert await trips(sso.world) == 0


async def trips(world: World) -> int:
    async with world.database.read() as session:
        return await session.scalar(select(func.count()).select_from(OidcState)) or 0


async def test_row_61_a_person_sends_so_many_pictures_in_a_minute(limited: World, ada: User, grace: User) -> None:
    """Each may cost seconds of the one thread that opens pictures; before one is read, it is counted."""
    async with await limited.browser_of(ada) as browser:
        answers = [await put(browser, picture(size=(8, 8))) for _ in range(3)]
        removed = await browser.delete(MINE)
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[-1].headers["RateLimit-Policy"] == '"upload";q=2;w=60'
    assert removed.status_code == 204
    async with await limited.browser_of(grace) as browser:
        for place in ("/api/v1/server-settings/login-photo", f"/api/v1/users/{ada.id}/photo"):
            assert (await put(browser, picture(size=(8, 8)), place)).status_code == 200
        assert code(await put(browser, b"no picture", f"/api/v1/users/{ada.id}/photo")) == (429, "rate_limited")


async def test_row_61_a_key_may_move_a_whole_house(limited: World, ada: User) -> None:
    key = await limited.key(Scope.ADMIN)
    async with limited.client(bearer=key) as server:
        answers = [await put(server, picture(size=(8, 8)), f"/api/v1/users/{ada.id}/photo") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200] * 4


async def test_row_61_a_request_that_writes_is_counted_and_answered(limited: World, ada: User, grace: User) -> None:
    """Counting in a database that has one writer must not wait for the request it counts."""
    async with await limited.browser_of(grace) as browser:
        answer = await browser.post(f"/api/v1/users/{ada.id}/suspend")
    assert answer.status_code == 200


@pytest.fixture
def broken(world: World) -> World:
    """A world that cannot count any more."""
    world.rate_limits = uncountable(world)
    world.app = make_app(world, router)
    return world


def uncountable(world: World) -> RateLimits:
    unreachable = open_database("postgresql+asyncpg://nobody@127.0.0.1:1/nothing")
    one = Limit("one", 1)
    counts = DatabaseCounts(unreachable, world.clock)
    return RateLimits(counts, sign_in=one, user=one, key=one, program=one, upload=one)


async def test_row_61_while_nothing_can_be_counted_nobody_signs_in(broken: World, ada: User) -> None:
    refused = await attempt(broken)
    assert code(refused) == (503, "busy")
    assert refused.headers["Retry-After"]


async def test_row_61_while_nothing_can_be_counted_who_is_in_goes_on(broken: World, ada: User) -> None:
    async with await broken.browser_of(ada) as browser:
        statuses = [(await browser.get(ME)).status_code for _ in range(3)]
        statuses += [(await put(browser, picture(size=(8, 8)))).status_code for _ in range(2)]
    assert statuses == [200] * 5


async def test_row_61_while_nothing_can_be_counted_apps_renew_their_tokens(broken: World, ada: User) -> None:
    tokens = await broken.tokens_of(ada)
    async with broken.client() as app:
        answers = [await app.post("/api/v1/auth/refresh", json={"refresh_token": tokens.refresh_token}) for _ in "ab"]
    assert [answer.status_code for answer in answers] == [200, 200]
