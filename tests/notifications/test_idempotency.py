"""Idempotency-Key: the same request twice has one effect and one answer."""

from hashlib import md5, sha1, sha256, sha512
from typing import Any

import httpx
import pytest
from sqlalchemy import insert, select

from tests.clock import StoppedClock
from tests.notifications.answers import refusal
from tests.notifications.storage import stored
from tests.world import App, Person, World
from tidings.kernel import db
from tidings.kernel.http import idempotency
from tidings.kernel.http.idempotency import IdempotencyKey

EVENT = {"to": ["ada"], "type": "system", "title": "Hello"}


async def send(app: App, key: str | bytes = "k-1", **changed: Any) -> httpx.Response:
    headers = {b"Idempotency-Key": key if isinstance(key, bytes) else key.encode()}
    return await app.client.post("/notifications", json=EVENT | changed, headers=headers)


async def test_a_repeat_replays_the_answer_and_writes_nothing(app: App, ada: Person, world: World) -> None:
    first = await send(app)
    before = await stored(world.tidings)
    repeat = await send(app)
    assert (repeat.status_code, repeat.content) == (first.status_code, first.content)
    assert repeat.headers["content-type"] == first.headers["content-type"]
    assert repeat.headers["idempotent-replayed"] == "true"
    assert "idempotent-replayed" not in first.headers
    assert await stored(world.tidings) == before


@pytest.mark.parametrize(
    ("path", "person"),
    [
        (
            "/users",
            {"username": "linus", "name": "Linus", "email": "linus@example.org", "password": "a staple, a horse"},
        ),
        ("/users/invite", {"email": "linus@example.org"}),
    ],
)
async def test_nobody_is_made_or_invited_twice(grace: Person, path: str, person: dict[str, str]) -> None:
    headers = {"Idempotency-Key": "k-1"}
    first, repeat = [await grace.client.post(path, json=person, headers=headers) for _ in range(2)]
    assert first.status_code == 201, first.text
    assert (repeat.status_code, repeat.content) == (first.status_code, first.content)
    assert repeat.headers["idempotent-replayed"] == "true"


async def test_a_repeat_does_not_wait_for_ever_for_the_first(
    grace: Person, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(idempotency, "WAIT_S", 0.3)  # on PostgreSQL, for the row of the first
    monkeypatch.setattr(db, "BUSY_TIMEOUT_S", 0.3)  # on SQLite, for its lock
    database = world.tidings.database
    body, headers = {"email": "linus@example.org"}, {"Idempotency-Key": "k-1"}
    await grace.client.post("/users/invite", json={"email": "another@example.org"}, headers={"Idempotency-Key": "k-0"})
    async with database.read() as session:
        (kept,) = (await session.execute(select(IdempotencyKey.__table__))).mappings().all()
    async with database.write() as session:  # the first, still running
        await session.execute(insert(IdempotencyKey).values({**kept, "key": "k-1"}))
        repeat = await grace.client.post("/users/invite", json=body, headers=headers)
        await session.rollback()
    expected = (503, "busy") if database.is_sqlite else (409, "request_in_progress")
    assert (repeat.status_code, repeat.json()["code"]) == expected
    assert int(repeat.headers["retry-after"]) >= 1
    again = await grace.client.post("/users/invite", json=body, headers=headers)
    assert again.status_code == 201, again.text


async def test_what_is_kept_of_a_body_does_not_help_to_guess_it(app: App, ada: Person, world: World) -> None:
    answer = await send(app)
    body = answer.request.content
    async with world.tidings.database.read() as session:
        (kept,) = await session.scalars(select(IdempotencyKey.request_digest))
    plain = [each + body for each in (b"", b"\n")]
    assert kept not in [of(text).digest()[: len(kept)] for of in (sha1, sha256, sha512, md5) for text in plain]


async def test_another_body_is_refused(app: App, ada: Person, world: World) -> None:
    await send(app)
    before = await stored(world.tidings)
    assert refusal(await send(app, title="Other")) == (422, "idempotency_key_reused")
    assert await stored(world.tidings) == before


async def test_another_query_is_another_request(app: App, ada: Person, grace: Person) -> None:
    headers = {"Idempotency-Key": "k-1"}
    await app.client.post("/notifications/read-all", params={"user": "ada"}, headers=headers)
    answer = await app.client.post("/notifications/read-all", params={"user": "grace"}, headers=headers)
    assert refusal(answer) == (422, "idempotency_key_reused")


@pytest.mark.parametrize("key", ["", "x" * 256])
async def test_a_key_has_1_to_255_characters(app: App, ada: Person, world: World, key: str) -> None:
    before = await stored(world.tidings)
    assert refusal(await send(app, key)) == (422, "invalid_request")
    assert await stored(world.tidings) == before


async def test_a_long_key_of_any_characters_is_taken(app: App, ada: Person) -> None:
    key = "ü%_\"'\\ ;".encode() * 28
    assert (await send(app, key)).status_code == 201
    assert (await send(app, key)).headers["idempotent-replayed"] == "true"


async def test_a_failure_is_not_kept(app: App, world: World) -> None:
    assert refusal(await send(app)) == (422, "unknown_recipient")
    await world.make_person("ada")
    answer = await send(app)
    assert answer.status_code == 201
    assert "idempotent-replayed" not in answer.headers


async def test_a_key_is_kept_for_24_hours(app: App, ada: Person, clock: StoppedClock) -> None:
    first = await send(app)
    clock.advance(hours=23, minutes=59)
    assert (await send(app)).json() == first.json()
    clock.advance(minutes=1)
    later = await send(app)
    assert later.status_code == 201
    assert later.json()["event_id"] != first.json()["event_id"]
    assert (await send(app)).content == later.content


async def test_after_24_hours_another_body_may_use_the_key(app: App, ada: Person, clock: StoppedClock) -> None:
    await send(app)
    clock.advance(hours=24)
    assert (await send(app, title="Other")).status_code == 201


async def test_keys_that_are_no_longer_kept_are_purged(
    app: App, ada: Person, clock: StoppedClock, world: World
) -> None:
    first = await send(app)
    clock.advance(hours=24)
    await world.runs("purge_idempotency_keys")
    assert (await send(app)).json() != first.json()


async def test_every_caller_has_their_own_keys(app: App, grace: Person, ada: Person) -> None:
    first = await send(app)
    other = await grace.client.post("/notifications", json=EVENT, headers={"Idempotency-Key": "k-1"})
    assert other.status_code == 201
    assert other.json()["event_id"] != first.json()["event_id"]


async def test_every_route_has_its_own_keys(ada: Person) -> None:
    entry = await ada.receives()
    headers = {"Idempotency-Key": "k-1"}
    for verb in ("read", "dismiss"):
        answer = await ada.client.post(f"/notifications/{entry['id']}/{verb}", headers=headers)
        assert "idempotent-replayed" not in answer.headers
    seen = await ada.sees(entry["id"])
    assert (seen["is_read"], seen["is_dismissed"]) == (True, True)


async def test_a_replay_says_what_was_true_then(ada: Person) -> None:
    entry = await ada.receives()
    headers = {"Idempotency-Key": "k-1"}
    path = f"/notifications/{entry['id']}"
    first = await ada.client.post(f"{path}/read", headers=headers)
    await ada.does("unread", entry["id"])
    again = await ada.client.post(f"{path}/read", headers=headers)
    assert again.content == first.content
    assert (await ada.sees(entry["id"]))["is_read"] is False


async def test_a_repeat_without_its_credential_is_refused(app: App, ada: Person, nobody: httpx.AsyncClient) -> None:
    await send(app)
    answer = await nobody.post("/notifications", json=EVENT, headers={"Idempotency-Key": "k-1"})
    assert refusal(answer) == (401, "not_authenticated")
