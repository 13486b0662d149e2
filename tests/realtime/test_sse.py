"""Streams as server-sent events, over real connections."""

import asyncio
import logging
from collections.abc import AsyncIterator
from uuid import UUID

import pytest

from tests.realtime.conftest import World, running
from tests.realtime.device import until
from tests.realtime.live import Live, frame, serving, small_socket
from tidings.realtime.doorbell import SignalsPosted
from tidings.realtime.limits import Limits
from tidings.realtime.types import CloseCode, CloseSignal, CustomSignal

LIMITS = Limits(heartbeat_s=60, tick_s=0.01, heal_s=(3600, 3600), stall_s=0.2, close_s=0.2, drain_s=0.5)


@pytest.fixture
async def live() -> AsyncIterator[Live]:
    async with running(World(limits=LIMITS)) as world, serving(world, "none") as live:
        yield live


async def test_events_carry_type_cursor_and_body(live: Live, ada: UUID) -> None:
    events = await live.events(ada)
    assert "content-type: text/event-stream" in events.head
    assert "cache-control: no-store" in events.head
    connected = await events.next()
    assert connected is not None
    assert (connected["event"], connected["id"]) == ("connected", "one.0.0")
    live.world.doorbell.ring([live.world.table.write(ada, 1, 7)])
    told = await events.next()
    assert told is not None
    assert (told["event"], told["id"]) == ("notification", "one.1.0")
    assert frame(told["data"])["data"] == {"id": 1, "value": 7}


async def test_the_last_event_id_resumes(live: Live, ada: UUID) -> None:
    live.world.table.write(ada, 1, 7)
    live.world.table.write(ada, 2, 8)
    events = await live.events(ada, last_event_id="one.1.0")
    assert [(await events.next() or {})["id"] for _ in range(2)] == ["one.1.0", "one.2.0"]


async def test_a_message_without_cursor_leaves_the_last_event_id_alone(live: Live, ada: UUID) -> None:
    events = await live.events(ada)
    await events.next()
    live.world.signals.waiting.append(CustomSignal(ada, "hello"))
    live.world.doorbell.ring([SignalsPosted()])
    custom = await events.next()
    assert custom is not None
    assert custom["event"] == "custom"
    assert "id" not in custom


async def test_a_revoked_stream_just_ends(live: Live, ada: UUID) -> None:
    events = await live.events(ada)
    await events.next()
    live.world.signals.waiting.append(CloseSignal(ada, None, CloseCode.REVOKED, "revoked"))
    live.world.doorbell.ring([SignalsPosted()])
    assert await events.next() is None


async def test_a_server_that_stops_says_when_to_come_back(live: Live, ada: UUID) -> None:
    events = await live.events(ada)
    await events.next()
    await live.world.hub.drain()
    goodbye = await events.next()
    assert goodbye is not None
    assert goodbye["event"] == "goodbye"
    assert int(goodbye["retry"]) == frame(goodbye["data"])["retry_ms"]
    assert await events.next() is None


async def test_a_browser_that_leaves_is_let_go(live: Live, ada: UUID) -> None:
    events = await live.events(ada)
    await events.next()
    events.close()
    await until(lambda: live.world.counts[-1] == (ada, 0))


async def test_a_reader_who_stands_still_is_let_go(live: Live, caplog: pytest.LogCaptureFixture, ada: UUID) -> None:
    events = await live.events(ada, sock=small_socket(live.port))
    await events.next()
    tasks = asyncio.all_tasks()
    live.ring_big(ada, 80)
    await until(lambda: live.world.counts[-1] == (ada, 0))
    await until(lambda: not [task for task in asyncio.all_tasks() & tasks if "run_asgi" in repr(task)])
    await events.end()
    caplog.clear()


async def test_nothing_is_logged_as_an_error(live: Live, caplog: pytest.LogCaptureFixture, ada: UUID) -> None:
    events = await live.events(ada)
    await events.next()
    await live.world.hub.drain()
    assert (await events.next() or {})["event"] == "goodbye"
    assert await events.next() is None
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR] == []
