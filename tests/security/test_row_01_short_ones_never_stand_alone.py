"""A password that is only long enough beside a second factor never stands alone, whichever way the factor goes."""

import asyncio

import httpx
import pytest

from tests.accounts.authenticator import Authenticator
from tests.accounts.factors import ME, PASSKEYS, TOTP, add_passkey, turn_on_totp
from tests.accounts.mailbox import newest
from tests.accounts.settings import decide
from tests.accounts.signing_in import log_in
from tests.accounts.world import BASE_URL, HASH, PASSWORD, World, code
from tidings.accounts.audit.types import SERVER
from tidings.accounts.changing_password import change_password
from tidings.accounts.errors import PasswordTooShortAlone
from tidings.accounts.mfa.changing import remove_all_factors
from tidings.accounts.models import User
from tidings.accounts.passwords import hash_password, is_correct, is_long_enough_alone, is_outdated
from tidings.accounts.sign_in import Verified
from tidings.kernel.ids import new_id

SHORT, STRICT, LONG = "quokka7!", "Quokka7!", "fourteen and more quokkas"
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
        # Refused at the end, or already when the new one is looked at, if the factor is gone by then.
        assert {code(each) for each in (chosen, removed) if each.is_error} <= {TOO_SHORT, (422, "password_refused")}


async def test_row_01_a_reset_that_was_checked_beside_a_factor_fails_without_it(world: World, ada: User) -> None:
    async with await world.browser_of(ada) as browser, world.client() as anybody:
        await turn_on_totp(world, browser)
        await anybody.post("/api/v1/auth/password-reset/request", json={"email": "ada@example.org"})
        token = (await newest(world, "password_reset")).token
        chooses = anybody.post("/api/v1/auth/password-reset/confirm", json={"token": token, "new_password": SHORT})
        chosen, removed = await asyncio.gather(chooses, browser.delete(TOTP))
        assert sorted([chosen.is_success, removed.is_success]) == [False, True], (chosen.text, removed.text)


async def test_row_01_a_choice_that_was_checked_beside_a_factor_fails_without_it(world: World, ada: User) -> None:
    verified, short = Verified(ada.id, HASH, None), await hash_password(SHORT)
    async with world.database.write() as session:
        with pytest.raises(PasswordTooShortAlone):
            await change_password(
                session,
                verified,
                short,
                keep=new_id(),
                device_token=None,
                keyring=world.keyring,
                by=SERVER,
                now=world.clock.now(),
            )


@pytest.mark.parametrize("kind", ["length_only", "strict"])
@pytest.mark.parametrize("way", ["login", "token"])
async def test_row_01_who_chose_one_by_other_rules_chooses_again_at_the_next_sign_in(
    world: World, ada: User, kind: str, way: str
) -> None:
    await decide(world, password_type=kind, password_length_regular_users=8)
    async with await world.browser_of(ada) as browser:
        assert (await choose(browser, STRICT)).status_code == 200
    async with await signed_in(world, way) as hers:
        assert (await hers.get(ME)).json()["password_must_change"] is False
    await decide(world, password_type="nist")
    async with await signed_in(world, way) as hers:
        assert (await hers.get(ME)).json()["password_must_change"] is True
        assert code(await hers.get(f"{ME}/sessions")) == (403, "password_change_required")
        assert (await choose(hers, LONG, instead_of=STRICT)).json()["password_must_change"] is False
    async with world.client() as anybody:
        assert (await log_in(anybody, password=LONG)).json()["user"]["password_must_change"] is False


async def test_row_01_beside_a_factor_it_stays_short_when_the_rules_come_back(world: World, ada: User) -> None:
    await decide(world, password_type="length_only", password_length_regular_users=8)
    async with await world.browser_of(ada) as browser:
        await with_a_short_password(browser, world)
    await decide(world, password_type="nist")
    async with world.client() as anybody:
        assert "mfa_token" in (await log_in(anybody, password=SHORT)).json()
    found = await world.user(ada.id)
    assert found is not None
    assert found.password_must_change is False


async def signed_in(world: World, way: str) -> httpx.AsyncClient:
    """A browser, or an app, that has signed in with a short password."""
    async with world.client() as browser:
        answer = await browser.post(f"/api/v1/auth/{way}", json={"login": "ada", "password": STRICT})
    assert answer.status_code == 200, answer.text
    return world.client(bearer=answer.json().get("access_token"), cookie=answer.cookies.get("tidings"))


async def test_row_01_where_a_factor_makes_nothing_shorter_it_may_go(world: World, ada: User) -> None:
    await decide(world, password_type="length_only", password_length_regular_users=8)
    async with await world.browser_of(ada) as browser:
        await with_a_short_password(browser, world)
        assert (await browser.delete(TOTP)).status_code == 204
