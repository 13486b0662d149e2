"""Row 60: GET changes nothing: a mail scanner that opens every link uses no token and decides nothing."""

from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.accounts.mailbox import newest
from tests.clock import StoppedClock
from tests.world import BASE_URL, World, empty
from tidings import Tidings
from tidings.kernel.db import Base
from tidings.settings import Settings
from tidings.web.description import openapi_document

NOTES = {"last_used_at", "idle_expires_at", "last_seen_at"}
"""When a credential was last used is noted after any answer; it decides nothing."""
RECORDS = {"tidings_audit_log", "tidings_audit_waiting"}
"""That somebody was refused is written down, also when they only wanted to read."""
PAGES = ("verify-email", "reset-password", "confirm-email", "undo-email", "invitation")


@pytest.fixture
async def house(engine: AsyncEngine, settings: Settings) -> Tidings:
    """A whole Tidings, not the routes of accounts alone."""
    made = Tidings(engine, settings=settings, clock=StoppedClock())
    await empty(made.database)
    return made


async def everything(house: Tidings) -> dict[str, list[str]]:
    """Every row of every table."""
    dump = {}
    async with house.database.read() as session:
        for table in [table for table in Base.metadata.sorted_tables if table.name not in RECORDS]:
            columns = [column for column in table.columns if column.name not in NOTES]
            dump[table.name] = sorted(repr(tuple(row)) for row in await session.execute(select(*columns)))
    return dump


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_row_60_opening_the_link_of_a_letter_uses_nothing(house: Tidings, method: str) -> None:
    world = World(house, StoppedClock())
    await world.open()
    ada = await world.make_person("ada")
    stranger = world.client()
    await stranger.post("/auth/password-reset/request", json={"email": "ada@example.org"})
    token = (await newest(house, "password_reset")).token
    before = await everything(house)
    for client in (stranger, ada.client):
        for page in PAGES:
            await client.request(method, f"{BASE_URL}/{page}?token={token}")
        for path in ("verify-email", "password-reset/confirm", "invitation"):
            opened = await client.request(method, f"/auth/{path}", params={"token": token})
            assert opened.status_code in {404, 405}
    assert await everything(house) == before
    reset = {"token": token, "new_password": "another horse, another staple"}
    assert (await stranger.post("/auth/password-reset/confirm", json=reset)).status_code == 200
    await world.close()


async def test_row_60_no_route_changes_anything_when_it_is_read(house: Tidings) -> None:
    world = World(house, StoppedClock())
    await world.open()
    grace = await world.make_person("grace", admin=True)
    await grace.receives("message", title="News")
    before = await everything(house)
    read = 0
    for path, operations in openapi_document(house.app)["paths"].items():
        if "get" in operations and not path.endswith(("/stream", "/ws")):
            named = path.replace("{user_id}", str(grace.id)).replace("{", "").replace("}", "")
            for client in (grace.client, world.app.client, world.client()):
                answer = await client.get(f"{BASE_URL}{named}", params={"token": "x", "id": str(uuid4())})
                assert answer.status_code < 500, named
            read += 1
    assert read > 20
    assert await everything(house) == before
    await world.close()
