"""Idempotency-Key and what surrounds it: the work before a transaction, purges, and secret keys that are replaced."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import httpx
import pytest
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.clock import StoppedClock
from tests.main.test_export import MANIFEST, packed
from tests.world import World
from tidings import Tidings
from tidings.kernel.crypto import Keyring, new_key_text, parse_keys
from tidings.kernel.db import database_on, open_database
from tidings.kernel.http.idempotency import purge_idempotency_keys

KEYED = {"Idempotency-Key": "k-1"}
FORM = {"Content-Type": "multipart/form-data; boundary=here"}
LINUS = {"username": "linus", "name": "Linus", "email": "linus@example.org", "password": "a staple, a horse"}
ADMIN = {"username": "linus", "name": "Linus", "email": "linus@example.org", "access_type": "admin"}
WORK: dict[str, dict[str, Any]] = {
    "/users": {"json": LINUS},
    "/users/me/import": {"files": {"file": ("export.zip", packed({"manifest.json": MANIFEST}))}, "headers": FORM},
    "/notifications": {"json": {"to": ["grace"], "type": "system", "title": "Hello"}},
}
"""What works at length before its transaction begins, or gives its work to another."""


@pytest.fixture
async def narrow(tidings: Tidings, engine: AsyncEngine, clock: StoppedClock) -> AsyncIterator[World]:
    """A world whose database has one connection: who holds it and waits for a second one waits in vain.

    Its requests are counted there too.
    """
    one = open_database(engine.url.render_as_string(hide_password=False), pool_size=1)
    settings = tidings.settings.model_copy(update={"rate_limit_store": "database"})
    world = World(Tidings(one.engine, settings=settings, clock=clock), clock)
    await world.open()
    yield world
    await world.close()
    await one.engine.dispose()


@pytest.mark.parametrize("path", WORK)
async def test_with_a_key_too_the_transaction_begins_after_the_work(narrow: World, path: str) -> None:
    grace = await narrow.make_person("grace", admin=True)
    work = WORK[path] | {"headers": KEYED | WORK[path].get("headers", {})}
    async with asyncio.timeout(8):  # less than anybody waits for a connection
        first, repeat = [await grace.client.post(path, **work) for _ in range(2)]
    assert first.status_code in {200, 201}, first.text
    assert (repeat.status_code, repeat.content) == (first.status_code, first.content)
    assert repeat.headers["idempotent-replayed"] == "true"


async def test_a_repeat_is_answered_where_the_request_would_be_refused_by_now(world: World) -> None:
    grace = await world.make_person("grace", admin=True)
    first = await grace.client.post("/users", json=ADMIN, headers=KEYED)
    world.clock.advance(minutes=6)
    repeat = await grace.client.post("/users", json=ADMIN, headers=KEYED)
    assert (first.status_code, repeat.status_code, repeat.content) == (201, 201, first.content)
    other = await grace.client.post("/users", json=ADMIN, headers={"Idempotency-Key": "k-2"})
    assert (other.status_code, other.json()["code"]) == (403, "confirmation_required")


@pytest.mark.parametrize("path", ["/users", "/users/invite"])
async def test_a_repeat_is_one_under_a_new_secret_key_as_long_as_the_old_one_is_there(world: World, path: str) -> None:
    grace = await world.make_person("grace", admin=True)
    old, new = world.tidings.keyring, parse_keys(new_key_text("new"))
    body = {"email": "linus@example.org", "name": "Linus", "username": "linus"}
    body = body if path == "/users" else {"email": body["email"]}
    first = await grace.client.post(path, json=body, headers=KEYED)
    world.tidings.app.state.keyring = Keyring("new", {**old.keys, **new.keys})
    repeat = await grace.client.post(path, json=body, headers=KEYED)
    assert (first.status_code, repeat.status_code, repeat.content) == (201, 201, first.content)
    assert repeat.headers["idempotent-replayed"] == "true"
    changed = await grace.client.post(path, json=body | {"email": "ada@example.org"}, headers=KEYED)
    assert (changed.status_code, changed.json()["code"]) == (422, "idempotency_key_reused")


async def test_a_purge_that_comes_between_makes_room_like_any_other(world: World, engine: AsyncEngine) -> None:
    grace = await world.make_person("grace", admin=True)
    assert (await invited(grace.client, "linus")).status_code == 201
    world.clock.advance(hours=25)
    with purged_once_met(engine, world.clock.now()):
        assert (await invited(grace.client, "ada")).status_code == 201
    assert (await invited(grace.client, "ada")).headers["idempotent-replayed"] == "true"


async def invited(client: httpx.AsyncClient, name: str) -> httpx.Response:
    return await client.post("/users/invite", json={"email": f"{name}@example.org"}, headers=KEYED)


@contextmanager
def purged_once_met(engine: AsyncEngine, now: datetime) -> Iterator[None]:
    """Once somebody has tried to have a key, another process purges those that are over."""
    purged = False

    async def purge() -> None:
        elsewhere = open_database(engine.url.render_as_string(hide_password=False), pool_size=1)
        async with elsewhere.write() as session:
            assert await purge_idempotency_keys(session, now=now) == 1
        await elsewhere.engine.dispose()

    def once(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        nonlocal purged
        if not purged and statement.startswith("INSERT INTO tidings_idempotency_keys"):
            purged = True
            other = threading.Thread(target=lambda: asyncio.run(purge()))
            other.start()
            other.join()

    if database_on(engine).is_sqlite:  # nobody else writes while somebody does
        yield
        return
    event.listen(engine.sync_engine, "after_cursor_execute", once)
    yield
    event.remove(engine.sync_engine, "after_cursor_execute", once)
    assert purged
