"""What a device is told, frame by frame, over WebSocket and over server-sent events alike."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tests.clock import StoppedClock
from tests.devices import Device, EventStreamDevice, WebSocketDevice
from tests.server import Live
from tests.world import App, Person

Connect = Callable[..., Awaitable[Device]]
NOW = "2026-03-02T09:30:00Z"


@pytest.fixture(params=["websocket", "events"])
def connect(request: pytest.FixtureRequest, live: Live) -> Connect:
    """Open a stream over one transport or the other."""
    chosen: Connect = getattr(live, request.param)
    return chosen


async def watched(connect: Connect, person: Person, **query: str) -> Device:
    """A device of this person that has heard that it is connected."""
    device = await connect(person, **query)
    assert (await device.next())["type"] == "connected"
    return device


async def counters_after(person: Person) -> dict[str, Any]:
    """What every frame says beside its event and data."""
    unread, unseen, _ = await person.counts()
    return {"cursor": await person.cursor(), "unread_count": unread, "unseen_count": unseen, "timestamp": NOW}


async def test_the_first_frame_says_where_the_stream_starts(connect: Connect, ada: Person) -> None:
    await ada.receives()
    device = await connect(ada)
    assert await device.next() == {"type": "connected", "heartbeat_s": 30, **(await counters_after(ada))}


async def test_what_happened_before_is_not_told(connect: Connect, ada: Person) -> None:
    await ada.receives(title="Old")
    device = await watched(connect, ada)
    await ada.receives(title="New")
    assert (await device.next())["data"]["title"] == "New"


async def test_a_new_notification_arrives_as_the_inbox_shows_it(connect: Connect, ada: Person) -> None:
    device = await watched(connect, ada)
    note = await ada.receives("achievement", title="A hundred days", data={"days": 100}, action_url="/days")
    expected = {"type": "notification", "event": "new_notification", "data": note, **(await counters_after(ada))}
    assert await device.next() == expected


@pytest.mark.parametrize("action", ["read", "dismiss"])
async def test_a_changed_notification_arrives_whole(connect: Connect, ada: Person, action: str) -> None:
    note = await ada.receives()
    device = await watched(connect, ada)
    changed = await ada.does(action, note["id"])
    expected = {"type": "notification", "event": "updated", "data": changed, **(await counters_after(ada))}
    assert await device.next() == expected


async def test_a_snoozed_notification_arrives_as_an_update(connect: Connect, ada: Person) -> None:
    note = await ada.receives()
    device = await watched(connect, ada)
    snoozed = await ada.does("snooze", note["id"], until="2026-03-02T12:00:00Z")
    frame = await device.next()
    assert (frame["event"], frame["data"], frame["unread_count"]) == ("updated", snoozed, 0)


async def test_a_deleted_notification_is_named_by_its_id(connect: Connect, ada: Person) -> None:
    note = await ada.receives()
    device = await watched(connect, ada)
    await ada.client.delete(f"/notifications/{note['id']}")
    expected = {"type": "notification", "event": "deleted", "data": {"id": note["id"]}, **(await counters_after(ada))}
    assert await device.next() == expected


async def test_reading_everything_is_one_frame(connect: Connect, ada: Person) -> None:
    for _ in range(3):
        await ada.receives()
    device = await watched(connect, ada)
    await ada.client.post("/notifications/read-all")
    data = {"notification_type": None, "read_at": NOW, "affected_count": 3}
    expected = {"type": "notification", "event": "all_read", "data": data, **(await counters_after(ada))}
    assert await device.next() == expected


async def test_reading_everything_of_a_type_names_the_type(connect: Connect, ada: Person) -> None:
    await ada.receives("achievement")
    await ada.receives("reminder")
    device = await watched(connect, ada)
    await ada.client.post("/notifications/read-all", json={"notification_type": "achievement"})
    frame = await device.next()
    assert frame["data"] == {"notification_type": "achievement", "read_at": NOW, "affected_count": 1}
    assert frame["unread_count"] == 1


async def test_reading_everything_before_a_time_is_one_update_each(
    connect: Connect, ada: Person, clock: StoppedClock
) -> None:
    first, second = await ada.receives(), await ada.receives()
    clock.advance(minutes=1)
    await ada.receives(title="Later")
    device = await watched(connect, ada)
    await ada.client.post("/notifications/read-all", json={"before": "2026-03-02T09:31:00Z"})
    frames = [await device.next(), await device.next()]
    assert [frame["event"] for frame in frames] == ["updated", "updated"]
    assert [frame["data"] for frame in frames] == [await ada.sees(first["id"]), await ada.sees(second["id"])]


async def test_seeing_everything_is_one_update_each(connect: Connect, ada: Person) -> None:
    notes = [await ada.receives(), await ada.receives()]
    device = await watched(connect, ada)
    await ada.client.post("/notifications/seen-all")
    frames = [await device.next(), await device.next()]
    assert [(frame["event"], frame["data"]["id"], frame["data"]["is_seen"]) for frame in frames] == [
        ("updated", note["id"], True) for note in notes
    ]
    assert frames[-1]["unseen_count"] == 0


async def test_a_collapsed_notification_arrives_as_new_under_its_old_id(connect: Connect, ada: Person) -> None:
    note = await ada.receives(title="One order", collapse_key="orders")
    device = await watched(connect, ada)
    await ada.receives(title="Two orders", collapse_key="orders")
    frame = await device.next()
    assert (frame["event"], frame["data"]["id"]) == ("new_notification", note["id"])
    assert (frame["data"]["title"], frame["unread_count"]) == ("Two orders", 1)


async def test_the_end_of_a_snooze_is_told_when_it_comes(connect: Connect, ada: Person, clock: StoppedClock) -> None:
    note = await ada.receives()
    await ada.does("snooze", note["id"], until="2026-03-02T12:00:00Z")
    device = await watched(connect, ada)
    clock.advance(hours=3)
    frame = await device.next()
    assert (frame["event"], frame["data"]["id"]) == ("new_notification", note["id"])
    assert (frame["data"]["snoozed_until"], frame["unread_count"]) == (None, 1)


async def test_an_expiry_is_told_as_a_deletion(connect: Connect, ada: Person, clock: StoppedClock) -> None:
    note = await ada.receives(expires_at="2026-03-02T10:00:00Z")
    device = await watched(connect, ada)
    clock.advance(hours=1)
    frame = await device.next()
    assert (frame["event"], frame["data"], frame["unread_count"]) == ("deleted", {"id": note["id"]}, 0)


async def test_what_others_are_told_is_not_heard(connect: Connect, ada: Person, grace: Person) -> None:
    device = await watched(connect, ada)
    await grace.receives(title="For Grace")
    await ada.receives(title="For Ada")
    assert (await device.next())["data"]["title"] == "For Ada"


async def test_two_devices_of_one_person_see_what_one_does(connect: Connect, live: Live, ada: Person) -> None:
    note = await ada.receives()
    phone, laptop = await watched(connect, ada), await watched(live.websocket, ada)
    read = await ada.does("read", note["id"])
    for device in (phone, laptop):
        frame = await device.next()
        assert (frame["event"], frame["data"]) == ("updated", read)


async def test_a_message_of_the_hosts_own_reaches_one_person(
    connect: Connect, app: App, ada: Person, grace: Person
) -> None:
    device, other = await watched(connect, ada), await watched(connect, grace)
    sent = await app.client.post("/streams/send", json={"user_id": "ada", "data": {"typing": True}})
    assert sent.status_code == 200
    assert await device.next() == {"type": "custom", "data": {"typing": True}, "timestamp": NOW}
    await grace.receives()
    assert (await other.next())["type"] == "notification"


async def test_a_message_of_the_hosts_own_reaches_everybody(
    connect: Connect, app: App, ada: Person, grace: Person
) -> None:
    devices = [await watched(connect, ada), await watched(connect, grace)]
    await app.client.post("/streams/send", json={"all": True, "data": {"maintenance": "at six"}})
    assert [(await device.next())["data"] for device in devices] == [{"maintenance": "at six"}] * 2


async def test_a_message_of_the_hosts_own_is_not_kept(connect: Connect, app: App, ada: Person, grace: Person) -> None:
    before, other = await ada.cursor(), await watched(connect, grace)
    await app.client.post("/streams/send", json={"all": True, "data": {"maintenance": "now"}})
    assert (await other.next())["type"] == "custom"
    device = await watched(connect, ada, since=before)
    await ada.receives(title="Here")
    assert (await device.next())["data"]["title"] == "Here"


async def test_a_cursor_is_the_id_and_the_type_the_event_of_a_server_sent_event(live: Live, ada: Person) -> None:
    device = await live.events(ada)
    connected = await device.next()
    await ada.receives()
    told = await device.next()
    assert device.ids == [connected["cursor"], told["cursor"]]
    assert device.events == ["connected", "notification"]


async def test_a_message_of_the_hosts_own_carries_no_cursor(live: Live, app: App, ada: Person) -> None:
    device = await live.events(ada)
    await device.next()
    await app.client.post("/streams/send", json={"user_id": "ada", "data": {}})
    assert "cursor" not in await device.next()
    assert (device.ids[1], device.events[1]) == (None, "custom")


async def test_an_event_stream_is_not_cached_and_not_held_back(live: Live, ada: Person) -> None:
    device = await live.events(ada)
    headers = device.headers
    assert headers["content-type"].startswith("text/event-stream")
    assert (headers["cache-control"], headers["x-accel-buffering"]) == ("no-store", "no")


@pytest.mark.parametrize("nonsense", ["", "not json", "[]", '{"type":"dance"}', '{"type":"resume"}', '{"type":5}'])
async def test_what_a_client_says_that_means_nothing_is_ignored(live: Live, ada: Person, nonsense: str) -> None:
    device = await live.websocket(ada)
    await device.next()
    await device.send(nonsense)
    await ada.receives(title="Still here")
    assert (await device.next())["data"]["title"] == "Still here"


async def test_streams_are_counted_by_person_and_by_connection(
    live: Live, app: App, ada: Person, grace: Person
) -> None:
    for device in (await live.websocket(ada), await live.events(ada), await live.websocket(grace)):
        await device.next()
    assert (await app.client.get("/streams/stats")).json() == {"users": 2, "connections": 3}


async def test_whether_somebody_is_connected_is_known(live: Live, app: App, ada: Person, grace: Person) -> None:
    device: EventStreamDevice | WebSocketDevice = await live.websocket(ada)
    await device.next()
    assert (await app.client.get("/streams/ada")).json() == {"connected": True}
    assert (await app.client.get(f"/streams/{grace.id}")).json() == {"connected": False}


async def test_a_message_names_one_person_or_everybody(app: App, ada: Person) -> None:
    neither = await app.client.post("/streams/send", json={"data": {}})
    both = await app.client.post("/streams/send", json={"user_id": "ada", "all": True, "data": {}})
    assert (neither.status_code, both.status_code) == (422, 422)


async def test_a_message_to_nobody_known_is_refused(app: App) -> None:
    refused = await app.client.post("/streams/send", json={"user_id": "nobody", "data": {}})
    assert (refused.status_code, refused.json()["code"]) == (422, "unknown_recipient")


async def test_people_may_not_send_messages_of_the_hosts_own(ada: Person) -> None:
    assert (await ada.client.post("/streams/send", json={"all": True, "data": {}})).status_code == 403
    assert (await ada.client.get("/streams/stats")).status_code == 403
