"""Recovery codes: what stands in for a lost factor."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from tests.accounts.authenticator import Authenticator
from tests.accounts.factors import CODES, MFA, PASSKEYS, TOTP, add_passkey, recovery_codes_of, turn_on_totp
from tests.accounts.world import BASE_URL, World, code
from tidings.accounts.mfa.methods import methods_of
from tidings.accounts.mfa.models import RecoveryCode
from tidings.accounts.mfa.recovery_codes import normal_form, use_recovery_code
from tidings.accounts.mfa.types import MfaMethod
from tidings.accounts.models import User

SHAPE = re.compile(r"([0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}")  # 16 characters of 5 bits


async def test_ten_codes_of_eighty_bits_are_shown(world: World, ada: User) -> None:
    async with await world.browser_of(ada) as browser:
        await turn_on_totp(world, browser)
        codes = await recovery_codes_of(browser)
    assert len(set(codes)) == 10
    assert all(SHAPE.fullmatch(each) for each in codes)


async def test_one_learns_what_one_has_and_how_many_codes_are_left(world: World, ada: User) -> None:
    async with await world.browser_of(ada) as browser:
        nothing = (await browser.get(MFA)).json()
        await turn_on_totp(world, browser)
        first, *_ = await recovery_codes_of(browser)
        assert await used(world, ada, first)
        something = (await browser.get(MFA)).json()
    assert nothing == {"mfa_enabled": False, "methods": [], "recovery_codes_left": 0}
    assert something == {"mfa_enabled": True, "methods": ["totp", "recovery_code"], "recovery_codes_left": 9}


async def test_a_code_is_taken_however_it_is_typed(world: World, ada: User) -> None:
    async with await world.browser_of(ada) as browser:
        await turn_on_totp(world, browser)
        first, second, third, *_ = await recovery_codes_of(browser)
    assert await used(world, ada, first.replace("-", ""))
    assert await used(world, ada, f" {second.lower().replace('-', ' ')}\n")
    assert await used(world, ada, third.replace("0", "O").replace("1", "l"))


@settings(deadline=None)  # the machine may be busy
@given(st.text())
def test_the_form_of_a_code_does_not_depend_on_how_it_is_written(text: str) -> None:
    normal = normal_form(text)
    assert normal_form(normal) == normal
    assert normal_form(f" {text}-") == normal


async def test_new_codes_void_the_earlier_ones(world: World, ada: User) -> None:
    async with await world.browser_of(ada) as browser:
        await turn_on_totp(world, browser)
        earlier = await recovery_codes_of(browser)
        later = await recovery_codes_of(browser)
    assert not await used(world, ada, earlier[0])
    assert await used(world, ada, later[0])


async def test_one_persons_code_is_nobody_elses(world: World, ada: User, grace: User) -> None:
    async with await world.browser_of(ada) as browser:
        await turn_on_totp(world, browser)
        codes = await recovery_codes_of(browser)
    assert not await used(world, grace, codes[0])


async def test_without_another_factor_there_are_no_codes(world: World, ada: User) -> None:
    async with await world.browser_of(ada) as browser:
        assert code(await browser.post(CODES)) == (409, "no_second_factor")


async def test_codes_go_with_the_last_factor_and_not_before(world: World, ada: User) -> None:
    async with await world.browser_of(ada) as browser:
        await turn_on_totp(world, browser)
        await recovery_codes_of(browser)
        passkey = (await add_passkey(browser, Authenticator(origin=BASE_URL))).json()["id"]
        await browser.delete(TOTP)
        assert await methods(world, ada) == (MfaMethod.PASSKEY, MfaMethod.RECOVERY_CODE)
        await browser.delete(f"{PASSKEYS}/{passkey}")
        assert await methods(world, ada) == ()
    async with world.database.read() as session:
        assert (await session.scalars(select(RecoveryCode))).all() == []


async def test_when_all_are_used_the_method_is_gone(world: World, ada: User) -> None:
    async with await world.browser_of(ada) as browser:
        await turn_on_totp(world, browser)
        codes = await recovery_codes_of(browser)
    assert MfaMethod.RECOVERY_CODE in await methods(world, ada)
    assert all([await used(world, ada, each) for each in codes])
    assert await methods(world, ada) == (MfaMethod.TOTP,)


async def test_an_old_sign_in_makes_no_codes(world: World, ada: User) -> None:
    async with await world.browser_of(ada) as browser:
        await turn_on_totp(world, browser)
        world.clock.advance(minutes=5, seconds=1)
        assert code(await browser.post(CODES)) == (403, "confirmation_required")


async def used(world: World, user: User, given_code: str) -> bool:
    async with world.database.write() as session:
        return await use_recovery_code(session, user.id, given_code)


async def methods(world: World, user: User) -> tuple[MfaMethod, ...]:
    async with world.database.read() as session:
        return await methods_of(session, user.id)
