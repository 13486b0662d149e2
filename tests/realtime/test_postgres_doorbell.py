"""What a doorbell with a connection of its own must survive."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from uuid import UUID, uuid4

import asyncpg
import pytest
from sqlalchemy import make_url

from tests.realtime.device import until
from tests.services import postgres
from tests.services.run import Run
from tidings.realtime.doorbell import Chime, Ring, Wake
from tidings.realtime.postgres import CHANNEL, MAX_WAITING, PostgresDoorbell


class Pair:
    """Two nodes on an empty database, and a way to disturb them."""

    def __init__(self, url: str, admin: asyncpg.Connection) -> None:
        self.admin = admin
        self.here = PostgresDoorbell(make_url(url), keepalive_s=0.02, first_backoff_s=0.01)
        self.there = PostgresDoorbell(make_url(url), keepalive_s=0.02, first_backoff_s=0.01)
        self.heard_here: list[Chime] = []
        self.heard: list[Chime] = []

    async def cut_connections(self) -> None:
        await self.admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


@pytest.fixture
async def pair(test_run: Run) -> AsyncIterator[Pair]:
    async with AsyncExitStack() as stack:
        url = await stack.enter_async_context(postgres.empty_database(test_run, f"bell_{uuid4().hex[:8]}"))
        plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        admin = await asyncpg.connect(plain)
        stack.push_async_callback(admin.close)
        pair = Pair(url, admin)
        for doorbell, heard in ((pair.here, pair.heard_here), (pair.there, pair.heard)):
            await doorbell.start(heard.extend)
            stack.push_async_callback(doorbell.stop)
        yield pair


async def test_a_lost_connection_comes_back_and_wakes(pair: Pair, ada: UUID) -> None:
    pair.heard.clear()
    await pair.cut_connections()
    await until(lambda: Wake() in pair.heard)
    await until(lambda: _rings_through(pair, ada))


async def test_what_is_rung_while_disconnected_is_passed_on(pair: Pair, ada: UUID) -> None:
    await pair.cut_connections()
    pair.heard.clear()
    pair.here.ring([Ring(ada, 5, 5), Ring(ada, 6, 6)])
    await until(lambda: Ring(ada, 5, 6) in pair.heard or Wake() in pair.heard)


async def test_rings_of_a_user_may_become_one(pair: Pair, ada: UUID) -> None:
    pair.heard.clear()
    pair.here.ring([Ring(ada, 5, 5), Ring(ada, 6, 9)])
    await until(lambda: pair.heard)
    assert pair.heard == [Ring(ada, 5, 9)]


async def test_a_node_ignores_its_own_notifications(pair: Pair, ada: UUID) -> None:
    pair.heard_here.clear()
    pair.here.ring([Ring(ada, 1, 1)])
    await until(lambda: Ring(ada, 1, 1) in pair.heard)
    pair.there.ring([Ring(ada, 2, 2)])
    await until(lambda: Ring(ada, 2, 2) in pair.heard_here)
    assert pair.heard_here == [Ring(ada, 1, 1), Ring(ada, 2, 2)]


async def test_too_much_to_remember_becomes_a_wake(pair: Pair) -> None:
    pair.heard.clear()
    pair.here.ring([Ring(UUID(int=number), 1, 1) for number in range(MAX_WAITING + 1)])
    await until(lambda: Wake() in pair.heard)


async def test_a_message_of_another_version_wakes(pair: Pair) -> None:
    pair.heard.clear()
    await pair.admin.execute(f"NOTIFY {CHANNEL}, 'version two'")
    await until(lambda: Wake() in pair.heard)


async def test_a_database_that_is_away_at_the_start_is_found_later(pair: Pair, ada: UUID) -> None:
    name = await pair.admin.fetchval("SELECT current_database()")
    url = pair.here._options | {"database": name}
    late = PostgresDoorbell(make_url(f"postgresql+asyncpg://nobody@127.0.0.1:1/{name}"), first_backoff_s=0.01)
    heard: list[Chime] = []
    await late.start(heard.extend)
    assert heard == []
    late._options = url
    await until(lambda: Wake() in heard)
    await late.stop()


async def test_stopping_while_disconnected_does_not_hang(ada: UUID) -> None:
    doorbell = PostgresDoorbell(make_url("postgresql+asyncpg://nobody@127.0.0.1:1/none"), first_backoff_s=0.01)
    await doorbell.start(_ignore)
    doorbell.ring([Ring(ada, 1, 1)])
    await doorbell.stop()
    assert not [task for task in asyncio.all_tasks() if "_stay_connected" in repr(task)]


def _ignore(_chimes: Sequence[Chime]) -> None:
    pass


def _rings_through(pair: Pair, user_id: UUID) -> bool:
    pair.here.ring([Ring(user_id, 1, 1)])
    return Ring(user_id, 1, 1) in pair.heard
