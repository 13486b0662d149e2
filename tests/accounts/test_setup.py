"""The first administrator comes in with the one-time setup token, and nobody else that way."""

import asyncio

from tests.accounts.world import PASSWORD, World, code
from tidings.accounts.models import User
from tidings.accounts.setup import ensure_setup_token
from tidings.accounts.types import AccessType


def body(token: str | None, **changes: str) -> dict[str, str | None]:
    person = {"username": "Grace", "email": "Grace@Example.org", "name": "Grace", "password": PASSWORD}
    return {"token": token, **person, **changes}


async def setup_token(world: World) -> str | None:
    async with world.database.write() as session:
        return await ensure_setup_token(session, world.clock.now())


async def test_the_token_makes_an_administrator_who_is_signed_in(world: World) -> None:
    async with world.client() as browser:
        made = await browser.post("/api/v1/setup", json=body(await setup_token(world)))
        me = await browser.get("/api/v1/users/me")
    assert made.status_code == 201
    assert me.json() == made.json()
    assert (me.json()["access_type"], me.json()["username"], me.json()["email"]) == (
        AccessType.ADMIN,
        "grace",
        "grace@example.org",
    )


async def test_a_wrong_token_makes_nobody(world: World) -> None:
    await setup_token(world)
    async with world.client() as browser:
        refused = await browser.post("/api/v1/setup", json=body("tdi_wrong"))
    assert code(refused) == (400, "token_invalid")


async def test_without_a_token_ever_made_there_is_no_setup(world: World) -> None:
    async with world.client() as browser:
        assert code(await browser.post("/api/v1/setup", json=body("x"))) == (400, "token_invalid")


async def test_a_token_made_later_replaces_the_earlier(world: World) -> None:
    first = await setup_token(world)
    await setup_token(world)
    async with world.client() as browser:
        assert code(await browser.post("/api/v1/setup", json=body(first))) == (400, "token_invalid")


async def test_once_there_is_an_administrator_setup_is_over(world: World, grace: User) -> None:
    async with world.client() as browser:
        assert code(await browser.post("/api/v1/setup", json=body("x"))) == (409, "already_set_up")
    assert await setup_token(world) is None


async def test_sixteen_at_once_make_one_administrator(world: World) -> None:
    token = await setup_token(world)
    async with world.client() as browser:
        answers = await asyncio.gather(
            *(
                browser.post("/api/v1/setup", json=body(token, username=f"u{n}", email=f"u{n}@example.org"))
                for n in range(16)
            )
        )
    assert sorted(answer.status_code for answer in answers) == [201, *[409] * 15]


async def test_a_short_password_is_refused(world: World) -> None:
    async with world.client() as browser:
        refused = await browser.post("/api/v1/setup", json=body(await setup_token(world), password="short"))
    assert code(refused) == (422, "invalid_request")
    assert refused.json()["errors"][0]["pointer"] == "/password"
