"""Many at once: one effect, equal answers, exact counters, and never a deadlock."""

import asyncio
from collections.abc import Awaitable, Iterable
from typing import Any, TypeVar

import httpx
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from tests.clock import StoppedClock
from tests.notifications.storage import stored
from tests.world import App, Person, World
from tidings.accounts.audit.types import SERVER
from tidings.accounts.models import User
from tidings.accounts.users import delete_user
from tidings.notifications.notifying import notify
from tidings.notifications.unsubscribing import Unsubscription, make_token

Result = TypeVar("Result")
MANY = 50
ROUNDS = 12


async def together(work: Iterable[Awaitable[Result]]) -> list[Result]:
    """Everything at once, and nothing for ever."""
    async with asyncio.timeout(60):
        return list(await asyncio.gather(*work))


def send(app: App, **event: Any) -> Awaitable[httpx.Response]:
    return app.client.post("/notifications", json={"type": "system", "title": "Hello", **event})


async def test_one_dedupe_key_makes_one_event_however_many_send_it(app: App, ada: Person, world: World) -> None:
    before = await stored(world.tidings)
    answers = await together(send(app, to=["ada"], dedupe_key="order-17") for _ in range(MANY))
    assert sorted(answer.status_code for answer in answers) == [200] * (MANY - 1) + [201]
    assert len({str(answer.json() | {"deduplicated": None}) for answer in answers}) == 1
    after = await stored(world.tidings)
    assert (after.events - before.events, after.notifications - before.notifications) == (1, 1)
    assert await ada.counts() == (1, 1, 1)


async def test_one_idempotency_key_has_one_effect_however_many_send_it(app: App, ada: Person, world: World) -> None:
    body = {"to": ["ada"], "type": "system", "title": "Hello"}
    headers = {"Idempotency-Key": "k-1"}
    answers = await together(app.client.post("/notifications", json=body, headers=headers) for _ in range(MANY))
    assert {(answer.status_code, answer.content) for answer in answers} == {(201, answers[0].content)}
    assert sum("idempotent-replayed" in answer.headers for answer in answers) == MANY - 1
    assert await ada.counts() == (1, 1, 1)


async def test_an_idempotency_key_that_is_no_longer_kept_has_one_new_effect(
    app: App, ada: Person, clock: StoppedClock
) -> None:
    body = {"to": ["ada"], "type": "system", "title": "Hello"}
    headers = {"Idempotency-Key": "k-1"}
    await app.client.post("/notifications", json=body, headers=headers)
    clock.advance(hours=25)
    answers = await together(app.client.post("/notifications", json=body, headers=headers) for _ in range(10))
    assert {(answer.status_code, answer.content) for answer in answers} == {(201, answers[0].content)}
    assert await ada.counts() == (2, 2, 2)


async def test_transactions_that_name_the_same_people_in_opposite_order_never_deadlock(
    world: World, ada: Person, grace: Person
) -> None:
    async def tell(*people: Person) -> None:
        async with world.tidings.database.sessions() as session, session.begin():
            for person in people:
                await notify(session, "system", to=person.id, title="Hello")
                await asyncio.sleep(0)

    await together(tell(*people) for _ in range(ROUNDS) for people in ((ada, grace), (grace, ada)))
    assert await ada.counts() == await grace.counts() == (2 * ROUNDS, 2 * ROUNDS, 2 * ROUNDS)


async def test_events_for_the_same_people_in_any_order_never_deadlock(app: App, ada: Person, grace: Person) -> None:
    names = ["ada", "grace", *(f"reader-{number}" for number in range(20))]
    await send(app, to=names, create_missing=True)
    await together(send(app, to=names[:: 1 if turn % 2 else -1], collapse_key="news") for turn in range(ROUNDS))
    assert await ada.counts() == await grace.counts() == (2, 2, 2)


async def test_whatever_happens_to_an_inbox_at_once_the_counters_stay_exact(app: App, ada: Person) -> None:
    """The recount after every test is the assertion."""
    entries = [await ada.receives(collapse_key=f"key-{number}") for number in range(4)]
    for _ in range(3):
        answers = await together(
            [
                *(
                    ada.client.post(f"/notifications/{entry['id']}/{verb}")
                    for entry in entries
                    for verb in ("read", "dismiss", "unread", "restore")
                ),
                *(send(app, to=["ada"], collapse_key=f"key-{number}") for number in range(4)),
                ada.client.post("/notifications/read-all"),
                ada.client.post("/notifications/seen-all"),
                ada.client.delete(f"/notifications/{entries[0]['id']}"),
            ]
        )
        assert {answer.status_code for answer in answers} <= {200, 201, 204, 404}


async def test_every_change_has_a_revision_of_its_own(app: App, ada: Person) -> None:
    since = await ada.cursor()
    await together(send(app, to=["ada"]) for _ in range(20))
    found = (await ada.client.get("/notifications/changes", params={"since": since})).json()
    assert [entry["revision"] for entry in found["changes"]] == list(range(1, 21))


async def test_one_stranger_becomes_one_user_however_many_name_them(app: App, world: World) -> None:
    stranger = {"id": "user_9", "email": "new@example.org", "name": "New"}
    answers = await together(send(app, to=[stranger]) for _ in range(20))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["notifications"][0]["user_id"] for answer in answers}) == 1
    async with world.tidings.database.read() as session:
        assert len((await session.scalars(select(User.id).where(User.external_id == "user_9"))).all()) == 1
    counts = await app.client.get("/notifications/count", params={"user": "user_9"})
    assert counts.json()["total"] == 20


async def test_one_address_is_one_strangers_however_many_claim_it(app: App, world: World) -> None:
    strangers = ({"id": f"user_{number}", "email": "new@example.org"} for number in range(20))
    answers = await together(send(app, to=[stranger]) for stranger in strangers)
    assert sorted(answer.status_code for answer in answers) == [201] + [422] * 19
    assert {answer.json()["code"] for answer in answers if answer.status_code == 422} == {"recipient_email_taken"}
    async with world.tidings.database.read() as session:
        assert len((await session.scalars(select(User.id).where(User.email == "new@example.org"))).all()) == 1


async def test_strangers_named_in_any_order_are_made_once(app: App) -> None:
    names = [f"stranger-{number}" for number in range(10)]
    answers = await together(
        send(app, to=names[:: 1 if turn % 2 else -1], create_missing=True) for turn in range(ROUNDS)
    )
    assert {answer.status_code for answer in answers} == {201}
    assert {answer.json()["accepted"] for answer in answers} == {10}


async def test_somebody_deleted_while_being_notified_is_notified_or_unknown(
    app: App, ada: Person, grace: Person, world: World
) -> None:
    for number in range(ROUNDS):
        leaving = await world.make_person(f"leaving{number}")
        gone, *answers = await together(
            [
                grace.client.delete(f"/users/{leaving.id}"),
                *(send(app, to=[leaving.name, "ada"], dedupe_key=f"{number}-{turn}") for turn in range(3)),
            ]
        )
        assert gone.status_code == 204
        assert {answer.status_code for answer in answers} <= {201, 422}
        for answer in answers:
            reached = answer.json().get("notifications", [])
            assert answer.status_code == 422 or "ada" in {entry["external_id"] for entry in reached}


async def test_a_recipient_deleted_while_being_renamed_never_deadlocks(app: App, grace: Person, world: World) -> None:
    for number in range(ROUNDS):
        made = await send(app, to=[f"guest-{number}"], create_missing=True)
        user_id = made.json()["notifications"][0]["user_id"]
        renamed = {"id": f"guest-{number}", "name": "Renamed"}
        gone, *answers = await together(
            [grace.client.delete(f"/users/{user_id}"), *(send(app, to=[renamed]) for _ in range(3))]
        )
        assert gone.status_code == 204
        assert {answer.status_code for answer in answers} <= {201, 409}


async def test_a_person_deleted_in_the_middle_of_a_hosts_transaction(world: World, ada: Person, grace: Person) -> None:
    """The host has notified but not committed when the person goes: the event stays and reaches who is left."""

    async def tell(session: AsyncSession) -> None:
        await notify(session, "system", to=[ada.id, grace.id], title="Hello")

    if world.tidings.database.is_sqlite:  # one writer: the host's transaction is the first or the second as a whole
        async with world.tidings.database.write() as session:
            await delete_user(session, ada.id, by=SERVER, now=world.clock.now())
        async with world.tidings.database.write() as session:
            await notify(session, "system", to=grace.id, title="Hello")
    else:
        async with world.tidings.database.sessions() as session, session.begin():
            await tell(session)
            async with world.tidings.database.write() as other:
                await delete_user(other, ada.id, by=SERVER, now=world.clock.now())
    assert await grace.titles() == ["Hello"]


async def test_preferences_changed_at_once_all_hold(ada: Person) -> None:
    for _ in range(5):
        await together(
            ada.client.patch("/notifications/preferences/me", json={f"{channel}_enabled": False})
            for channel in ("email", "push", "in_app")
        )
        found = (await ada.client.get("/notifications/preferences/me")).json()
        assert [found[f"{channel}_enabled"] for channel in ("email", "push", "in_app")] == [False] * 3
        await ada.client.patch(
            "/notifications/preferences/me",
            json=dict.fromkeys(("email_enabled", "push_enabled", "in_app_enabled"), True),
        )


async def test_clicks_on_several_unsubscribe_links_at_once_all_hold(ada: Person, world: World) -> None:
    types = ["insight", "alert", "streak", "social"]
    nobody, keyring = world.client(), world.tidings.keyring
    links = [f"/notifications/unsubscribe/{make_token(keyring, Unsubscription(ada.id, type))}" for type in types]
    await together(nobody.post(link) for link in links)
    found = (await ada.client.get("/notifications/preferences/me")).json()
    assert found["type_preferences"] == {type: {"email": False} for type in types}
