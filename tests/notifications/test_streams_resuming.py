"""A device that was away says where it stands, and hears what it missed, or that it must start over."""

from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import update

from tests.devices import Device, Frame
from tests.server import Live
from tests.world import Person
from tidings.notifications.cursors import format_cursor, parse_cursor, renew_epoch
from tidings.notifications.models import Inbox

Connect = Callable[..., Awaitable[Device]]
NOW = "2026-03-02T09:30:00Z"


@pytest.fixture(params=["websocket", "events"])
def connect(request: pytest.FixtureRequest, live: Live) -> Connect:
    """Open a stream over one transport or the other."""
    chosen: Connect = getattr(live, request.param)
    return chosen


async def heard(device: Device, count: int) -> list[Frame]:
    return [await device.next() for _ in range(count)]


async def after(person: Person, steps: int) -> str:
    """The cursor this many changes after where the person's inbox stands."""
    position = parse_cursor(await person.cursor())
    assert position is not None
    return format_cursor(position._replace(revision=position.revision + steps))


async def has_lost_what_was_before(person: Person, *, floor: int) -> None:
    """Retention has removed everything up to here."""
    async with person.world.tidings.database.write() as session:
        await session.execute(update(Inbox).where(Inbox.user_id == person.id).values(floor=floor))


async def test_a_device_that_was_away_hears_what_it_missed_in_order(connect: Connect, ada: Person) -> None:
    old = await ada.receives()
    since = await ada.cursor()
    new = await ada.receives(title="New")
    read = await ada.does("read", old["id"])
    connected, *frames = await heard(await connect(ada, since=since), 3)
    assert (connected["type"], connected["cursor"], connected["unread_count"]) == ("connected", since, 1)
    assert [(f["event"], f["data"]) for f in frames] == [("new_notification", new), ("updated", read)]
    assert frames[-1]["cursor"] == await ada.cursor()


async def test_a_device_that_missed_nothing_hears_nothing(connect: Connect, ada: Person) -> None:
    await ada.receives(title="Known")
    device = await connect(ada, since=await ada.cursor())
    await device.next()
    await ada.receives(title="New")
    assert (await device.next())["data"]["title"] == "New"


async def test_what_came_and_went_meanwhile_is_one_deletion(connect: Connect, ada: Person) -> None:
    since = await ada.cursor()
    note = await ada.receives()
    await ada.client.delete(f"/notifications/{note['id']}")
    _, frame = await heard(await connect(ada, since=since), 2)
    assert (frame["event"], frame["data"], frame["cursor"]) == ("deleted", {"id": note["id"]}, await ada.cursor())


async def test_reading_everything_meanwhile_is_one_update_each(connect: Connect, ada: Person) -> None:
    notes = [await ada.receives(), await ada.receives()]
    since = await ada.cursor()
    await ada.client.post("/notifications/read-all")
    _, *frames = await heard(await connect(ada, since=since), 3)
    assert [(f["event"], f["data"]) for f in frames] == [("updated", await ada.sees(note["id"])) for note in notes]


async def test_a_stream_resumes_at_any_frame(connect: Connect, ada: Person) -> None:
    cursors = [await ada.cursor()]
    for number in range(4):
        await ada.receives(title=f"News {number}")
        cursors.append(await ada.cursor())
    for stood, cursor in enumerate(cursors):
        _, *frames = await heard(await connect(ada, since=cursor), 5 - stood)
        assert [frame["cursor"] for frame in frames] == cursors[stood + 1 :]


async def test_the_lists_cursor_is_where_a_stream_goes_on(connect: Connect, ada: Person) -> None:
    await ada.receives()
    listed = (await ada.client.get("/notifications")).json()
    new = await ada.receives(title="New")
    _, frame = await heard(await connect(ada, since=listed["cursor"]), 2)
    assert frame["data"] == new


async def test_an_event_stream_goes_on_from_its_last_event(live: Live, ada: Person) -> None:
    device = await live.events(ada)
    await device.next()
    await device.close()
    missed = await ada.receives()
    again = await live.events(ada, headers={"Last-Event-ID": device.ids[0] or ""})
    connected, frame = await heard(again, 2)
    assert (connected["cursor"], frame["data"]) == (device.ids[0], missed)


async def test_the_last_event_weighs_more_than_the_address_it_was_first_asked_with(live: Live, ada: Person) -> None:
    since = await ada.cursor()
    await ada.receives()
    device = await live.events(ada, headers={"Last-Event-ID": await ada.cursor()}, since=since)
    await device.next()
    new = await ada.receives(title="New")
    assert (await device.next())["data"] == new


async def test_an_open_stream_goes_back_when_asked(live: Live, ada: Person) -> None:
    since = await ada.cursor()
    note = await ada.receives()
    device = await live.websocket(ada)
    await device.next()
    await device.send({"type": "resume", "since": since})
    assert (await device.next())["data"] == note


async def test_an_open_stream_that_resumes_from_nonsense_is_reset(live: Live, ada: Person) -> None:
    device = await live.websocket(ada)
    await device.next()
    await device.send({"type": "resume", "since": "nonsense"})
    assert await device.next() == {"type": "reset", "reason": "epoch_changed", "timestamp": NOW}


async def is_reset(connect: Connect, person: Person, since: str, reason: str) -> None:
    """A device that stands there is told to start over, and goes on from the head."""
    device = await connect(person, since=since)
    connected, reset = await heard(device, 2)
    assert connected["type"] == "connected"
    assert reset == {"type": "reset", "reason": reason, "timestamp": NOW}
    new = await person.receives(title="New")
    assert (await device.next())["data"] == new


async def test_a_device_cut_off_before_it_was_told_to_start_over_is_told_again(connect: Connect, ada: Person) -> None:
    device = await connect(ada, since=await after(ada, 1))
    connected = await device.next()
    await is_reset(connect, ada, connected["cursor"], "ahead")


async def test_a_restored_database_resets(connect: Connect, ada: Person) -> None:
    since = await ada.cursor()
    async with ada.world.tidings.database.write() as session:
        await renew_epoch(session)
    await is_reset(connect, ada, since, "epoch_changed")


async def test_a_cursor_ahead_of_the_inbox_resets(connect: Connect, ada: Person) -> None:
    await is_reset(connect, ada, await after(ada, 1), "ahead")


async def test_a_cursor_older_than_what_is_kept_resets(connect: Connect, ada: Person) -> None:
    since = await ada.cursor()
    for _ in range(2):
        await ada.receives()
    await has_lost_what_was_before(ada, floor=1)
    await is_reset(connect, ada, since, "too_old")


async def test_the_oldest_cursor_that_is_kept_resumes(connect: Connect, ada: Person) -> None:
    await ada.receives()
    since = await ada.cursor()
    new = await ada.receives()
    await has_lost_what_was_before(ada, floor=1)
    _, frame = await heard(await connect(ada, since=since), 2)
    assert frame["data"] == new


async def test_a_gap_of_more_than_a_thousand_changes_resets(connect: Connect, ada: Person) -> None:
    since = await ada.cursor()
    await changes_a_thousand_times(ada)
    await ada.receives()
    await is_reset(connect, ada, since, "gap")


async def test_a_gap_of_a_thousand_changes_is_bridged(connect: Connect, ada: Person) -> None:
    since = await ada.cursor()
    await changes_a_thousand_times(ada)
    connected, *frames = await heard(await connect(ada, since=since), 1 + len(await listed_ids(ada)))
    assert connected["cursor"] == since
    assert frames[-1]["cursor"] == await ada.cursor()


@pytest.mark.parametrize("garbage", ["", "0", "a.b.c", "....", "x" * 300, "0123456789abcdef.1.0\n"])
async def test_a_cursor_nobody_here_made_resets(connect: Connect, ada: Person, garbage: str) -> None:
    await is_reset(connect, ada, garbage, "epoch_changed")


async def test_somebody_elses_cursor_resets(connect: Connect, ada: Person, grace: Person) -> None:
    await is_reset(connect, ada, await grace.cursor(), "epoch_changed")


async def changes_a_thousand_times(person: Person) -> None:
    """Take a thousand revisions, the cheap way: reading and unreading a few entries in bulk."""
    for number in range(40):
        event = {"to": [str(person.id)], "type": "system", "title": f"News {number}"}
        assert (await person.world.app.client.post("/notifications", json=event)).status_code == 201
    ids = await listed_ids(person)
    for turn in range(24):
        action = "mark_unread" if turn % 2 else "mark_read"
        done = await person.client.post("/notifications/bulk", json={"notification_ids": ids, "action": action})
        assert done.json()["affected_count"] == 40


async def listed_ids(person: Person) -> list[str]:
    listed = await person.client.get("/notifications", params={"page_size": 100})
    return [entry["id"] for entry in listed.json()["notifications"]]
