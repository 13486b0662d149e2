"""A user name that is held is held for everybody, whichever way they ask for it."""

import asyncio
from collections import Counter
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from tests.accounts.mailbox import newest
from tests.accounts.oidc import Sso
from tests.accounts.racing import open_connections
from tests.accounts.settings import open_sign_up
from tests.accounts.test_sign_up import sign_up
from tests.accounts.world import PASSWORD, World, code
from tidings.accounts.audit.types import SERVER
from tidings.accounts.errors import UsernameTaken
from tidings.accounts.models import User
from tidings.accounts.setup import create_first_admin, ensure_setup_token
from tidings.accounts.types import AccessType, AccountState, Scope
from tidings.accounts.usernames.holding import hold_username
from tidings.accounts.usernames.models import HeldUsername
from tidings.accounts.users import create_user

API = "/api/v1"
TAKEN = (422, "username_taken")


@pytest.fixture
async def held(world: World, database: object) -> str:
    """A name that somebody tried to sign up with, and the address of somebody who is here."""
    async with world.database.write() as session:
        until = world.clock.now().replace(year=world.clock.now().year + 1)
        await hold_username(session, "held", until, now=world.clock.now())
    return "held"


async def test_somebody_renames_themselves(world: World, ada: User, held: str) -> None:
    async with await world.browser_of(ada) as browser:
        refused = await browser.patch(f"{API}/users/me", json={"username": held.upper()})
        assert code(refused) == TAKEN
        assert refused.json()["errors"][0]["pointer"] == "/username"
        assert (await browser.get(f"{API}/users/me")).json()["username"] == "ada"


async def test_an_administrator_renames_or_makes_somebody(world: World, ada: User, grace: User, held: str) -> None:
    async with await world.browser_of(grace) as browser:
        assert code(await browser.patch(f"{API}/users/{ada.id}", json={"username": held})) == TAKEN
    made = {"username": held, "email": "new@example.org", "name": "New"}
    async with world.client(bearer=await world.key(Scope.USERS_WRITE)) as server:
        assert code(await server.post(f"{API}/users", json=made)) == TAKEN
        assert (await server.post(f"{API}/users", json=made | {"username": "free"})).status_code == 201


async def test_somebody_accepts_an_invitation(world: World, grace: User, held: str) -> None:
    async with await world.browser_of(grace) as browser:
        await browser.post(f"{API}/users/invite", json={"email": "linus@example.org"})
    accepting = {"token": (await newest(world, "invitation")).token, "name": "Linus", "password": PASSWORD}
    async with world.client() as stranger:
        assert code(await stranger.post(f"{API}/auth/invitation", json=accepting | {"username": held})) == TAKEN
        accepted = await stranger.post(f"{API}/auth/invitation", json=accepting | {"username": "linus"})
        assert accepted.status_code == 200


async def test_the_first_administrator_is_made(world: World, held: str) -> None:
    async with world.database.write() as session:
        token = await ensure_setup_token(session, world.clock.now())
        assert token is not None
        with pytest.raises(UsernameTaken):
            await create_first_admin(
                session,
                token,
                username=held,
                email="root@example.org",
                name="Root",
                password_hash="x",
                by=SERVER,
                now=world.clock.now(),
            )


async def test_the_command_line_makes_somebody(world: World, held: str) -> None:
    """`tidings user create` calls this and says what it raises."""
    async with world.database.write() as session:
        with pytest.raises(UsernameTaken):
            await create_user(
                session,
                username=held,
                email="new@example.org",
                name="New",
                password_hash="x",
                access_type=AccessType.REGULAR,
                state=AccountState.ACTIVE,
                by=SERVER,
                now=world.clock.now(),
            )


async def test_a_provider_brings_somebody_new_who_gets_the_next_name(sso: Sso, held: str) -> None:
    known = {"sub": "s", "email": "held@club.example", "email_verified": True, "preferred_username": held}
    await sso.opens(claims=known)
    browser = sso.browser()
    await browser.signs_in()
    assert await browser.username() == "held2"


async def test_a_name_one_has_can_be_kept_and_one_that_was_given_up_is_free(world: World, ada: User) -> None:
    async with await world.browser_of(ada) as browser:
        for name in ("ada", "countess", "countess", "ada"):
            assert (await browser.patch(f"{API}/users/me", json={"username": name})).status_code == 200
    async with world.database.read() as session:
        assert (await session.scalars(select(HeldUsername))).all() == []


async def test_a_name_whose_time_is_over_is_free(world: World, ada: User, held: str) -> None:
    world.clock.advance(days=400)
    async with await world.browser_of(ada) as browser:
        assert (await browser.patch(f"{API}/users/me", json={"username": held})).status_code == 200


@pytest.mark.parametrize("email", ["grace@example.org", "nobody@example.org"])
async def test_of_many_who_want_one_name_in_every_way_at_once_one_has_it(world: World, grace: User, email: str) -> None:
    """Whether the address was known must not be seen in who wins either."""
    await open_sign_up(world)
    people = [await world.add(f"p{number}") for number in range(8)]
    await open_connections(world.database)

    async def renames(person: User) -> httpx.Response:
        async with await world.browser_of(person) as browser:
            return await browser.patch(f"{API}/users/me", json={"username": "wanted"})

    async def signs_up(**asked: Any) -> httpx.Response:
        return await sign_up(world, username="wanted", email=email, **asked)

    answers = await asyncio.gather(*map(renames, people), *(signs_up() for _ in range(4)))
    refused = Counter(code(answer) for answer in answers if not answer.is_success)
    assert refused == {TAKEN: 11}
