"""Row 15: a TOTP step is accepted once, and for no longer than its own 30 seconds and their neighbours'."""

import asyncio

import pyotp
import pytest

from tests.accounts.factors import totp_of, turn_on_totp
from tests.accounts.racing import at_once
from tests.accounts.world import PASSWORD, World, code
from tidings.accounts.mfa.totp import check_totp
from tidings.accounts.models import User

AUTH = "/api/v1/auth"


async def accepted(world: World, user: User, given: str) -> bool:
    async with world.database.write() as session:
        return await check_totp(session, user.id, given, keyring=world.keyring, now=world.clock.now())


async def test_row_15_a_totp_step_is_accepted_once(world: World, ada: User) -> None:
    app = await totp_of(world, ada)
    given = app.at(world.clock.now())
    assert [await accepted(world, ada, given) for _ in range(2)] == [True, False]


async def test_row_15_of_sixteen_at_once_one_is_accepted(world: World, ada: User) -> None:
    app = await totp_of(world, ada)
    given = app.at(world.clock.now())
    now = world.clock.now()
    outcomes = await at_once(
        world.database, lambda session: check_totp(session, ada.id, given, keyring=world.keyring, now=now)
    )
    assert sorted(outcomes) == [False] * 15 + [True]


async def test_row_15_of_sixteen_sign_ins_with_one_code_one_succeeds(world: World, ada: User) -> None:
    app = await totp_of(world, ada)
    async with world.client() as browser:
        halves = [(await browser.post(f"{AUTH}/login", json=login())).json()["mfa_token"] for _ in range(16)]
        given = app.at(world.clock.now())
        bodies = [{"mfa_token": token, "code": given} for token in halves]
        answers = await asyncio.gather(*(browser.post(f"{AUTH}/mfa", json=body) for body in bodies))
    assert [answer.status_code for answer in answers].count(200) == 1


async def test_row_15_the_code_that_confirmed_the_app_is_used_up(world: World, ada: User) -> None:
    async with await world.browser_of(ada) as browser:
        app = await turn_on_totp(world, browser)
    assert not await accepted(world, ada, app.at(world.clock.now()))


async def test_row_15_a_later_step_voids_the_earlier_ones(world: World, ada: User) -> None:
    app = await totp_of(world, ada)
    earlier, later = app.at(world.clock.now()), app.at(world.clock.now(), counter_offset=1)
    assert await accepted(world, ada, later)
    assert not await accepted(world, ada, earlier)


@pytest.mark.parametrize(("seconds", "expected"), [(0, True), (59, True), (60, False), (90, False)])
async def test_row_15_a_code_lives_for_its_step_and_the_next(
    world: World, ada: User, seconds: int, expected: bool
) -> None:
    app = await totp_of(world, ada)
    beginning = world.clock.now()
    assert beginning.timestamp() % 30 == 0
    world.clock.advance(seconds=seconds)
    assert await accepted(world, ada, app.at(beginning)) is expected


async def test_row_15_a_refused_sign_in_uses_no_code_up(world: World, ada: User) -> None:
    app = await totp_of(world, ada)
    given = app.at(world.clock.now())
    async with world.client() as browser:
        refused = await browser.post(f"{AUTH}/mfa", json={"mfa_token": "tdp_nobody", "code": given})
        half = (await browser.post(f"{AUTH}/login", json=login())).json()
        answer = await browser.post(f"{AUTH}/mfa", json={"mfa_token": half["mfa_token"], "code": given})
    assert code(refused) == (400, "token_invalid")
    assert answer.status_code == 200


async def test_row_15_the_code_of_another_secret_is_refused(world: World, ada: User) -> None:
    await totp_of(world, ada)
    assert not await accepted(world, ada, pyotp.TOTP(pyotp.random_base32()).at(world.clock.now()))


def login() -> dict[str, str]:
    return {"login": "ada", "password": PASSWORD}
