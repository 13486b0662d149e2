"""Whom an event is for: ids, the host's own names, inline people and roles."""

from typing import Any

import httpx
import pytest

from tests.notifications.answers import pointers, refusal
from tests.notifications.storage import stored
from tests.world import App, Person, World
from tidings.accounts.types import AccountState, Scope


@pytest.fixture
async def plain_app(world: World) -> App:
    """An app that may send and nothing else."""
    return await world.make_app(Scope.NOTIFICATIONS_SEND)


async def send(app: App, *to: Any, **event: Any) -> httpx.Response:
    body = {"to": to, "type": "system", "title": "Hello", **event}
    return await app.client.post("/notifications", json=body)


async def profile_of(app: App, user_id: str) -> dict[str, Any]:
    found: dict[str, Any] = (await app.client.get(f"/users/{user_id}")).json()
    return found


async def test_a_recipient_is_named_by_id(app: App, ada: Person) -> None:
    assert (await send(app, str(ada.id).upper())).status_code == 201
    assert await ada.titles() == ["Hello"]


async def test_a_recipient_is_named_as_the_host_names_them(app: App, ada: Person) -> None:
    assert (await send(app, "ada")).status_code == 201
    assert await ada.titles() == ["Hello"]


async def test_somebody_named_in_every_way_gets_one(app: App, ada: Person) -> None:
    sent = await send(app, "ada", str(ada.id), {"id": "ada"}, {"access_type": "regular"}, "ada")
    assert sent.json()["accepted"] == 1
    assert await ada.titles() == ["Hello"]


async def test_an_inline_stranger_is_made_known(app: App) -> None:
    sent = await send(app, {"id": "user_9", "email": "New@Example.org", "name": "New"})
    [entry] = sent.json()["notifications"]
    made = await profile_of(app, entry["user_id"])
    assert entry["external_id"] == "user_9"
    assert (made["state"], made["email"], made["name"]) == ("recipient", "new@example.org", "New")


async def test_an_inline_person_with_equal_values_is_a_reference(plain_app: App, guest: Person) -> None:
    said = {"id": "guest-1", "email": "Guest@example.org", "name": "Guest"}
    assert (await send(plain_app, said)).status_code == 201
    assert await guest.titles() == ["Hello"]


async def test_an_inline_person_with_another_value_is_changed_by_who_may_write_users(app: App, guest: Person) -> None:
    assert (await send(app, {"id": "guest-1", "name": "Renamed"})).status_code == 201
    known = await profile_of(app, str(guest.id))
    assert (known["name"], known["email"]) == ("Renamed", "guest@example.org")


async def test_changing_a_recipient_needs_users_write(plain_app: App, app: App, guest: Person, world: World) -> None:
    before = await stored(world.tidings)
    assert refusal(await send(plain_app, {"id": "guest-1", "name": "Renamed"})) == (403, "recipient_differs")
    assert await stored(world.tidings) == before
    assert (await profile_of(app, str(guest.id)))["name"] == "Guest"


async def test_who_signs_in_here_is_never_changed_by_a_sender(app: App, ada: Person, world: World) -> None:
    before = await stored(world.tidings)
    answer = await send(app, "ada", {"id": "ada", "name": "Eve"})
    assert refusal(answer) == (422, "recipient_is_account")
    assert pointers(answer) == ["/to/1"]
    assert await stored(world.tidings) == before


async def test_an_account_named_with_its_own_values_is_a_reference(app: App, ada: Person) -> None:
    assert (await send(app, {"id": "ada", "email": "ada@example.org", "name": "Ada"})).status_code == 201
    assert await ada.titles() == ["Hello"]


async def test_a_stranger_cannot_take_the_address_of_an_account(app: App, ada: Person, world: World) -> None:
    before = await stored(world.tidings)
    answer = await send(app, {"id": "eve", "email": "ADA@example.org"})
    assert refusal(answer) == (422, "recipient_is_account")
    assert await stored(world.tidings) == before


async def test_a_stranger_cannot_take_the_address_of_another_recipient(app: App, guest: Person, world: World) -> None:
    before = await stored(world.tidings)
    answer = await send(app, {"id": "eve", "email": "guest@example.org"})
    assert refusal(answer) == (422, "recipient_email_taken")
    assert await stored(world.tidings) == before


async def test_two_strangers_cannot_share_an_address(app: App, world: World) -> None:
    before = await stored(world.tidings)
    answer = await send(app, {"id": "a", "email": "x@example.org"}, {"id": "b", "email": "X@example.org"})
    assert refusal(answer) == (422, "recipient_email_taken")
    assert await stored(world.tidings) == before


async def test_a_stranger_named_twice_keeps_what_was_said_of_them(app: App) -> None:
    sent = await send(
        app, {"id": "user_9", "email": "new@example.org"}, {"id": "user_9"}, "user_9", create_missing=True
    )
    [entry] = sent.json()["notifications"]
    assert (await profile_of(app, entry["user_id"]))["email"] == "new@example.org"


async def test_unknown_names_are_all_listed_and_nothing_is_sent(app: App, ada: Person, world: World) -> None:
    before = await stored(world.tidings)
    nowhere = "0198c0de-0000-7000-8000-000000000000"
    answer = await send(app, "ada", "bob", {"id": "stranger"}, nowhere)
    assert refusal(answer) == (422, "unknown_recipient")
    assert pointers(answer) == ["/to/1", "/to/3"]
    assert {fault["code"] for fault in answer.json()["errors"]} == {"unknown_recipient"}
    assert await stored(world.tidings) == before


async def test_unknown_names_become_recipients_when_the_sender_says_so(app: App) -> None:
    sent = await send(app, "bob", create_missing=True)
    assert (sent.status_code, sent.json()["notifications"][0]["external_id"]) == (201, "bob")


async def test_a_role_reaches_every_active_user_who_has_it(app: App, ada: Person, grace: Person, world: World) -> None:
    await world.make_person("retired", admin=True, state=AccountState.SUSPENDED)
    sent = await send(app, {"access_type": "admin"})
    assert [entry["external_id"] for entry in sent.json()["notifications"]] == ["grace"]


async def test_an_inline_object_cannot_mix_a_role_and_a_person(app: App, ada: Person) -> None:
    answer = await send(app, {"id": "ada", "access_type": "admin"})
    assert refusal(answer) == (422, "invalid_request")


async def test_an_unknown_actor_is_refused(app: App, ada: Person, world: World) -> None:
    before = await stored(world.tidings)
    answer = await send(app, "ada", actor="ghost")
    assert refusal(answer) == (422, "unknown_actor")
    assert pointers(answer) == ["/actor"]
    assert await stored(world.tidings) == before


@pytest.mark.parametrize(
    "to", [[], ["x"] * 10_001, [""], [{"id": ""}], [{}], [7], [None], "ada", [{"id": "x", "email": "nonsense"}]]
)
async def test_a_list_of_recipients_has_its_documented_form(app: App, ada: Person, world: World, to: Any) -> None:
    before = await stored(world.tidings)
    answer = await app.client.post("/notifications", json={"to": to, "type": "system", "title": "Hello"})
    assert refusal(answer) == (422, "invalid_request")
    assert all(pointer.startswith("/to") for pointer in pointers(answer))
    assert await stored(world.tidings) == before


@pytest.mark.parametrize(("email", "status"), [("ops@mailhost", 201), ("ops@", 422), ("not one", 422)])
async def test_an_address_is_one_however_a_host_gives_it(app: App, email: str, status: int) -> None:
    inline = await send(app, {"id": "ops", "email": email})
    named = await app.client.put("/users/by-external-id/other", json={"email": email.replace("ops", "others")})
    assert (inline.status_code, named.status_code) == (status, status)
    if status == 422:
        assert {fault["code"] for fault in (*inline.json()["errors"], *named.json()["errors"])} >= {"email_invalid"}
