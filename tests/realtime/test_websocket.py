"""Streams over real WebSockets, under a server that lets us past ASGI and under one that does not."""

import asyncio
import logging
from collections.abc import AsyncIterator
from uuid import UUID

import pytest
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from tests.realtime.conftest import World, running
from tests.realtime.device import PATIENCE_S, until
from tests.realtime.live import SERVERS, Live, frame, serving
from tidings.realtime.doorbell import SignalsPosted
from tidings.realtime.limits import Limits
from tidings.realtime.types import CloseCode, CloseSignal, CustomSignal

LIMITS = Limits(
    heartbeat_s=60, tick_s=0.01, heal_s=(3600, 3600), stall_s=0.2, close_s=0.2, drain_s=0.5, max_connections=20
)


@pytest.fixture(params=SERVERS)
async def live(request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture) -> AsyncIterator[Live]:
    async with running(World(limits=LIMITS)) as world, serving(world, SERVERS[request.param]) as live:
        yield live
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR] == []


async def closed(websocket: ClientConnection) -> int | None:
    """Read to the end and return the close code."""
    async with asyncio.timeout(PATIENCE_S):
        try:
            while True:
                await websocket.recv()
        except ConnectionClosed:
            return websocket.close_code


async def test_a_device_is_connected_told_and_followed(live: Live, ada: UUID) -> None:
    websocket = await live.websocket(ada)
    assert frame(await websocket.recv())["type"] == "connected"
    live.world.doorbell.ring([live.world.table.write(ada, 1, 7)])
    assert frame(await websocket.recv())["data"] == {"id": 1, "value": 7}
    await websocket.close()
    await until(lambda: live.world.counts[-1] == (ada, 0))


async def test_a_device_resumes_by_its_cursor(live: Live, ada: UUID) -> None:
    for number in range(3):
        live.world.table.write(ada, number, number)
    websocket = await live.websocket(ada, since="one.1.0")
    frames = [frame(await websocket.recv()) for _ in range(3)]
    assert [each["cursor"] for each in frames] == ["one.1.0", "one.2.0", "one.3.0"]


async def test_frames_of_every_length_arrive_whole(live: Live, ada: UUID) -> None:
    websocket = await live.websocket(ada)
    await websocket.recv()
    for length in (0, 10, 60, 70, 200, 65_000, 65_600, 300_000):
        live.world.signals.waiting.append(CustomSignal(ada, "é" + "x" * length))
        live.world.doorbell.ring([SignalsPosted()])
        assert frame(await websocket.recv())["data"] == "é" + "x" * length


async def test_who_is_not_known_can_read_why(live: Live) -> None:
    assert await closed(await live.websocket("nobody")) == 4500


async def test_a_frame_of_16_kib_is_taken_and_a_longer_one_closes(live: Live, ada: UUID) -> None:
    websocket = await live.websocket(ada)
    await websocket.recv()
    await websocket.send("x" * (16 * 1024))
    live.world.doorbell.ring([live.world.table.write(ada, 1, 7)])
    assert frame(await websocket.recv())["type"] == "notification"
    await websocket.send("ü" * (8 * 1024) + "x")
    assert await closed(websocket) == 4513


async def test_bytes_are_taken_like_text(live: Live, ada: UUID) -> None:
    live.world.table.write(ada, 1, 7)
    websocket = await live.websocket(ada)
    await websocket.recv()
    await websocket.send(b'{"type":"resume","since":"one.0.0"}')
    assert frame(await websocket.recv())["cursor"] == "one.1.0"
    await websocket.send(b"x" * (16 * 1024 + 1))
    assert await closed(websocket) == 4513


async def test_the_twenty_first_device_replaces_the_first(live: Live, ada: UUID) -> None:
    first, *_, last = [await live.websocket(ada) for _ in range(21)]
    assert await closed(first) == 4504
    live.world.doorbell.ring([live.world.table.write(ada, 1, 7)])
    assert frame(await last.recv())["type"] == "connected"


async def test_an_expired_credential_closes_and_a_renewed_one_does_not(live: Live, ada: UUID) -> None:
    websocket, other = await live.websocket(ada), await live.websocket(ada)
    await websocket.recv()
    await websocket.send('{"type":"auth","token":"good"}')
    await websocket.send('{"type":"resume","since":"zero.0.0"}')
    assert frame(await websocket.recv())["type"] == "reset"  # so the token before it was taken
    live.world.clock.advance(minutes=16)
    assert await closed(other) == 4005
    live.world.clock.advance(minutes=15)
    assert await closed(websocket) == 4005


async def test_a_suspended_user_is_closed(live: Live, ada: UUID) -> None:
    websocket = await live.websocket(ada)
    await websocket.recv()
    live.world.signals.waiting.append(CloseSignal(ada, None, CloseCode.REVOKED, "suspended"))
    live.world.doorbell.ring([SignalsPosted()])
    assert await closed(websocket) == 4503
    assert websocket.close_reason == "suspended"


async def test_a_server_that_stops_says_goodbye_first(live: Live, ada: UUID) -> None:
    websocket = await live.websocket(ada)
    await websocket.recv()
    await live.world.hub.drain()
    assert frame(await websocket.recv())["type"] == "goodbye"
    assert await closed(websocket) == 1012


async def test_a_reader_who_stands_still_is_closed_and_can_read_why(live: Live, ada: UUID) -> None:
    slow, quick = await live.websocket(ada, reads=False), await live.websocket(ada)
    await slow.recv()
    await quick.recv()
    live.ring_big(ada, 40)
    ended = asyncio.create_task(closed(quick))
    await until(lambda: live.world.hub.count(ada) == 1)
    assert await closed(slow) in {4008, 1006}  # as far as the kernel's buffers still held the close
    assert not ended.done()
    await quick.close()
    await ended


async def test_a_reader_who_never_reads_again_is_cut_off(live: Live, ada: UUID) -> None:
    tasks = asyncio.all_tasks()
    slow = await live.websocket(ada, reads=False)
    await slow.recv()
    live.ring_big(ada, 40)
    await until(lambda: live.world.counts[-1:] == [(ada, 0)])
    await until(lambda: not _serving(tasks))
    slow.transport.abort()


async def test_a_connection_that_breaks_is_let_go(live: Live, ada: UUID) -> None:
    websocket = await live.websocket(ada)
    await websocket.recv()
    websocket.transport.abort()
    await until(lambda: live.world.counts[-1] == (ada, 0))


def _serving(before: set["asyncio.Task[object]"]) -> list[str]:
    return [repr(task) for task in asyncio.all_tasks() - before if "run_asgi" in repr(task)]


async def test_who_does_not_answer_is_closed(caplog: pytest.LogCaptureFixture, ada: UUID) -> None:
    world = World(limits=Limits(heartbeat_s=0.1, tick_s=0.01, heal_s=(3600, 3600), drain_s=0.5))
    async with running(world), serving(world, SERVERS["past ASGI"]) as live:
        silent, alive = await live.websocket(ada), await live.websocket(ada)
        ended = asyncio.create_task(closed(silent))
        async with asyncio.timeout(PATIENCE_S):
            while not ended.done():
                if frame(await alive.recv())["type"] == "ping":
                    await alive.send('{"type":"pong"}')
        assert await ended == 4012
        assert world.hub.count(ada) == 1
