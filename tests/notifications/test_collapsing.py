"""Events with one collapse key share one entry: the last one says what it shows."""

from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from tests.clock import StoppedClock
from tests.world import App, Person, World


async def collapses(ada: Person, title: str, **event: Any) -> dict[str, Any]:
    ada.world.clock.advance(seconds=1)
    return await ada.receives("system", title=title, collapse_key="order-17", **event)


async def test_a_later_event_updates_the_entry_in_place(ada: Person) -> None:
    first = await collapses(ada, "Packed", message="soon", data={"step": 1}, group_key="a")
    second = await collapses(ada, "Shipped", priority="high", data={"step": 2})
    assert second["id"] == first["id"]
    assert second["event_id"] != first["event_id"]
    assert (second["title"], second["message"], second["priority"]) == ("Shipped", "", "high")
    assert (second["data"], second["group_key"]) == ({"step": 2}, None)
    assert await ada.titles() == ["Shipped"]


async def test_a_collapsed_entry_is_on_top_again(ada: Person, clock: StoppedClock) -> None:
    await collapses(ada, "Packed")
    clock.advance(seconds=1)
    await ada.receives(title="Something else")
    await collapses(ada, "Shipped")
    assert await ada.titles() == ["Shipped", "Something else"]


async def test_a_collapsed_entry_is_unread_and_unseen_again(ada: Person) -> None:
    entry = await collapses(ada, "Packed")
    await ada.does("read", entry["id"])
    again = await collapses(ada, "Shipped")
    assert (again["is_read"], again["read_at"], again["is_seen"]) == (False, None, False)
    assert await ada.counts() == (1, 1, 1)


async def test_an_unread_entry_counts_once_however_often_it_collapses(ada: Person) -> None:
    for step in ("Packed", "Shipped", "Delivered"):
        await collapses(ada, step)
    assert await ada.counts() == (1, 1, 1)


async def test_a_dismissed_entry_comes_back(ada: Person) -> None:
    entry = await collapses(ada, "Packed")
    await ada.does("dismiss", entry["id"])
    again = await collapses(ada, "Shipped")
    assert (again["id"], again["is_dismissed"], again["dismissed_at"]) == (entry["id"], False, None)
    assert await ada.titles() == ["Shipped"]


async def test_a_snoozed_entry_comes_back(ada: Person, clock: StoppedClock, world: World) -> None:
    entry = await collapses(ada, "Packed")
    await ada.does("snooze", entry["id"], until=(clock.now() + timedelta(hours=1)).isoformat())
    again = await collapses(ada, "Shipped")
    assert again["snoozed_until"] is None
    await ada.does("read", entry["id"])
    clock.advance(hours=2)
    await world.runs("sweep")
    assert (await ada.sees(entry["id"]))["is_read"] is True


async def test_a_deleted_entry_does_not_collapse(ada: Person) -> None:
    entry = await collapses(ada, "Packed")
    await ada.client.delete(f"/notifications/{entry['id']}")
    again = await collapses(ada, "Shipped")
    assert again["id"] != entry["id"]
    assert await ada.titles() == ["Shipped"]


async def test_an_expired_entry_does_not_collapse(ada: Person, clock: StoppedClock, world: World) -> None:
    entry = await collapses(ada, "Packed", expires_at=(clock.now() + timedelta(minutes=1)).isoformat())
    clock.advance(minutes=2)
    await world.runs("sweep")
    again = await collapses(ada, "Shipped")
    assert again["id"] != entry["id"]


async def test_the_later_event_decides_when_the_entry_expires(ada: Person, clock: StoppedClock, world: World) -> None:
    await collapses(ada, "Packed", expires_at=(clock.now() + timedelta(minutes=1)).isoformat())
    await collapses(ada, "Shipped")
    clock.advance(minutes=2)
    await world.runs("sweep")
    assert await ada.titles() == ["Shipped"]


async def test_everybody_has_their_own_entry_of_a_key(app: App, ada: Person, grace: Person) -> None:
    await collapses(ada, "Packed")
    event = {"to": ["ada", "grace"], "type": "system", "title": "Shipped", "collapse_key": "order-17"}
    await app.client.post("/notifications", json=event)
    assert (await ada.titles(), await grace.titles()) == (["Shipped"], ["Shipped"])
    assert (await ada.counts(), await grace.counts()) == ((1, 1, 1), (1, 1, 1))


async def test_the_sender_is_told_which_entry_the_event_went_into(app: App, ada: Person) -> None:
    first = await collapses(ada, "Packed")
    event = {
        "to": ["ada"],
        "type": "system",
        "title": "Shipped",
        "collapse_key": "order-17",
        "dedupe_key": "order-17-shipped",
    }
    sent = (await app.client.post("/notifications", json=event)).json()
    repeat = (await app.client.post("/notifications", json=event)).json()
    known = (await app.client.get(f"/events/{sent['event_id']}")).json()
    assert sent["notifications"][0]["id"] == first["id"]
    assert repeat["notifications"] == known["notifications"] == sent["notifications"]


async def explained(app: App, ada: Person, event_id: str) -> list[dict[str, Any]]:
    path = f"/events/{event_id}/explain"
    decisions: list[dict[str, Any]] = (await app.client.get(path, params={"user_id": str(ada.id)})).json()["decisions"]
    return decisions


async def test_a_replaced_event_is_superseded_by_the_next(app: App, ada: Person) -> None:
    events = [(await collapses(ada, step))["event_id"] for step in ("Packed", "Shipped", "Delivered")]
    for replaced, later in pairwise(events):
        decisions = await explained(app, ada, replaced)
        assert {(each["verdict"], each["reason"]) for each in decisions} == {("skip", "superseded")}
        assert all(later in each["detail"] for each in decisions)
    last = await explained(app, ada, events[-1])
    assert (last[0]["verdict"], last[0]["reason"]) == ("send", "default")


@pytest.mark.parametrize("switched", [True, False])
async def test_a_collapse_follows_the_switches_of_its_own_event(app: App, ada: Person, switched: bool) -> None:
    """In an inbox that was off and is on, or was on and is off, the entry is where the last event's plan puts it."""
    await ada.client.patch("/notifications/preferences/me", json={"in_app_enabled": not switched})
    await collapses(ada, "Packed")
    await ada.client.patch("/notifications/preferences/me", json={"in_app_enabled": switched})
    await collapses(ada, "Shipped")
    assert await ada.titles() == (["Shipped"] if switched else [])
    assert await ada.counts() == ((1, 1, 1) if switched else (0, 0, 0))
