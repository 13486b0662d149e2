"""Two servers on one database: whatever happens on one is heard on the other."""

from collections.abc import AsyncIterator

import pytest

from tests.devices import PATIENCE_S, Frame, WebSocketDevice, tokens_of
from tests.server import Live, serving
from tests.waiting import until
from tests.world import App, Person, World
from tidings import Tidings
from tidings.kernel.db import open_database


@pytest.fixture
async def other(live: Live, world: World) -> AsyncIterator[Live]:
    """A second server, with connections of its own; requests of this world's people go to the first."""
    first = world.tidings
    url = first.database.engine.url.render_as_string(hide_password=False)
    database = open_database(url, pool_size=5)
    async with serving(Tidings(database.engine, settings=first.settings, clock=world.clock)) as other:
        yield other
    await database.engine.dispose()


async def watched(live: Live, person: Person | None = None, **query: str) -> WebSocketDevice:
    device = await live.websocket(person, headers=None, **query)
    assert (await device.next())["type"] == "connected"
    return device


async def test_what_is_sent_through_one_arrives_live_at_the_other(other: Live, ada: Person) -> None:
    device = await watched(other, ada)
    note = await ada.receives()
    assert (await device.next())["data"] == note


async def test_devices_on_both_hear_the_same(live: Live, other: Live, ada: Person) -> None:
    devices = [await watched(live, ada), await watched(other, ada)]
    note = await ada.receives()
    here, there = [what(await device.next()) for device in devices]
    assert here == there
    await ada.does("read", note["id"])
    here, there = [what(await device.next()) for device in devices]
    assert here == there


async def test_a_stream_goes_on_at_the_other_server(live: Live, other: Live, ada: Person) -> None:
    device = await watched(live, ada)
    await ada.receives()
    cursor = (await device.next())["cursor"]
    await device.close()
    missed = await ada.receives()
    device = await watched(other, ada, since=cursor)
    assert (await device.next())["data"] == missed


async def test_a_message_of_the_hosts_own_reaches_both(live: Live, other: Live, app: App, ada: Person) -> None:
    devices = [await watched(live, ada), await watched(other, ada)]
    await app.client.post("/streams/send", json={"user_id": "ada", "data": {"typing": True}})
    assert [(await device.next())["data"] for device in devices] == [{"typing": True}] * 2


async def test_signing_out_on_one_ends_streams_on_the_other(other: Live, ada: Person) -> None:
    device = await watched(other, ada)
    await ada.client.post("/auth/logout")
    assert await device.ended() == 4503


async def test_suspending_on_one_ends_streams_on_the_other(other: Live, ada: Person, grace: Person) -> None:
    device = await watched(other, token=(await tokens_of(ada)).access_token)
    await grace.client.post(f"/users/{ada.id}/suspend")
    assert await device.ended() == 4503


async def test_deleting_on_one_ends_streams_on_the_other(other: Live, ada: Person, grace: Person) -> None:
    device = await watched(other, ada)
    await grace.client.delete(f"/users/{ada.id}")
    assert await device.ended() == 4503


async def test_streams_are_counted_over_both(live: Live, other: Live, app: App, ada: Person, grace: Person) -> None:
    for server, person in ((live, ada), (other, ada), (other, grace)):
        await watched(server, person)

    async def counted() -> bool:
        return bool((await app.client.get("/streams/stats")).json() == {"users": 2, "connections": 3})

    await until(counted, patience_s=PATIENCE_S)


async def test_who_is_connected_at_the_other_is_connected(other: Live, app: App, grace: Person) -> None:
    device = await watched(other, grace)

    async def connected(expected: bool) -> bool:
        return bool((await app.client.get("/streams/grace")).json() == {"connected": expected})

    await until(lambda: connected(True), patience_s=PATIENCE_S)
    await device.close()
    await until(lambda: connected(False), patience_s=PATIENCE_S)


async def test_who_was_connected_at_a_server_that_stopped_is_not(world: World, app: App, ada: Person) -> None:
    url = world.tidings.database.engine.url.render_as_string(hide_password=False)
    database = open_database(url, pool_size=5)
    async with serving(Tidings(database.engine, settings=world.tidings.settings, clock=world.clock)) as second:
        await watched(second, ada)
    await database.engine.dispose()
    assert (await app.client.get("/streams/stats")).json() == {"users": 0, "connections": 0}


def what(frame: Frame) -> tuple[object, ...]:
    return frame["event"], frame["data"], frame["cursor"]
