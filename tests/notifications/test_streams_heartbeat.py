"""Heartbeats: proof of life in both directions. Here they come twice a second."""

import pytest

from tests.server import Live
from tests.world import Person
from tidings.settings import Settings

UNANSWERED_PINGS = 3  # the most a device that never answers can hear


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"heartbeat_s": 0.5})


async def test_a_ping_says_where_the_device_should_stand(live: Live, ada: Person) -> None:
    await ada.receives()
    device = await live.websocket(ada)
    assert (await device.next())["heartbeat_s"] == 0.5
    timestamp = "2026-03-02T09:30:00Z"
    expected = {"type": "ping", "cursor": await ada.cursor(), "unread_count": 1, "timestamp": timestamp}
    assert await device.next() == expected


async def test_a_ping_is_an_event_whose_id_is_the_cursor(live: Live, ada: Person) -> None:
    device = await live.events(ada)
    await device.next()
    ping = await device.next()
    assert (device.events[-1], device.ids[-1]) == ("ping", ping["cursor"])


async def test_a_device_that_does_not_answer_is_let_go(live: Live, ada: Person) -> None:
    device = await live.websocket(ada)
    assert await device.ended() == 4012
    connected, *pings = [frame["type"] for frame in device.passed]
    assert (connected, set(pings)) == ("connected", {"ping"})
    assert len(pings) <= UNANSWERED_PINGS


async def test_a_device_that_answers_stays(live: Live, ada: Person) -> None:
    device = await live.websocket(ada)
    await device.next()
    for _ in range(UNANSWERED_PINGS + 2):
        assert (await device.next())["type"] == "ping"
        await device.send({"type": "pong"})


async def test_an_event_stream_cannot_answer_and_stays(live: Live, ada: Person) -> None:
    device = await live.events(ada)
    await device.next()
    for _ in range(UNANSWERED_PINGS + 2):
        assert (await device.next())["type"] == "ping"
