"""Row 11: nobody is there to begin with, and the one-time setup token makes the first administrator."""

import asyncio

import httpx
import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.accounts.settings import open_sign_up
from tests.accounts.world import PASSWORD, World, code
from tests.security.whole.routes import json_writes
from tests.world import empty
from tidings import Tidings
from tidings.accounts.models import SetupToken, User
from tidings.accounts.setup import ensure_setup_token
from tidings.accounts.types import AccessType
from tidings.kernel.db import Base
from tidings.settings import Settings

SETUP = "/api/v1/setup"
OWN_RECORDS = {"tidings_epoch", "tidings_stream_nodes", "tidings_recurring_runs"}
"""What a server notes about itself when it starts: which inboxes these are, that it runs, what it did when."""


def body(token: str | None, **changes: str) -> dict[str, str | None]:
    person = {"username": "Grace", "email": "Grace@Example.org", "name": "Grace", "password": PASSWORD}
    return {"token": token, **person, **changes}


async def setup_token(world: World) -> str | None:
    async with world.database.write() as session:
        return await ensure_setup_token(session, world.clock.now())


async def sets_up(world: World, token: str | None, **changes: str) -> httpx.Response:
    async with world.client() as browser:
        return await browser.post(SETUP, json=body(token, **changes))


async def people(world: World) -> list[tuple[str | None, AccessType]]:
    async with world.database.read() as session:
        return [(user.username, user.access_type) for user in await session.scalars(select(User))]


async def test_row_11_a_server_that_starts_on_an_empty_database_knows_nobody(
    engine: AsyncEngine, settings: Settings
) -> None:
    tidings = Tidings(engine, settings=settings)
    await empty(tidings.database)
    async with tidings.lifespan(), tidings.database.read() as session:
        filled = {
            table.name
            for table in Base.metadata.sorted_tables
            if (await session.execute(select(table).limit(1))).first() is not None
        }
    assert filled <= OWN_RECORDS


async def test_row_11_the_token_makes_an_administrator_who_is_signed_in(world: World) -> None:
    async with world.client() as browser:
        made = await browser.post(SETUP, json=body(await setup_token(world)))
        me = (await browser.get("/api/v1/users/me")).json()
    assert made.status_code == 201
    assert me == made.json()
    assert (me["access_type"], me["username"], me["email"]) == ("admin", "grace", "grace@example.org")


async def test_row_11_a_token_that_was_used_makes_nobody_else(world: World) -> None:
    token = await setup_token(world)
    assert (await sets_up(world, token)).status_code == 201
    async with world.database.write() as session:
        assert (await session.scalars(select(SetupToken))).all() == []
        await session.delete((await session.scalars(select(User))).one())
    assert code(await sets_up(world, token)) == (400, "token_invalid")
    assert await people(world) == []


@pytest.mark.parametrize("token", ["", "x", "tdi_wrong", "é\u2028"])
async def test_row_11_a_wrong_token_makes_nobody(world: World, token: str) -> None:
    assert code(await sets_up(world, token))[0] in {400, 422}  # there is none yet
    await setup_token(world)
    assert code(await sets_up(world, token))[0] in {400, 422}
    assert await people(world) == []


async def test_row_11_a_token_made_later_replaces_the_earlier(world: World) -> None:
    first = await setup_token(world)
    await setup_token(world)
    assert code(await sets_up(world, first)) == (400, "token_invalid")


async def test_row_11_once_there_is_an_administrator_setup_is_over(world: World, grace: User) -> None:
    assert code(await sets_up(world, "x")) == (409, "already_set_up")
    assert await setup_token(world) is None


async def test_row_11_of_sixteen_at_once_one_is_the_administrator(world: World) -> None:
    token = await setup_token(world)
    named = (sets_up(world, token, username=f"u{number}", email=f"u{number}@example.org") for number in range(16))
    answers = await asyncio.gather(*named)
    made = [answer.json()["username"] for answer in answers if answer.status_code == 201]
    assert sorted(answer.status_code for answer in answers) == [201, *[409] * 15]
    assert await people(world) == [(*made, AccessType.ADMIN)]


async def test_row_11_a_short_password_is_refused_and_leaves_the_token(world: World) -> None:
    token = await setup_token(world)
    refused = await sets_up(world, token, password="short")
    assert code(refused) == (422, "invalid_request")
    assert refused.json()["errors"][0]["pointer"] == "/password"
    assert (await sets_up(world, token)).status_code == 201


async def test_row_11_no_other_address_makes_an_administrator(world: World) -> None:
    """Every route that anybody may call is given all that it asks for, where a stranger may sign up at once."""
    await open_sign_up(world, verification=False)
    token = await setup_token(world)
    said = body(token, login="grace", new_password=PASSWORD, refresh_token="x", access_type="admin")
    asked = 0
    for route, known in json_writes(world.app):
        if route.policy.startswith("public") and route.path != "/setup":
            for sent in (said, {name: value for name, value in said.items() if name in known}):
                async with world.client() as stranger:
                    await stranger.request(route.method, f"/api/v1{route.at()}", json=sent)
            asked += 1
    assert asked > 5
    assert await people(world) == [("grace", AccessType.REGULAR)]  # signing up is what it says
