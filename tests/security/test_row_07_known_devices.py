"""Whoever attacks an account from elsewhere cannot lock its owner out of a device they have used before."""

from tests.accounts.factors import totp_of
from tests.accounts.signing_in import ME, WRONG, fail, half_signed_in, log_in, pass_mfa
from tests.accounts.world import World, code
from tests.clock import StoppedClock
from tidings.accounts.models import User


async def test_row_07_the_owner_signs_in_on_a_known_device_during_an_attack(world: World, ada: User) -> None:
    async with world.client() as laptop, world.client() as attacker, world.client() as phone:
        await log_in(laptop)
        await fail(world, attacker, times=10)
        assert code(await log_in(phone)) == (429, "too_many_attempts")
        assert (await log_in(laptop)).status_code == 200


async def test_row_07_after_months_too(world: World, ada: User, clock: StoppedClock) -> None:
    async with world.client() as laptop, world.client() as attacker:
        await log_in(laptop)
        clock.advance(days=300)
        await fail(world, attacker, times=10)
        assert (await log_in(laptop)).status_code == 200


async def test_row_07_a_known_device_has_its_own_limit(world: World, ada: User) -> None:
    async with world.client() as laptop, world.client() as elsewhere:
        await log_in(laptop)
        await fail(world, laptop, times=10)
        assert code(await log_in(laptop)) == (429, "too_many_attempts")
        assert (await log_in(elsewhere)).status_code == 200


async def test_row_07_a_device_is_known_to_whoever_used_it_and_to_nobody_else(world: World, ada: User) -> None:
    await world.add("eve")
    async with world.client() as eves, world.client() as attacker:
        await log_in(eves, "eve")
        await fail(world, attacker, times=10)
        assert code(await log_in(eves, "ada")) == (429, "too_many_attempts")


async def test_row_07_nobody_makes_a_known_device_up(world: World, ada: User) -> None:
    made_up = "tdd_made-up-by-somebody"
    async with world.client() as planted, world.client() as attacker:
        planted.cookies.set("tidings-device", made_up, domain="tidings.example")
        assert (await log_in(planted)).cookies["tidings-device"] != made_up
        attacker.cookies.set("tidings-device", made_up, domain="tidings.example")
        await fail(world, attacker, times=10)
        assert code(await log_in(attacker)) == (429, "too_many_attempts")


async def test_row_07_two_factors_on_a_known_device_take_back_what_failed_elsewhere(world: World, ada: User) -> None:
    app = await totp_of(world, ada)
    async with world.client() as laptop, world.client() as attacker:
        pending = await half_signed_in(laptop)
        await pass_mfa(laptop, pending, code=app.at(world.clock.now()))
        await fail(world, attacker, times=10)
        world.clock.advance(seconds=60)
        pending = await half_signed_in(laptop)
        assert (await pass_mfa(laptop, pending, code=app.at(world.clock.now()))).status_code == 200
        assert code(await log_in(attacker, password=WRONG)) == (401, "invalid_credentials")


async def test_row_07_the_cookie_of_a_device_is_closed_to_scripts_and_opens_nothing(world: World, ada: User) -> None:
    async with world.client() as browser:
        cookie = next(
            header.lower()
            for header in (await log_in(browser)).headers.get_list("set-cookie")
            if header.startswith("tidings-device=")
        )
        token = browser.cookies["tidings-device"]
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "secure" not in cookie
    async with world.client(cookie=token) as thief:
        assert code(await thief.get(ME)) == (401, "not_authenticated")
    async with world.client(bearer=token) as thief:
        assert code(await thief.get(ME)) == (401, "not_authenticated")
