"""Who was given a password, or lacks a factor that all need, gets to the way out of it and nowhere else."""

import httpx
import pytest
from sqlalchemy import update

from tests.accounts.factors import turn_on_totp
from tests.accounts.signing_in import API, ME, confirm, log_in
from tests.accounts.world import PASSWORD, World, code
from tidings.accounts.models import User
from tidings.accounts.server_settings.models import ServerSettings
from tidings.accounts.streams import authenticate_stream

NEW = {"password": "another long and winding one", "current_password": PASSWORD}
CLOSED = [("GET", f"{ME}/sessions"), ("GET", f"{API}/users"), ("POST", f"{API}/notifications/ws/ticket")]


async def given_a_password(world: World, user: User) -> None:
    async with world.database.write() as session:
        await session.execute(update(User).where(User.id == user.id).values(password_must_change=True))


async def require_mfa(world: World) -> None:
    async with world.database.write() as session:
        session.add(ServerSettings(mfa_required=True, updated_at=world.clock.now()))


async def refusals(client: httpx.AsyncClient) -> set[tuple[int, str]]:
    return {code(await client.request(method, path)) for method, path in CLOSED}


async def test_whoever_was_given_a_password_must_choose_one(world: World, ada: User) -> None:
    await given_a_password(world, ada)
    async with world.client() as browser:
        assert (await log_in(browser)).json()["user"]["password_must_change"] is True
        assert await refusals(browser) == {(403, "password_change_required")}
        assert (await browser.get(ME)).status_code == 200
        assert code(await browser.patch(ME, json={"name": "Ada"})) == (403, "password_change_required")
        assert (await confirm(browser)).status_code == 200
        assert (await browser.put(f"{ME}/password", json=NEW)).json()["password_must_change"] is False
        assert (await browser.get(f"{ME}/sessions")).status_code == 200


@pytest.mark.parametrize("new", [PASSWORD, "password", "another long and winding one"])
async def test_nothing_is_said_of_the_new_password_to_whoever_does_not_know_the_given_one(
    world: World, ada: User, new: str
) -> None:
    """It may not be the given one again: an answer to that is an answer to a guess, and guesses are counted."""
    await given_a_password(world, ada)
    async with await world.browser_of(ada) as thief:
        for _ in range(5):
            answer = await thief.put(f"{ME}/password", json={"password": new, "current_password": "a guess or two"})
            assert code(answer) == (401, "invalid_credentials")
        refused = await thief.put(f"{ME}/password", json={"password": new, "current_password": PASSWORD})
        assert code(refused) == (429, "too_many_attempts")


async def test_whoever_was_given_a_password_can_leave(world: World, ada: User) -> None:
    await given_a_password(world, ada)
    async with world.client() as browser:
        await log_in(browser)
        assert (await browser.post(f"{API}/auth/logout")).status_code == 200
        assert code(await browser.get(ME)) == (401, "not_authenticated")


async def test_tokens_open_no_more_than_cookies(world: World, ada: User) -> None:
    await given_a_password(world, ada)
    tokens = await world.tokens_of(ada)
    async with world.client(bearer=tokens.access_token) as app:
        assert await refusals(app) == {(403, "password_change_required")}


async def test_no_stream_opens_before(world: World, ada: User) -> None:
    tokens = await world.tokens_of(ada)
    assert await stream_of(world, tokens.access_token)
    await given_a_password(world, ada)
    assert not await stream_of(world, tokens.access_token)


async def stream_of(world: World, token: str) -> bool:
    async with world.database.write() as session:
        caller = await authenticate_stream(session, keyring=world.keyring, now=world.clock.now(), token=token)
    return caller is not None


async def test_where_all_need_a_second_factor_one_sets_it_up_first(world: World, ada: User) -> None:
    await require_mfa(world)
    async with world.client() as browser:
        await log_in(browser)
        assert await refusals(browser) == {(403, "mfa_setup_required")}
        assert (await browser.get(ME)).json()["mfa_setup_required"] is True
        assert (await browser.get(f"{ME}/mfa")).status_code == 200
        await turn_on_totp(world, browser)
        assert (await browser.get(ME)).json()["mfa_setup_required"] is False
        assert (await browser.get(f"{ME}/sessions")).status_code == 200


async def test_the_password_comes_first(world: World, ada: User) -> None:
    await require_mfa(world)
    await given_a_password(world, ada)
    async with world.client() as browser:
        await log_in(browser)
        assert code(await browser.post(f"{ME}/mfa/totp")) == (403, "password_change_required")
        assert (await browser.put(f"{ME}/password", json=NEW)).status_code == 200
        assert await refusals(browser) == {(403, "mfa_setup_required")}


@pytest.mark.parametrize("owes", ["password", "nothing"])
async def test_a_password_that_an_administrator_chose_is_one_to_change(world: World, grace: User, owes: str) -> None:
    person = {"username": "eve", "email": "eve@example.org", "name": "Eve"}
    if owes == "password":
        person["password"] = PASSWORD
    async with await world.browser_of(grace) as admin, world.client() as browser:
        made = await admin.post(f"{API}/users", json=person)
        assert made.json()["password_must_change"] is (owes == "password")
        if owes == "password":
            await log_in(browser, "eve")
            assert await refusals(browser) == {(403, "password_change_required")}
