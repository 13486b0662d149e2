"""Rate limits that several processes count together in Redis."""

import asyncio
import secrets
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
from limits.aio.storage import RedisStorage
from limits.aio.storage.redis.redispy import RedispyBridge

from tests.clock import StoppedClock
from tests.main.conftest import MakeNode
from tests.services import redis
from tests.services.run import Run
from tests.world import API, BASE_URL
from tidings import Tidings
from tidings.kernel.db import open_database
from tidings.kernel.rate_limits.counting import RateLimits
from tidings.kernel.rate_limits.types import Limit
from tidings.main.limits import hang_up, rate_limits_of
from tidings.settings import Settings

MANY = Limit("many", 1_000)
LIMIT = 3
COUNTS = """
import asyncio, sys
from datetime import datetime
from tidings.kernel.db import open_database
from tidings.kernel.clock import SystemClock
from tidings.kernel.rate_limits.types import Limit
from tidings.main.limits import hang_up, rate_limits_of
from tidings.settings import Settings

async def count(url, who, now):
    nowhere = open_database("sqlite+aiosqlite:///nothing.db")
    limits = rate_limits_of(Settings(rate_limit_store=url), nowhere, SystemClock())
    for _ in range(5):
        standing = await limits.count(Limit("many", 1_000), who, now=datetime.fromisoformat(now))
    print(standing.used)

asyncio.run(count(*sys.argv[1:]))
"""


@pytest.fixture(scope="module")
def url(test_run: Run) -> Iterator[str]:
    with redis.server(test_run) as url:
        yield url


@pytest.fixture
def who() -> str:
    """Somebody nobody else counts: the server may be shared."""
    return secrets.token_hex(16)


@pytest.fixture
async def nodes(url: str, tmp_path: Path, clock: StoppedClock) -> AsyncIterator[list[RateLimits]]:
    """The counts as two processes see them."""
    nowhere = open_database("sqlite+aiosqlite:///nothing.db")  # this store needs no database
    settings = Settings(rate_limit_store=url, data_dir=tmp_path)
    nodes = [rate_limits_of(settings, nowhere, clock) for _ in range(2)]
    yield nodes
    for limits in nodes:
        await hang_up(limits)


async def used(limits: RateLimits, who: str, clock: StoppedClock) -> int:
    standing = await limits.count(MANY, who, now=clock.now())
    assert standing is not None
    return standing.used


async def test_two_processes_share_a_count(
    url: str, nodes: list[RateLimits], who: str, tmp_path: Path, clock: StoppedClock
) -> None:
    limits, _ = nodes
    assert [await used(limits, who, clock) for _ in range(2)] == [1, 2]
    command = [sys.executable, "-c", COUNTS, url, who, clock.now().isoformat()]
    other = await asyncio.to_thread(subprocess.run, command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert other.stdout.strip() == "7", other.stderr
    assert await used(limits, who, clock) == 8


async def test_nobody_is_lost_among_many_at_once(nodes: list[RateLimits], who: str, clock: StoppedClock) -> None:
    counted = await asyncio.gather(*(used(limits, who, clock) for limits in nodes * 16))
    assert sorted(counted) == list(range(1, 33))


async def test_a_window_that_is_over_counts_no_more_and_is_not_kept(
    nodes: list[RateLimits], who: str, clock: StoppedClock
) -> None:
    limits, _ = nodes
    assert [await used(limits, who, clock) for _ in range(2)] == [1, 2]
    clock.advance(seconds=MANY.window_s)
    assert await used(limits, who, clock) == 1
    window = int(clock.now().timestamp()) // MANY.window_s
    key = f"{MANY.name}:{who}:{window}"
    assert await limits.storage.get(key) == 1
    assert await limits.storage.get_expiry(key) > 0  # Redis itself forgets it


async def test_nodes_refuse_together_and_the_next_minute_alike(
    url: str, make_node: MakeNode, clock: StoppedClock
) -> None:
    nodes = [make_node(rate_limit_store=url, rate_limit_sign_in=LIMIT) for _ in range(2)]
    host = ":".join(["2001:db8", secrets.token_hex(2), secrets.token_hex(2), ":1"])
    async with browser(nodes[0], host) as one, browser(nodes[1], host) as other:
        answers = [await fails(client) for client in (one, other) * 2]
        assert [answer.status_code for answer in answers] == [401] * LIMIT + [429]
        assert 0 < int(answers[-1].headers["Retry-After"]) <= MANY.window_s
        clock.advance(seconds=int(answers[-1].headers["Retry-After"]))
        assert (await fails(other)).status_code == 401
    for node in nodes:
        await hang_up(node.rate_limits)


async def test_a_server_that_ends_hangs_up(url: str, make_node: MakeNode) -> None:
    node = make_node(rate_limit_store=url, worker=False)
    async with node.lifespan(), browser(node, "127.0.0.1") as client:
        assert (await fails(client)).status_code == 401
        assert await connections(node) == 1
    assert await connections(node) == 0


async def connections(node: Tidings) -> int:
    storage = node.rate_limits.storage
    assert isinstance(storage, RedisStorage)
    assert isinstance(storage.bridge, RedispyBridge)
    pool = storage.bridge.storage.connection_pool
    return sum(connection.is_connected for connection in pool._available_connections)


def browser(node: Tidings, host: str) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=node.app, client=(host, 1))
    return httpx.AsyncClient(transport=transport, base_url=BASE_URL + API, headers={"Origin": BASE_URL})


async def fails(client: httpx.AsyncClient) -> httpx.Response:
    """Try to sign in as nobody."""
    return await client.post("/auth/login", json={"login": secrets.token_hex(8), "password": "wrong, of course"})
