"""How streams end, and what the code tells the device: come back, or stop."""

import json

import pytest

from tests.clock import StoppedClock
from tests.devices import StreamEnded, WebSocketDevice, bearer, tokens_of
from tests.server import Live
from tests.world import Person


async def opened(live: Live, person: Person | None = None, **query: str) -> WebSocketDevice:
    device = await live.websocket(person, headers=None, **query)
    assert (await device.next())["type"] == "connected"
    return device


async def test_a_server_that_stops_says_goodbye(live: Live, ada: Person) -> None:
    device = await opened(live, ada)
    live.shut_down()
    assert await device.ended() == 1012
    (goodbye,) = device.passed
    assert (goodbye["type"], goodbye["retry_ms"] > 0) == ("goodbye", True)


async def test_a_server_that_stops_tells_an_event_stream_when_to_come_back(live: Live, ada: Person) -> None:
    device = await live.events(ada)
    await device.next()
    live.shut_down()
    goodbye = await device.next()
    assert (goodbye["type"], device.retry) == ("goodbye", goodbye["retry_ms"])
    with pytest.raises(StreamEnded):
        await device.next()


async def test_a_draining_server_is_not_ready_and_takes_no_streams(live: Live, ada: Person) -> None:
    await live.tidings.drain()
    device = await live.websocket(ada)
    assert await device.ended() == 1012
    assert [frame["type"] for frame in device.passed] == ["goodbye"]
    assert (await ada.client.get(live.origin + "/readyz")).status_code == 503


async def test_an_access_token_that_expires_ends_its_stream(live: Live, ada: Person, clock: StoppedClock) -> None:
    device = await opened(live, token=(await tokens_of(ada)).access_token)
    clock.advance(minutes=15)
    assert await device.ended() == 4005


async def test_an_access_token_that_expires_ends_its_event_stream(live: Live, ada: Person, clock: StoppedClock) -> None:
    device = await live.events(headers=bearer((await tokens_of(ada)).access_token))
    await device.next()
    clock.advance(minutes=15)
    with pytest.raises(StreamEnded):
        await device.next()


async def test_a_fresh_token_keeps_a_stream_open(live: Live, ada: Person, clock: StoppedClock) -> None:
    tokens = await tokens_of(ada)
    old, device = await opened(live, token=tokens.access_token), await opened(live, token=tokens.access_token)
    clock.advance(minutes=10)
    await device.send({"type": "auth", "token": (await tokens_of(ada)).access_token})
    clock.advance(minutes=10)
    assert await old.ended() == 4005
    await ada.receives()
    assert (await device.next())["type"] == "notification"


@pytest.mark.parametrize("whose", ["grace", "nobody"])
async def test_somebody_elses_token_keeps_no_stream_open(
    live: Live, ada: Person, grace: Person, whose: str, clock: StoppedClock
) -> None:
    token = (await tokens_of(grace)).access_token if whose == "grace" else "tda_nonsense"
    device = await opened(live, token=(await tokens_of(ada)).access_token)
    clock.advance(minutes=10)
    await device.send({"type": "auth", "token": token})
    clock.advance(minutes=10)
    assert await device.ended() == 4005


async def test_signing_out_ends_the_sessions_streams_and_no_others(live: Live, ada: Person) -> None:
    browser, phone = await opened(live, ada), await opened(live, token=(await tokens_of(ada)).access_token)
    await ada.client.post("/auth/logout")
    assert await browser.ended() == 4503
    await ada.world.app.client.post("/notifications", json={"to": ["ada"], "type": "system", "title": "Still here"})
    assert (await phone.next())["data"]["title"] == "Still here"


async def test_signing_out_ends_the_sessions_event_streams(live: Live, ada: Person) -> None:
    device = await live.events(ada)
    await device.next()
    await ada.client.post("/auth/logout")
    with pytest.raises(StreamEnded):
        await device.next()


async def test_suspending_somebody_ends_all_their_streams(live: Live, ada: Person, grace: Person) -> None:
    devices = [await opened(live, ada), await opened(live, token=(await tokens_of(ada)).access_token)]
    assert (await grace.client.post(f"/users/{ada.id}/suspend")).status_code == 200
    assert [await device.ended() for device in devices] == [4503, 4503]


async def test_deleting_somebody_ends_all_their_streams(live: Live, ada: Person, grace: Person) -> None:
    device = await opened(live, ada)
    assert (await grace.client.delete(f"/users/{ada.id}")).status_code == 204
    assert await device.ended() == 4503


async def test_the_twenty_first_stream_replaces_the_oldest(live: Live, ada: Person) -> None:
    first, *others = [await opened(live, ada) for _ in range(20)]
    last = await opened(live, ada)
    assert await first.ended() == 4504
    await ada.receives(title="For twenty")
    titles = [(await device.next())["data"]["title"] for device in (*others, last)]
    assert titles == ["For twenty"] * 20


@pytest.mark.parametrize("frame", ["x" * 16_385, "ü" * 8_193, "x" * 900_000])
async def test_a_frame_that_is_too_large_ends_the_stream(live: Live, ada: Person, frame: str) -> None:
    device = await opened(live, ada)
    await device.send(frame)
    assert await device.ended() == 4513


async def test_the_largest_frame_that_is_allowed_does_not(live: Live, ada: Person) -> None:
    device = await opened(live, ada)
    since = await ada.cursor()
    resume = json.dumps({"type": "resume", "since": since, "padding": ""})
    await ada.receives(title="Once")
    await device.next()
    await device.send(resume[:-2] + "x" * (16_384 - len(resume)) + resume[-2:])
    assert (await device.next())["data"]["title"] == "Once"
