"""Test notifications, the list of types, and messages to open streams."""

from typing import Any

import pytest

from tests.notifications.answers import NOTIFICATION, refusal
from tests.notifications.storage import stored
from tests.world import App, Person, World

CREATE = "/notifications/test/create"


async def test_a_person_sends_themselves_a_test(ada: Person) -> None:
    answer = await ada.client.post(CREATE, json={"title": "Does it work?"})
    assert (answer.status_code, frozenset(answer.json())) == (201, NOTIFICATION)
    assert (answer.json()["type"], answer.json()["priority"]) == ("system", "medium")
    assert await ada.titles() == ["Does it work?"]


async def test_a_person_may_name_themselves(ada: Person) -> None:
    body = {"user_id": str(ada.id), "type": "alert", "priority": "high", "title": "Hi", "message": "There"}
    entry = (await ada.client.post(CREATE, json=body)).json()
    assert {name: entry[name] for name in ("type", "priority", "title", "message")} == {
        "type": "alert",
        "priority": "high",
        "title": "Hi",
        "message": "There",
    }


async def test_a_person_cannot_name_somebody_else(ada: Person, grace: Person, world: World) -> None:
    before = await stored(world.tidings)
    for name in (str(grace.id), "grace", "ghost"):
        answer = await ada.client.post(CREATE, json={"user_id": name, "title": "Hello"})
        assert refusal(answer) == (403, "forbidden")
    assert await stored(world.tidings) == before


async def test_an_administrator_names_anybody(ada: Person, grace: Person) -> None:
    answer = await grace.client.post(CREATE, json={"user_id": "ada", "title": "From Grace"})
    assert answer.status_code == 201
    assert await ada.titles() == ["From Grace"]


async def test_neither_a_key_nor_a_recipient_sends_tests(app: App, guest: Person) -> None:
    for client in (app.client, guest.client):
        assert refusal(await client.post(CREATE, json={"title": "Hello"})) == (403, "forbidden")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"title": "Hi", "type": "nonsense"}, "unknown_type"),
        ({"title": ""}, "invalid_request"),
        ({"message": "no title"}, "invalid_request"),
        ({"title": "Hi", "priority": "extreme"}, "invalid_request"),
        ({"title": "Hi", "data": {}}, "invalid_request"),
    ],
)
async def test_a_wrong_test_is_refused(ada: Person, world: World, body: dict[str, Any], code: str) -> None:
    before = await stored(world.tidings)
    assert refusal(await ada.client.post(CREATE, json=body)) == (422, code)
    assert await stored(world.tidings) == before


async def test_every_type_is_listed(ada: Person) -> None:
    types = (await ada.client.get("/notification-types")).json()["notification_types"]
    by_key = {each["key"]: each for each in types}
    assert {frozenset(each) for each in types} == {
        frozenset({"key", "code", "category", "default_channels", "required", "variables"})
    }
    assert by_key["achievement"] == {
        "key": "achievement",
        "code": 203,
        "category": "progress",
        "default_channels": ["in_app"],
        "required": False,
        "variables": ["achievement_name", "achievement_description", "xp_earned"],
    }
    assert by_key["account.security"]["required"] is True
    assert by_key["order.shipped"]["default_channels"] == ["in_app", "email"]


async def test_a_custom_message_names_its_user(app: App, ada: Person) -> None:
    answer = await app.client.post("/streams/send", json={"user_id": "ada", "data": {"typing": True}})
    assert (answer.status_code, answer.json()) == (200, {"success": True, "user_id": str(ada.id), "all": False})


async def test_a_custom_message_may_be_for_all(app: App) -> None:
    answer = await app.client.post("/streams/send", json={"all": True, "data": {}})
    assert answer.json() == {"success": True, "user_id": None, "all": True}


@pytest.mark.parametrize(
    "body", [{"data": {}}, {"user_id": "ada", "all": True, "data": {}}, {"all": False, "data": {}}, {"user_id": "ada"}]
)
async def test_a_custom_message_is_for_one_or_for_all(app: App, ada: Person, body: dict[str, Any]) -> None:
    assert refusal(await app.client.post("/streams/send", json=body)) == (422, "invalid_request")


async def test_a_custom_message_for_a_stranger_is_refused(app: App) -> None:
    answer = await app.client.post("/streams/send", json={"user_id": "ghost", "data": {}})
    assert refusal(answer) == (422, "unknown_recipient")


async def test_nobody_is_connected(app: App, ada: Person) -> None:
    assert (await app.client.get("/streams/stats")).json() == {"users": 0, "connections": 0}
    assert (await app.client.get("/streams/ada")).json() == {"connected": False}
    assert (await app.client.get(f"/streams/{ada.id}")).json() == {"connected": False}


async def test_whether_a_stranger_is_connected_is_not_known(app: App) -> None:
    assert refusal(await app.client.get("/streams/ghost")) == (422, "unknown_recipient")
