"""What time does: entries expire and snoozes end, when the sweep comes by and not before."""

from datetime import timedelta
from typing import Any

import pytest

from tests.clock import StoppedClock
from tests.notifications.answers import refusal
from tests.world import Person, World


@pytest.fixture
async def short(ada: Person, clock: StoppedClock) -> dict[str, Any]:
    """An entry of Ada's that expires in an hour."""
    return await ada.receives(title="short", expires_at=(clock.now() + timedelta(hours=1)).isoformat())


async def test_an_entry_that_expired_is_gone(
    ada: Person, clock: StoppedClock, world: World, short: dict[str, Any]
) -> None:
    clock.advance(hours=1)
    await world.runs("sweep")
    assert await ada.titles(include_dismissed=True) == []
    assert await ada.counts() == (0, 0, 0)
    answer = await ada.client.get(f"/notifications/{short['id']}")
    assert refusal(answer) == (404, "notification_not_found")


async def test_an_entry_that_expired_can_no_longer_be_changed(
    ada: Person, clock: StoppedClock, world: World, short: dict[str, Any]
) -> None:
    clock.advance(hours=1)
    await world.runs("sweep")
    answer = await ada.client.post(f"/notifications/{short['id']}/read")
    assert refusal(answer) == (404, "notification_not_found")


async def test_nothing_expires_before_its_time(
    ada: Person, clock: StoppedClock, world: World, short: dict[str, Any]
) -> None:
    clock.advance(minutes=59)
    await world.runs("sweep")
    assert await ada.sees(short["id"]) == short


async def test_an_expiry_is_told_as_a_deletion(
    ada: Person, clock: StoppedClock, world: World, short: dict[str, Any]
) -> None:
    since = await ada.cursor()
    clock.advance(hours=1)
    await world.runs("sweep")
    told = (await ada.client.get("/notifications/changes", params={"since": since})).json()
    assert (told["changes"], told["deleted"]) == ([], [short["id"]])


async def test_a_dismissed_entry_expires_too(
    ada: Person, clock: StoppedClock, world: World, short: dict[str, Any]
) -> None:
    await ada.does("dismiss", short["id"])
    clock.advance(hours=1)
    await world.runs("sweep")
    assert await ada.titles(include_dismissed=True) == []


async def test_a_snooze_that_ends_brings_the_entry_back_on_top_as_new(
    ada: Person, clock: StoppedClock, world: World
) -> None:
    entry = await ada.receives(title="snoozed")
    await ada.does("read", entry["id"])
    await ada.does("snooze", entry["id"], until=(clock.now() + timedelta(hours=1)).isoformat())
    clock.advance(minutes=30)
    await ada.receives(title="meanwhile")
    clock.advance(minutes=30)
    since = await ada.cursor()
    await world.runs("sweep")
    back = await ada.sees(entry["id"])
    assert (back["is_read"], back["is_seen"], back["snoozed_until"]) == (False, False, None)
    assert await ada.titles() == ["snoozed", "meanwhile"]
    assert await ada.counts() == (2, 2, 2)
    told = (await ada.client.get("/notifications/changes", params={"since": since})).json()
    assert told["changes"] == [back]


async def test_snoozes_end_in_the_order_of_their_times(ada: Person, clock: StoppedClock, world: World) -> None:
    for title, minutes in (("second", 20), ("first", 10), ("third", 30)):
        entry = await ada.receives(title=title)
        await ada.does("snooze", entry["id"], until=(clock.now() + timedelta(minutes=minutes)).isoformat())
    clock.advance(hours=1)
    await world.runs("sweep")
    assert await ada.titles() == ["third", "second", "first"]


async def test_what_expires_while_it_is_snoozed_does_not_come_back(
    ada: Person, clock: StoppedClock, world: World, short: dict[str, Any]
) -> None:
    await ada.does("snooze", short["id"], until=(clock.now() + timedelta(hours=2)).isoformat())
    clock.advance(hours=3)
    await world.runs("sweep")
    assert await ada.titles(include_dismissed=True) == []


async def test_what_comes_back_from_a_snooze_still_expires(
    ada: Person, clock: StoppedClock, world: World, short: dict[str, Any]
) -> None:
    await ada.does("snooze", short["id"], until=(clock.now() + timedelta(minutes=10)).isoformat())
    clock.advance(minutes=10)
    await world.runs("sweep")
    assert await ada.titles() == ["short"]
    clock.advance(minutes=50)
    await world.runs("sweep")
    assert await ada.titles() == []


async def test_a_sweep_reaches_every_inbox(world: World, clock: StoppedClock) -> None:
    names = [f"reader-{number}" for number in range(600)]
    event = {
        "to": names,
        "type": "system",
        "title": "short",
        "create_missing": True,
        "expires_at": (clock.now() + timedelta(minutes=1)).isoformat(),
    }
    await world.app.client.post("/notifications", json=event)
    clock.advance(minutes=1)
    await world.runs("sweep")
    for name in (names[0], names[-1]):
        count = await world.app.client.get("/notifications/count", params={"user": name})
        assert count.json()["total"] == 0


async def test_a_second_sweep_changes_nothing(
    ada: Person, clock: StoppedClock, world: World, short: dict[str, Any]
) -> None:
    clock.advance(hours=1)
    await world.runs("sweep")
    cursor = await ada.cursor()
    await world.runs("sweep")
    assert await ada.cursor() == cursor
