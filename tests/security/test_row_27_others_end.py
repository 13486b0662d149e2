"""A new password ends every other session, and with it whatever the old one had opened."""

from tests.accounts.mailbox import newest
from tests.accounts.signing_in import API, ME, fail, letters, log_in
from tests.accounts.world import PASSWORD, World, code
from tidings.accounts.events import CredentialChanged
from tidings.accounts.models import User

NEW = {"password": "another long and winding one", "current_password": PASSWORD}


async def test_row_27_one_session_stays(world: World, ada: User) -> None:
    tokens = await world.tokens_of(ada)
    async with (
        await world.browser_of(ada) as here,
        await world.browser_of(ada) as elsewhere,
        world.client(bearer=tokens.access_token) as app,
    ):
        assert (await here.put(f"{ME}/password", json=NEW)).status_code == 200
        assert (await here.get(ME)).status_code == 200
        assert code(await elsewhere.get(ME)) == (401, "not_authenticated")
        assert code(await app.get(ME)) == (401, "not_authenticated")
    assert [event.reason for event in world.ended] == ["password_changed"]
    assert CredentialChanged(ada.id, "password", world.clock.now()) in world.heard


async def test_row_27_only_the_new_password_opens(world: World, ada: User) -> None:
    async with await world.browser_of(ada) as browser:
        await browser.put(f"{ME}/password", json=NEW)
    async with world.client() as browser:
        assert code(await log_in(browser)) == (401, "invalid_credentials")
        assert (await log_in(browser, password=NEW["password"])).status_code == 200


async def test_row_27_links_that_were_mailed_before_are_dead(world: World, ada: User) -> None:
    async with await world.browser_of(ada) as browser:
        await browser.post(f"{API}/auth/password-reset/request", json={"email": "ada@example.org"})
        assert ("password_reset", "ada@example.org") in await letters(world)
        token = (await newest(world, "password_reset")).token
        await browser.put(f"{ME}/password", json=NEW)
        body = {"token": token, "new_password": "yet another long and winding one"}
        assert code(await browser.post(f"{API}/auth/password-reset/confirm", json=body)) == (400, "token_invalid")


async def test_row_27_devices_of_before_are_known_no_longer(world: World, ada: User) -> None:
    async with world.client() as here, world.client() as elsewhere, world.client() as attacker:
        await log_in(here)
        await log_in(elsewhere)
        await here.put(f"{ME}/password", json=NEW)
        await fail(world, attacker, times=10)
        assert code(await log_in(elsewhere, password=NEW["password"])) == (429, "too_many_attempts")
        assert (await log_in(here, password=NEW["password"])).status_code == 200
