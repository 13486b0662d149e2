"""Sends that come at once share a transaction, and nobody's send depends on a neighbour's."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
from sqlalchemy import Connection, event
from sqlalchemy.exc import DBAPIError

from tests.world import App, Person, World
from tidings.accounts.types import Scope


@contextmanager
def heard(world: World, what: str) -> Iterator[list[Any]]:
    """How often the engine does this meanwhile."""
    times: list[Any] = []

    def listen(*arguments: Any) -> None:
        times.append(arguments)

    engine = world.tidings.database.engine.sync_engine
    event.listen(engine, what, listen)
    yield times
    event.remove(engine, what, listen)


async def sent_at_once(app: App, *bodies: dict[str, Any]) -> list[httpx.Response]:
    return await asyncio.gather(
        *(app.client.post("/notifications", json={"type": "system", "title": "News", **body}) for body in bodies)
    )


async def test_what_is_sent_at_once_is_committed_together(world: World, app: App, ada: Person, grace: Person) -> None:
    await ada.receives()  # so that the use of the key has just been noted
    people = [ada, grace] * 8
    with heard(world, "commit") as commits:
        answers = await sent_at_once(app, *({"to": [each.name]} for each in people))
    assert [answer.status_code for answer in answers] == [201] * 16
    assert [answer.json()["notifications"][0]["user_id"] for answer in answers] == [str(each.id) for each in people]
    assert (await ada.counts(), await grace.counts()) == ((9, 9, 9), (8, 8, 8))
    assert len({answer.json()["event_id"] for answer in answers}) == 16
    assert len(commits) == 1


async def test_what_one_sender_gets_wrong_is_refused_to_them_alone(app: App, ada: Person) -> None:
    right, stranger, wordless, actor = await sent_at_once(
        app,
        {"to": ["ada"]},
        {"to": ["nobody"]},
        {"to": ["ada"], "type": "insight", "title": None},
        {"to": ["ada"], "actor": "nobody"},
    )
    assert right.status_code == 201
    refused = [(each.status_code, each.json()["code"]) for each in (stranger, wordless, actor)]
    assert refused == [(422, "unknown_recipient"), (422, "text_missing"), (422, "unknown_actor")]
    assert await ada.counts() == (1, 1, 1)


async def test_of_two_with_one_key_at_once_the_second_repeats_the_first(app: App, ada: Person) -> None:
    answers = await sent_at_once(app, *[{"to": ["ada"], "dedupe_key": "order-1"}] * 8)
    assert sorted(answer.status_code for answer in answers) == [200] * 7 + [201]
    assert len({answer.json()["event_id"] for answer in answers}) == 1
    assert await ada.counts() == (1, 1, 1)


async def test_when_the_database_refuses_them_together_each_is_sent_alone(world: World, app: App, ada: Person) -> None:
    refusals = iter([DBAPIError("INSERT", {}, Exception("deadlock detected"))])

    def refuse_once(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith("INSERT INTO tidings_notifications"):
            for refusal in refusals:
                raise refusal

    engine = world.tidings.database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", refuse_once)
    answers = await sent_at_once(app, *[{"to": ["ada"]}] * 4)
    event.remove(engine, "before_cursor_execute", refuse_once)
    assert [answer.status_code for answer in answers] == [201] * 4
    assert list(refusals) == []
    assert await ada.counts() == (4, 4, 4)


async def test_a_key_shown_by_many_at_once_is_each_times_checked(world: World, app: App, ada: Person) -> None:
    reader = await world.make_app(Scope.NOTIFICATIONS_READ)
    stranger = App(world.client(headers={"Authorization": "Bearer tdk_unknown"}), "tdk_unknown")
    answers = await asyncio.gather(*(sent_at_once(each, {"to": ["ada"]}) for each in (app, reader, stranger, app)))
    assert [answer.status_code for [answer] in answers] == [201, 403, 401, 201]
    assert await ada.counts() == (2, 2, 2)


async def test_what_may_have_been_committed_is_not_sent_again(world: World, app: App, ada: Person) -> None:
    await ada.receives()
    losses = iter([DBAPIError("COMMIT", {}, Exception("connection was closed in the middle of operation"))])

    def lose_the_answer(connection: Connection) -> None:
        for loss in losses:
            connection.connection.commit()
            raise loss

    engine = world.tidings.database.engine.sync_engine
    event.listen(engine, "commit", lose_the_answer)
    answers = await sent_at_once(app, *[{"to": ["ada"]}] * 4)
    event.remove(engine, "commit", lose_the_answer)
    assert {answer.status_code for answer in answers} == {500}
    assert await ada.counts() == (5, 5, 5)
