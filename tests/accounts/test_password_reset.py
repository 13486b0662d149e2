"""A new password by mail."""

import httpx
import pytest

from tests.accounts.mailbox import letters, newest
from tests.accounts.world import PASSWORD, World, code
from tidings.accounts.events import CredentialChanged
from tidings.accounts.models import User
from tidings.accounts.types import AccountState

AUTH = "/api/v1/auth"
USERS = "/api/v1/users"
NEW = "another horse, another staple"
ACCEPTED = (202, {"status": "accepted"})


async def asks(world: World, email: str = "ada@example.org") -> httpx.Response:
    async with world.client() as stranger:
        return await stranger.post(f"{AUTH}/password-reset/request", json={"email": email})


async def confirms(world: World, token: str, password: str = NEW) -> httpx.Response:
    async with world.client() as stranger:
        return await stranger.post(f"{AUTH}/password-reset/confirm", json={"token": token, "new_password": password})


async def signs_in(world: World, password: str) -> httpx.Response:
    async with world.client() as theirs:
        return await theirs.post(f"{AUTH}/login", json={"login": "ada", "password": password})


async def test_whoever_reads_the_mail_chooses_a_new_password(world: World, ada: User) -> None:
    answer = await asks(world, "ADA@example.org")
    assert (answer.status_code, answer.json()) == ACCEPTED
    letter = await newest(world, "password_reset")
    assert (letter.to, letter.user_id) == ("ada@example.org", ada.id)
    assert (await confirms(world, letter.token)).json() == {"success": True}
    assert (await signs_in(world, NEW)).status_code == 200
    assert code(await signs_in(world, PASSWORD)) == (401, "invalid_credentials")
    assert (await newest(world, "password_changed")).to == "ada@example.org"
    assert CredentialChanged(ada.id, "password", world.clock.now()) in world.heard


async def test_a_reset_ends_every_session_and_token(world: World, ada: User) -> None:
    tokens = await world.tokens_of(ada)
    async with await world.browser_of(ada) as browser, world.client(bearer=tokens.access_token) as app:
        await asks(world)
        await confirms(world, (await newest(world, "password_reset")).token)
        for client in (browser, app):
            assert code(await client.get(f"{USERS}/me")) == (401, "not_authenticated")
        refreshed = await app.post(f"{AUTH}/refresh", json={"refresh_token": tokens.refresh_token})
    assert code(refreshed) == (401, "invalid_refresh_token")
    assert [event.user_id for event in world.ended] == [ada.id]


async def test_asking_changes_nothing(world: World, ada: User) -> None:
    async with await world.browser_of(ada) as browser:
        await asks(world)
        assert (await browser.get(f"{USERS}/me")).status_code == 200
    assert (await signs_in(world, PASSWORD)).status_code == 200


async def test_a_password_the_rules_refuse_leaves_the_token_usable(world: World, ada: User) -> None:
    await asks(world)
    token = (await newest(world, "password_reset")).token
    refused = await confirms(world, token, "Ada ada@example.org ada")
    assert code(refused) == (422, "password_refused")
    assert refused.json()["errors"][0]["pointer"] == "/new_password"
    assert (await confirms(world, token)).status_code == 200


@pytest.mark.parametrize(
    "state", [AccountState.SUSPENDED, AccountState.REJECTED, AccountState.INVITED, AccountState.RECIPIENT]
)
async def test_an_account_that_cannot_sign_in_is_sent_no_link(world: World, state: AccountState) -> None:
    await world.add("eve", state=state, external_id="eve")
    answer = await asks(world, "eve@example.org")
    assert (answer.status_code, answer.json()) == ACCEPTED
    assert await letters(world) == []


async def test_a_link_is_dead_once_the_account_is_suspended(world: World, ada: User, grace: User) -> None:
    await asks(world)
    token = (await newest(world, "password_reset")).token
    async with await world.browser_of(grace) as browser:
        await browser.post(f"{USERS}/{ada.id}/suspend")
        await browser.post(f"{USERS}/{ada.id}/reactivate")
    assert code(await confirms(world, token)) == (400, "token_invalid")


async def test_whoever_never_had_a_password_gets_one_so(world: World, grace: User) -> None:
    async with await world.browser_of(grace) as browser:
        linus = {"name": "Linus", "username": "linus", "email": "linus@example.org"}
        made = (await browser.post(USERS, json=linus)).json()
        started = await browser.post(f"{USERS}/{made['id']}/password-reset")
    assert (started.status_code, started.json()["id"]) == (200, made["id"])
    await confirms(world, (await newest(world, "password_reset")).token)
    async with world.client() as theirs:
        assert (await theirs.post(f"{AUTH}/login", json={"login": "linus", "password": NEW})).status_code == 200


async def test_an_administrator_starts_a_reset_only_where_a_letter_can_go(
    world: World, grace: User, guest: User
) -> None:
    async with await world.browser_of(grace) as browser:
        assert code(await browser.post(f"{USERS}/{guest.id}/password-reset")) == (409, "invalid_transition")
    ada = await world.add("ada")
    async with world.database.write() as session:
        user = await session.get(User, ada.id)
        assert user is not None
        user.email = None
    async with await world.browser_of(grace) as browser:
        assert code(await browser.post(f"{USERS}/{ada.id}/password-reset")) == (409, "no_mailbox")
