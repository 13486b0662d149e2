"""Sixteen at once for what only one can have. On PostgreSQL each is in a transaction of its own.

Where a promise of docs/security.md is about a race, its test carries the promise's number and stands in tests/security.
"""

import asyncio
from collections import Counter

import httpx
import pytest
from sqlalchemy import func, select

from tests.accounts.factors import recovery_codes_of, turn_on_totp
from tests.accounts.mailbox import letters, newest
from tests.accounts.racing import open_connections
from tests.accounts.settings import open_sign_up
from tests.accounts.signing_in import API, ME, half_signed_in, pass_mfa
from tests.accounts.test_sign_up import sign_up
from tests.accounts.world import PASSWORD, World, code
from tidings.accounts.mail_tokens.tokens import issue_mail_token
from tidings.accounts.mail_tokens.types import MailPurpose
from tidings.accounts.models import User, UserSession
from tidings.accounts.types import AccessType, AccountState, Scope
from tidings.accounts.users import locked_user

USERS = f"{API}/users"
TAKEN, INVALID, BUSY = (422, "username_taken"), (400, "token_invalid"), (503, "busy")


@pytest.fixture(autouse=True)
async def ready(world: World) -> None:
    await open_connections(world.database)


def refusals(answers: list[httpx.Response]) -> Counter[tuple[int, str]]:
    return Counter(code(answer) for answer in answers if not answer.is_success)


async def people(world: World, count: int = 16) -> list[User]:
    return [await world.add(f"p{number}") for number in range(count)]


async def test_of_sixteen_who_verify_with_one_link_one_does(world: World) -> None:
    await open_sign_up(world)
    await sign_up(world)
    token = (await newest(world, "verify_email")).token
    async with world.client() as stranger:
        asked = (stranger.post(f"{API}/auth/verify-email", json={"token": token}) for _ in range(16))
        assert refusals(await asyncio.gather(*asked)) == {INVALID: 15}


async def test_of_sixteen_who_confirm_one_new_address_one_has_it(world: World) -> None:
    tokens = []
    for person in await people(world):
        async with world.database.write() as session:
            await locked_user(session, person.id)
            to = "wanted@example.org"
            confirming = MailPurpose.CONFIRM_EMAIL
            tokens.append(await issue_mail_token(session, person.id, confirming, to, now=world.clock.now()))
    async with world.client() as stranger:
        asked = (stranger.post(f"{API}/auth/verify-email", json={"token": token}) for token in tokens)
        assert refusals(await asyncio.gather(*asked)) == {INVALID: 15}
    async with world.database.read() as session:
        emails = list(await session.scalars(select(User.email)))
    assert (emails.count("wanted@example.org"), len(set(emails))) == (1, 16)


async def test_of_sixteen_who_rename_themselves_alike_one_may(world: World) -> None:
    browsers = [await world.browser_of(person) for person in await people(world)]
    answers = await asyncio.gather(*(browser.patch(ME, json={"username": "Wanted"}) for browser in browsers))
    assert refusals(answers) == {TAKEN: 15}


async def test_of_sixteen_who_want_one_name_by_every_way_there_is_one_gets_it(world: World, grace: User) -> None:
    """Signing up, accepting an invitation, renaming oneself, and being made by a server."""
    await open_sign_up(world)
    for number in range(4):
        async with await world.browser_of(grace) as admin:
            await admin.post(f"{USERS}/invite", json={"email": f"i{number}@example.org", "access_type": "regular"})
    invitations = [letter.token for letter in await letters(world, "invitation")]
    browsers = [await world.browser_of(person) for person in await people(world, 4)]
    chosen = {"username": "wanted", "name": "W", "password": PASSWORD}
    async with world.client() as stranger, world.client(bearer=await world.key(Scope.USERS_WRITE)) as server:
        made = {"name": "W", "username": "wanted"}
        answers = await asyncio.gather(
            *(sign_up(world, username="wanted", email=f"s{number}@example.org") for number in range(4)),
            *(stranger.post(f"{API}/auth/invitation", json={"token": token, **chosen}) for token in invitations),
            *(browser.patch(ME, json={"username": "wanted"}) for browser in browsers),
            *(server.post(USERS, json={**made, "email": f"m{number}@example.org"}) for number in range(4)),
        )
        assert set(refusals(answers)) <= {TAKEN, BUSY}  # busy: more at once than are hashed at once
        assert refusals(answers).total() == 15
        late = [
            await stranger.post(f"{API}/auth/invitation", json={"token": invitations[0], **chosen | {"username": "w"}})
        ]
    assert set(refusals(late)) <= {INVALID}  # whoever did not get the name can still accept with another
    async with world.database.read() as session:
        assert await session.scalar(select(func.count()).where(User.username == "wanted")) == 1


async def test_of_sixteen_invitations_of_one_address_at_once_one_makes_the_person(world: World, grace: User) -> None:
    async with await world.browser_of(grace) as admin:
        body = {"email": "linus@example.org", "access_type": "regular"}
        answers = await asyncio.gather(*(admin.post(f"{USERS}/invite", json=body) for _ in range(16)))
    assert set(refusals(answers)) <= {(422, "email_taken")}
    assert len({answer.json()["id"] for answer in answers if answer.is_success}) == 1
    async with world.database.read() as session:
        assert await session.scalar(select(func.count()).where(User.email == "linus@example.org")) == 1


async def test_one_half_made_sign_in_becomes_one_session_whatever_codes_are_shown_at_once(
    world: World, ada: User
) -> None:
    async with await world.browser_of(ada) as browser:
        await turn_on_totp(world, browser)
        codes = await recovery_codes_of(browser)
        await browser.post(f"{API}/auth/logout")
    async with world.client() as stranger:
        half = await half_signed_in(stranger)
        answers = await asyncio.gather(*(pass_mfa(stranger, half, recovery_code=each) for each in codes))
        assert refusals(answers) == {INVALID: 9}
        unused = codes[(next(n for n, answer in enumerate(answers) if answer.is_success) + 1) % 10]
        again = await pass_mfa(stranger, await half_signed_in(stranger), recovery_code=unused)
    assert again.status_code == 200  # those that came too late used none up
    async with world.database.read() as session:
        assert await session.scalar(select(func.count()).select_from(UserSession)) == 1


async def test_sixteen_administrators_who_remove_each_other_in_a_ring_leave_one(world: World) -> None:
    """Each by a way of their own, each signed in as an administrator until somebody else was quicker."""
    admins = [await world.add(f"admin{number}", admin=True) for number in range(16)]
    browsers = [await world.browser_of(admin) for admin in admins]

    async def removes(browser: httpx.AsyncClient, other: User, way: int) -> httpx.Response:
        if way == 0:
            return await browser.delete(f"{USERS}/{other.id}")
        if way == 1:
            return await browser.post(f"{USERS}/{other.id}/suspend")
        return await browser.patch(f"{USERS}/{other.id}", json={"access_type": "regular"})

    answers = await asyncio.gather(
        *(removes(browsers[number], admins[(number + 1) % 16], number % 3) for number in range(16))
    )
    assert {answer.status_code for answer in answers} <= {200, 204, 401, 403, 404, 409}, [a.text for a in answers]
    async with world.database.read() as session:
        is_admin = User.access_type == AccessType.ADMIN, User.state == AccountState.ACTIVE
        left = await session.scalar(select(func.count()).select_from(User).where(*is_admin)) or 0
    assert left >= 1
    assert left == 16 - [answer.is_success for answer in answers].count(True)
