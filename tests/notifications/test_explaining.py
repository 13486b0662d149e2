"""Every channel of every event has a verdict and a reason; a preview gives them before anything is written."""

from typing import Any
from uuid import uuid4

import pytest

from tests.notifications.answers import CHANNELS, EXPLAINED, PLANNED, pointers, refusal
from tests.notifications.storage import delete_person, stored
from tests.world import App, Person, World

EVENT = {"type": "order.shipped", "data": {"number": 17}}


async def test_every_channel_has_a_verdict_and_a_reason(ada: Person) -> None:
    entry = await ada.receives("order.shipped")
    decisions = (await ada.client.get(f"/notifications/{entry['id']}/explain")).json()["decisions"]
    assert [each["channel"] for each in decisions] == CHANNELS
    assert {frozenset(each) for each in decisions} == {EXPLAINED}
    assert [(each["verdict"], each["reason"]) for each in decisions] == [
        *[("send", "default")] * 2,
        *[("skip", "channel_not_set_up")] * 4,
    ]
    assert all(each["detail"] and each["attempts"] == [] for each in decisions)
    due = {each["channel"] for each in decisions if each["due_at"] is not None}
    assert due == {"email"}


async def explained(app: App, event_id: str, person: Person) -> dict[str, Any]:
    """The verdict on the inbox of one person."""
    path = f"/events/{event_id}/explain"
    found = await app.client.get(path, params={"user_id": str(person.id)})
    decisions = found.json()["decisions"]
    assert [each["channel"] for each in decisions] == CHANNELS
    assert {frozenset(each) for each in decisions} == {EXPLAINED}
    first: dict[str, Any] = decisions[0]
    return first


async def test_an_event_is_explained_for_its_recipient(app: App, ada: Person) -> None:
    entry = await ada.receives(channels=["in_app", "push"])
    verdict = await explained(app, entry["event_id"], ada)
    assert (verdict["verdict"], verdict["reason"]) == ("send", "requested")


async def test_an_event_is_explained_for_somebody_it_was_not_for(app: App, ada: Person, grace: Person) -> None:
    entry = await ada.receives()
    verdict = await explained(app, entry["event_id"], grace)
    assert (verdict["verdict"], verdict["reason"]) == ("skip", "not_a_recipient")


async def test_a_channel_that_was_not_asked_for_is_skipped(app: App, ada: Person) -> None:
    event = EVENT | {"to": ["ada"], "channels": ["email"]}
    sent = (await app.client.post("/notifications", json=event)).json()
    verdict = await explained(app, sent["event_id"], ada)
    assert (verdict["verdict"], verdict["reason"]) == ("skip", "requested")
    assert await ada.titles() == []


async def test_an_event_outlives_its_recipient(app: App, ada: Person, grace: Person) -> None:
    entry = await ada.receives()
    await delete_person(ada, by=grace)
    verdict = await explained(app, entry["event_id"], ada)
    assert (verdict["verdict"], verdict["reason"]) == ("skip", "not_a_recipient")


async def test_an_unknown_event_has_no_explanation(app: App) -> None:
    answer = await app.client.get(f"/events/{uuid4()}/explain", params={"user_id": str(uuid4())})
    assert refusal(answer) == (404, "event_not_found")


async def test_an_explanation_is_for_somebody(app: App) -> None:
    answer = await app.client.get(f"/events/{uuid4()}/explain")
    assert (refusal(answer), pointers(answer)) == ((422, "invalid_request"), ["/query/user_id"])


async def test_a_preview_plans_for_everybody_and_writes_nothing(
    app: App, ada: Person, grace: Person, world: World
) -> None:
    before = await stored(world.tidings)
    event = EVENT | {"to": ["ada", str(grace.id), "new"], "create_missing": True, "dedupe_key": "order-17"}
    answer = await app.client.post("/notifications/preview", json=event)
    plans = answer.json()["plans"]
    assert answer.status_code == 200
    assert [plan["user_id"] for plan in plans] == [str(ada.id), str(grace.id), None]
    assert {frozenset(plan) for plan in plans} == {frozenset({"user_id", "decisions"})}
    for plan in plans:
        assert [each["channel"] for each in plan["decisions"]] == CHANNELS
        assert {frozenset(each) for each in plan["decisions"]} == {PLANNED}
    assert await stored(world.tidings) == before
    assert (await app.client.post("/notifications", json=event)).status_code == 201


async def test_a_preview_follows_the_switches(app: App, ada: Person) -> None:
    await ada.client.patch("/notifications/preferences/me", json={"in_app_enabled": False})
    plan = (await app.client.post("/notifications/preview", json=EVENT | {"to": ["ada"]})).json()["plans"][0]
    assert (plan["decisions"][0]["verdict"], plan["decisions"][0]["reason"]) == ("skip", "channel_off")


async def test_a_preview_to_nobody(app: App) -> None:
    answer = await app.client.post("/notifications/preview", json=EVENT | {"to": [{"access_type": "admin"}]})
    assert (answer.status_code, answer.json()) == (200, {"plans": []})


@pytest.mark.parametrize(
    ("event", "code"),
    [
        ({"to": ["ghost"]}, "unknown_recipient"),
        ({"type": "nonsense"}, "unknown_type"),
        ({"data": {}}, "text_not_rendered"),
        ({"type": "system"}, "text_missing"),
        ({"actor": "ghost"}, "unknown_actor"),
    ],
)
async def test_a_preview_refuses_what_sending_refuses(
    app: App, ada: Person, world: World, event: dict[str, Any], code: str
) -> None:
    before = await stored(world.tidings)
    body = EVENT | {"to": ["ada"]} | event
    for path in ("/notifications/preview", "/notifications"):
        assert refusal(await app.client.post(path, json=body)) == (422, code)
    assert await stored(world.tidings) == before


async def test_an_event_can_be_looked_up(app: App, ada: Person, grace: Person) -> None:
    event = EVENT | {"to": ["ada"], "dedupe_key": "order-17", "source": "shop", "actor": "grace"}
    sent = (await app.client.post("/notifications", json=event)).json()
    assert (await app.client.get(f"/events/{sent['event_id']}")).json() == {
        "id": sent["event_id"],
        "type": "order.shipped",
        "source": "shop",
        "dedupe_key": "order-17",
        "actor_id": str(grace.id),
        "created_at": "2026-03-02T09:30:00Z",
        "send_at": None,
        "state": "written",
        "accepted": 1,
        "recipients": 1,
        "notifications": sent["notifications"],
        "deliveries": {"scheduled": 1},
    }


async def test_an_unknown_event_is_not_found(app: App) -> None:
    assert refusal(await app.client.get(f"/events/{uuid4()}")) == (404, "event_not_found")
