"""A dedupe key means: once, for ever, whatever the repeat says."""

from typing import Any

import httpx
import pytest

from tests.notifications.answers import refusal
from tests.notifications.storage import delete_person, stored
from tests.world import App, Person, World

EVENT = {"to": ["ada"], "type": "system", "title": "Order 17 shipped", "dedupe_key": "order-17"}


async def send(app: App, **changed: Any) -> httpx.Response:
    return await app.client.post("/notifications", json=EVENT | changed)


async def test_a_repeat_answers_200_with_the_first_result_and_writes_nothing(
    app: App, ada: Person, world: World
) -> None:
    first = await send(app)
    before = await stored(world.tidings)
    repeat = await send(app)
    assert (first.status_code, repeat.status_code) == (201, 200)
    assert repeat.json() == first.json() | {"deduplicated": True}
    assert await stored(world.tidings) == before


@pytest.mark.parametrize(
    "changed",
    [
        {"to": ["grace"]},
        {"to": ["grace", "ada"], "title": "Another title"},
        {"to": ["nobody-knows"]},
        {"to": ["new"], "create_missing": True},
        {"to": [{"id": "inline", "email": "inline@example.org"}]},
        {"to": [{"id": "ada", "name": "Eve"}]},
        {"to": [{"access_type": "admin"}]},
        {"actor": "ghost"},
        {"type": "insight", "title": None},
    ],
)
async def test_a_repeat_that_asks_for_something_else_gets_the_first_result(
    app: App, ada: Person, grace: Person, world: World, changed: dict[str, Any]
) -> None:
    first = await send(app)
    before = await stored(world.tidings)
    repeat = await send(app, **changed)
    assert (repeat.status_code, repeat.json()) == (200, first.json() | {"deduplicated": True})
    assert await stored(world.tidings) == before


async def test_a_repeat_after_the_recipient_was_deleted_is_still_one_and_names_nobody(
    app: App, ada: Person, grace: Person
) -> None:
    first = await send(app)
    await delete_person(ada, by=grace)
    repeat = await send(app)
    assert (repeat.status_code, repeat.json()) == (200, first.json() | {"notifications": [], "deduplicated": True})


async def test_a_repeat_after_a_thousand_recipients_lists_the_first_hundred_again(app: App) -> None:
    many = {"to": [f"reader-{number}" for number in range(120)], "create_missing": True}
    first = await send(app, **many)
    repeat = await send(app, **many)
    assert len(first.json()["notifications"]) == 100
    assert repeat.json() == first.json() | {"deduplicated": True}


async def test_another_source_has_its_own_keys(app: App, ada: Person) -> None:
    first = await send(app)
    other = await send(app, source="shop")
    assert other.status_code == 201
    assert other.json()["event_id"] != first.json()["event_id"]


async def test_a_key_is_the_same_for_every_sender(app: App, grace: Person, ada: Person) -> None:
    first = await send(app)
    repeat = await grace.client.post("/notifications", json=EVENT)
    assert (repeat.status_code, repeat.json()["event_id"]) == (200, first.json()["event_id"])


async def test_a_refused_event_does_not_use_its_key(app: App, ada: Person) -> None:
    assert refusal(await send(app, to=["ghost"])) == (422, "unknown_recipient")
    assert (await send(app)).status_code == 201


async def test_without_a_key_every_call_is_an_event_of_its_own(app: App, ada: Person) -> None:
    await send(app, dedupe_key=None)
    await send(app, dedupe_key=None)
    assert len(await ada.titles()) == 2
