"""Sending: what is accepted, what the recipient sees, and where it went."""

from datetime import timedelta

import pytest

from tests.clock import StoppedClock
from tests.notifications.answers import ENTRY, NOTIFICATION, NOTIFICATION_FOR_KEYS, SENT
from tests.notifications.storage import stored
from tests.world import App, Person, World
from tidings.accounts.types import AccountState, Scope


async def test_sending_answers_201_with_where_it_went(app: App, ada: Person) -> None:
    sent = await app.client.post("/notifications", json={"to": [str(ada.id)], "type": "system", "title": "Hello"})
    body = sent.json()
    assert sent.status_code == 201
    assert frozenset(body) == SENT
    assert body["accepted"] == 1
    assert body["deduplicated"] is False
    [entry] = body["notifications"]
    assert frozenset(entry) == ENTRY
    assert (entry["user_id"], entry["external_id"]) == (str(ada.id), "ada")


async def test_an_entry_has_exactly_the_documented_fields(ada: Person) -> None:
    assert frozenset(await ada.receives()) == NOTIFICATION


async def test_what_a_sender_leaves_out_gets_its_default(ada: Person, clock: StoppedClock) -> None:
    entry = await ada.receives("achievement", title="Well done")
    moment = clock.now().isoformat().replace("+00:00", "Z")
    assert entry | {"id": "", "event_id": ""} == {
        "id": "",
        "event_id": "",
        "type": "achievement",
        "type_code": 203,
        "priority": "medium",
        "title": "Well done",
        "message": "",
        "data": {},
        "actor": None,
        "action_url": None,
        "action_text": None,
        "icon": "trophy",
        "image_url": None,
        "group_key": None,
        "is_seen": False,
        "is_read": False,
        "read_at": None,
        "is_dismissed": False,
        "dismissed_at": None,
        "snoozed_until": None,
        "sent_in_app": True,
        "sent_email": False,
        "sent_push": False,
        "reason": None,
        "created_at": moment,
        "expires_at": None,
        "revision": 1,
    }


async def test_everything_a_sender_says_is_shown(ada: Person, grace: Person, clock: StoppedClock) -> None:
    said = {
        "title": "Grüße 🎉",
        "message": "**Look** at <this>",
        "data": {"number": 17, "deep": [{"x": None}], "big": 2**53 + 1, "text": "ß"},
        "priority": "urgent",
        "action_url": "https://shop.example/orders/17?a=1&b=2#top",
        "action_text": "View",
        "icon": "box",
        "image_url": "/pictures/17.png",
        "group_key": "order-17",
        "expires_at": (clock.now() + timedelta(days=1)).isoformat(),
    }
    entry = await ada.receives("alert", actor="grace", **said)
    shown = said | {"expires_at": "2026-03-03T09:30:00Z"}
    assert {name: entry[name] for name in shown} == shown
    assert entry["actor"] == {"id": str(grace.id), "external_id": "grace", "name": "Grace", "username": "grace"}


async def test_text_comes_from_the_type_when_the_sender_gives_none(app: App, ada: Person) -> None:
    event = {"to": ["ada"], "type": "order.shipped", "data": {"number": 17}}
    sent = await app.client.post("/notifications", json=event)
    assert sent.status_code == 201
    assert await ada.titles() == ["Order 17 shipped"]


async def test_a_type_says_why_somebody_sees_it(ada: Person) -> None:
    entry = await ada.receives("activity.new", title="A walk")
    assert entry["reason"] == "You recorded an activity."


async def test_a_time_in_another_zone_is_the_same_time_in_utc(ada: Person) -> None:
    entry = await ada.receives(expires_at="2026-05-01T02:00:00+02:00")
    assert entry["expires_at"] == "2026-05-01T00:00:00Z"


async def test_one_event_reaches_a_thousand_people_at_once(app: App, world: World) -> None:
    before = await stored(world.tidings)
    names = [f"reader-{number}" for number in range(1_000)]
    event = {"to": names, "type": "update", "title": "Release 2", "create_missing": True}
    sent = await app.client.post("/notifications", json=event)
    assert sent.status_code == 201
    assert sent.json()["accepted"] == 1_000
    assert [entry["external_id"] for entry in sent.json()["notifications"]] == names[:100]
    after = await stored(world.tidings)
    assert (after.notifications - before.notifications, after.users - before.users) == (1_000, 1_000)


async def test_an_event_to_nobody_is_accepted_for_nobody(app: App) -> None:
    event = {"to": [{"access_type": "admin"}], "type": "system", "title": "Disk full"}
    sent = await app.client.post("/notifications", json=event)
    assert (sent.status_code, sent.json()["accepted"], sent.json()["notifications"]) == (201, 0, [])


async def test_an_administrator_may_send(grace: Person, ada: Person) -> None:
    event = {"to": ["ada"], "type": "system", "title": "Maintenance"}
    assert (await grace.client.post("/notifications", json=event)).status_code == 201
    assert await ada.titles() == ["Maintenance"]


async def test_a_key_sees_whose_entry_it_is(app: App, ada: Person) -> None:
    entry = await ada.receives()
    for path in (f"/notifications/{entry['id']}", "/notifications"):
        found = (await app.client.get(path, params={"user": "ada"})).json()
        seen = found["notifications"][0] if "notifications" in found else found
        assert frozenset(seen) == NOTIFICATION_FOR_KEYS
        assert (seen["user_id"], seen["external_id"]) == (str(ada.id), "ada")


async def test_a_key_changes_an_inbox_it_names(app: App, ada: Person) -> None:
    entry = await ada.receives()
    read = await app.client.post(f"/notifications/{entry['id']}/read", params={"user": str(ada.id)})
    assert frozenset(read.json()) == NOTIFICATION_FOR_KEYS
    assert (await ada.sees(entry["id"]))["is_read"] is True


async def test_a_sign_up_that_waits_takes_nothing_from_whom_a_host_knows(app: App, world: World) -> None:
    waiting = await world.make_person("waiting", state=AccountState.REGISTERED)
    stranger = await world.make_person("stranger", state=AccountState.REGISTERED, external_id=None)
    event = {"to": [str(waiting.id), str(stranger.id)], "type": "system", "title": "Hello"}
    assert (await app.client.post("/notifications", json=event)).status_code == 201
    for person, total in ((waiting, 1), (stranger, 0)):
        count = await app.client.get("/notifications/count", params={"user": str(person.id)})
        assert count.json()["total"] == total


@pytest.mark.parametrize("state", [AccountState.SUSPENDED, AccountState.REJECTED])
async def test_somebody_inactive_gets_nothing_and_the_sender_learns_why(
    app: App, world: World, state: AccountState
) -> None:
    idle = await world.make_person("idle", state=state)
    event = {"to": ["idle"], "type": "system", "title": "Hello"}
    sent = (await app.client.post("/notifications", json=event)).json()
    assert sent["accepted"] == 1
    count = await app.client.get("/notifications/count", params={"user": "idle"})
    assert count.json() == {"unread_count": 0, "unseen_count": 0, "total": 0}
    path = f"/events/{sent['event_id']}/explain"
    explained = (await app.client.get(path, params={"user_id": str(idle.id)})).json()["decisions"]
    assert (explained[0]["verdict"], explained[0]["reason"]) == ("skip", "user_inactive")


async def test_a_key_of_a_regular_person_never_sends(world: World, ada: Person) -> None:
    made = await ada.client.post("/api-keys", json={"name": "mine", "scopes": [Scope.NOTIFICATIONS_SEND]})
    assert made.status_code == 403
