"""Row 27: whoever changes a second factor stays signed in there, and nowhere else."""

from collections.abc import Awaitable, Callable

import httpx
import pytest

from tests.accounts.authenticator import Authenticator
from tests.accounts.factors import CODES, ME, PASSKEYS, TOTP, add_passkey, turn_on_totp
from tests.accounts.world import BASE_URL, PASSWORD, World, code
from tidings.accounts.models import User

Change = Callable[[World, httpx.AsyncClient], Awaitable[object]]
AUTH = "/api/v1/auth"


async def an_app(world: World, browser: httpx.AsyncClient) -> None:
    await browser.delete(TOTP)
    await turn_on_totp(world, browser)


async def no_app(_world: World, browser: httpx.AsyncClient) -> None:
    assert (await browser.delete(TOTP)).status_code == 204


async def recovery_codes(_world: World, browser: httpx.AsyncClient) -> None:
    assert (await browser.post(CODES)).status_code == 200


async def another_passkey(_world: World, browser: httpx.AsyncClient) -> None:
    assert (await add_passkey(browser, Authenticator(origin=BASE_URL))).status_code == 201


async def no_passkey(_world: World, browser: httpx.AsyncClient) -> None:
    (passkey,) = (await browser.get(PASSKEYS)).json()["passkeys"]
    assert (await browser.delete(f"{PASSKEYS}/{passkey['id']}")).status_code == 204


@pytest.mark.parametrize("change", [an_app, no_app, recovery_codes, another_passkey, no_passkey])
async def test_row_27_every_change_of_a_factor_ends_the_other_sessions(world: World, ada: User, change: Change) -> None:
    async with await world.browser_of(ada) as browser, world.client() as half_way:
        await turn_on_totp(world, browser)
        await add_passkey(browser, Authenticator(origin=BASE_URL))
        half = (await half_way.post(f"{AUTH}/login", json={"login": "ada", "password": PASSWORD})).json()
        tokens, cookie = await world.tokens_of(ada), await world.cookie_of(ada)
        world.clock.advance(seconds=60)
        await change(world, browser)
        assert (await browser.get(ME)).status_code == 200
        body = {"mfa_token": half["mfa_token"], "code": "000000"}
        assert code(await half_way.post(f"{AUTH}/mfa", json=body)) == (400, "token_invalid")
        refresh = {"refresh_token": tokens.refresh_token}
        assert code(await half_way.post(f"{AUTH}/refresh", json=refresh)) == (401, "invalid_refresh_token")
    async with world.client(cookie=cookie) as other, world.client(bearer=tokens.access_token) as app:
        assert code(await other.get(ME)) == (401, "not_authenticated")
        assert code(await app.get(ME)) == (401, "not_authenticated")
