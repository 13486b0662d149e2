"""A password that is only long enough beside a second factor never stands alone, whichever way the factor goes."""

import asyncio

import httpx
import pytest

from tests.accounts.authenticator import Authenticator
from tests.accounts.factors import ME, PASSKEYS, TOTP, add_passkey, turn_on_totp
from tests.accounts.mailbox import newest
from tests.accounts.settings import decide
from tests.accounts.signing_in import log_in
from tests.accounts.world import BASE_URL, PASSWORD, World, code
from tidings.accounts.audit.types import SERVER
from tidings.accounts.mfa.changing import remove_all_factors
from tidings.accounts.models import User
from tidings.accounts.passwords import hash_password, is_correct, is_long_enough_alone, is_outdated

SHORT, LONG = "quokka7!", "fourteen and more quokkas"
TOO_SHORT = (409, "password_too_short_alone")


async def choose(browser: httpx.AsyncClient, password: str, *, instead_of: str = PASSWORD) -> httpx.Response:
    return await browser.put(f"{ME}/password", json={"password": password, "current_password": instead_of})


async def with_a_short_password(browser: httpx.AsyncClient, world: World) -> None:
    """A second factor, and a password that leans on it."""
    await turn_on_totp(world, browser)
    assert (await choose(browser, SHORT)).status_code == 200


@pytest.mark.parametrize("length", [8, 14, 15, 64])
async def test_row_01_a_stored_password_says_whether_it_may_stand_alone(length: int) -> None:
    password = "🐨" * length
    stored = await hash_password(password)
    assert is_long_enough_alone(stored) is (length >= 15)
    assert await is_correct(password, stored)
    assert not await is_correct(password[1:], stored)
    assert not is_outdated(stored)


async def test_row_01_the_last_factor_stays_until_the_password_is_long_enough(world: World, ada: User) -> None:
    async with await world.browser_of(ada) as browser:
        await with_a_short_password(browser, world)
        assert code(await browser.delete(TOTP)) == TOO_SHORT
        assert (await browser.get(ME)).json()["mfa_enabled"] is True
        assert (await choose(browser, LONG, instead_of=SHORT)).status_code == 200
        assert (await browser.delete(TOTP)).status_code == 204
        assert (await browser.get(ME)).json()["mfa_enabled"] is False


async def test_row_01_so_does_a_passkey_and_only_the_last_factor(world: World, ada: User) -> None:
    async with await world.browser_of(ada) as browser:
        passkey = (await add_passkey(browser, Authenticator(origin=BASE_URL))).json()["id"]
        await with_a_short_password(browser, world)
        assert (await browser.delete(TOTP)).status_code == 204
        assert code(await browser.delete(f"{PASSKEYS}/{passkey}")) == TOO_SHORT


async def test_row_01_whose_factors_were_taken_chooses_a_longer_password_at_the_next_sign_in(
    world: World, ada: User
) -> None:
    async with await world.browser_of(ada) as browser:
        await with_a_short_password(browser, world)
    async with world.database.write() as session:
        await remove_all_factors(session, ada.id, keyring=world.keyring, by=SERVER, now=world.clock.now())
    async with world.client() as browser:
        assert (await log_in(browser, password=SHORT)).json()["user"]["password_must_change"] is True
        assert code(await browser.get(f"{ME}/sessions")) == (403, "password_change_required")
        assert code(await choose(browser, "another8", instead_of=SHORT)) == (422, "password_refused")
        assert (await choose(browser, LONG, instead_of=SHORT)).json()["password_must_change"] is False
        assert (await browser.get(f"{ME}/sessions")).status_code == 200


async def test_row_01_whose_password_is_long_enough_keeps_it(world: World, ada: User) -> None:
    async with await world.browser_of(ada) as browser:
        await turn_on_totp(world, browser)
    async with world.database.write() as session:
        freed = await remove_all_factors(session, ada.id, keyring=world.keyring, by=SERVER, now=world.clock.now())
    assert freed.password_must_change is False


async def test_row_01_a_short_password_and_the_end_of_the_factor_at_once_leave_one_of_them(
    world: World, ada: User
) -> None:
    async with await world.browser_of(ada) as browser:
        await turn_on_totp(world, browser)
        chosen, removed = await asyncio.gather(choose(browser, SHORT), browser.delete(TOTP))
        assert sorted([chosen.is_success, removed.is_success]) == [False, True], (chosen.text, removed.text)
        assert TOO_SHORT in {code(answer) for answer in (chosen, removed) if answer.is_error}


async def test_row_01_a_reset_that_was_checked_beside_a_factor_fails_without_it(world: World, ada: User) -> None:
    async with await world.browser_of(ada) as browser, world.client() as anybody:
        await turn_on_totp(world, browser)
        await anybody.post("/api/v1/auth/password-reset/request", json={"email": "ada@example.org"})
        token = (await newest(world, "password_reset")).token
        chooses = anybody.post("/api/v1/auth/password-reset/confirm", json={"token": token, "new_password": SHORT})
        chosen, removed = await asyncio.gather(chooses, browser.delete(TOTP))
        assert sorted([chosen.is_success, removed.is_success]) == [False, True], (chosen.text, removed.text)


async def test_row_01_where_a_factor_makes_nothing_shorter_it_may_go(world: World, ada: User) -> None:
    await decide(world, password_type="length_only", password_length_regular_users=8)
    async with await world.browser_of(ada) as browser:
        await with_a_short_password(browser, world)
        assert (await browser.delete(TOTP)).status_code == 204
