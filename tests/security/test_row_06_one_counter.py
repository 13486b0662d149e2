"""One failure counter for an account, whatever it is called and wherever the wrong proof is shown."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from itertools import count

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.accounts.factors import totp_of
from tests.accounts.signing_in import API, ME, WRONG, confirm, fail, half_signed_in, log_in, pass_mfa
from tests.accounts.world import PASSWORD, World, code
from tidings.accounts.errors import TooManyAttempts
from tidings.accounts.models import User
from tidings.accounts.sessions import Device
from tidings.accounts.sign_in import admit, pass_first_factor, verify_password
from tidings.accounts.types import SessionKind

ALIASES = ["{name}", "{NAME}", "{name}@example.org", "{Name}@Example.ORG"]
TRIES = st.lists(
    st.tuples(st.sampled_from(["login", "token", "form", "confirm"]), st.sampled_from(ALIASES)),
    min_size=10,
    max_size=10,
)
people = count()


async def wrong(browser: httpx.AsyncClient, path: str, login: str) -> httpx.Response:
    body = {"login": login, "password": WRONG}
    if path == "login":
        return await browser.post(f"{API}/auth/login", json=body)
    if path == "token":
        return await browser.post(f"{API}/auth/token", json=body)
    if path == "form":
        form = {"grant_type": "password", "username": login, "password": WRONG}
        return await browser.post(f"{API}/auth/token", data=form)
    return await confirm(browser, password=WRONG)


@settings(
    max_examples=3, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(TRIES)
async def test_row_06_ten_wrong_proofs_close_an_account_whatever_they_are(
    world: World, tries: Sequence[tuple[str, str]]
) -> None:
    name = f"ada{next(people)}"
    user = await world.add(name)
    names = {"name": name, "NAME": name.upper(), "Name": name.title()}
    async with await world.browser_of(user) as signed_in, world.client() as browser:
        for path, alias in tries[:10]:
            client = signed_in if path == "confirm" else browser
            while (answer := await wrong(client, path, alias.format(**names))).status_code == 429:
                world.clock.advance(seconds=int(answer.headers["Retry-After"]))
            assert code(answer) == (401, "invalid_credentials")
        for alias in ALIASES:
            assert code(await log_in(browser, alias.format(**names))) == (429, "too_many_attempts")
        assert code(await confirm(signed_in)) == (429, "too_many_attempts")


async def test_row_06_a_wrong_second_factor_counts_too(world: World, ada: User) -> None:
    await totp_of(world, ada)
    async with world.client() as browser:
        pending = await half_signed_in(browser)
        for _ in range(5):
            assert code(await pass_mfa(browser, pending, code="000000")) == (401, "invalid_credentials")
        assert code(await pass_mfa(browser, pending, code="000000")) == (429, "too_many_attempts")
        assert code(await log_in(browser)) == (429, "too_many_attempts")


async def test_row_06_every_other_proof_counts_too(world: World, ada: User) -> None:
    """Five proofs of five kinds are as many failures; the sixth is not looked at, though it is right."""
    await totp_of(world, ada)
    async with await world.browser_of(ada) as signed_in, world.client() as browser:
        pending = await half_signed_in(browser)
        new = {"password": "another horse, another staple", "current_password": WRONG}
        answers = [
            await signed_in.put(f"{ME}/password", json=new),
            await confirm(signed_in, code="000000"),
            await confirm(signed_in, passkey={"id": "unknown"}),
            await pass_mfa(browser, pending, recovery_code="aaaaa-aaaaa"),
            await pass_mfa(browser, pending, passkey={"id": "unknown"}),
        ]
        assert list(map(code, answers)) == [(401, "invalid_credentials")] * len(answers)
        assert code(await log_in(browser)) == (429, "too_many_attempts")


async def test_row_06_the_right_password_alone_takes_no_failure_back(world: World, ada: User) -> None:
    app = await totp_of(world, ada)
    async with world.client() as browser:
        await fail(world, browser, times=4)
        pending = await half_signed_in(browser)
        assert code(await pass_mfa(browser, pending, code="000000")) == (401, "invalid_credentials")
        right = app.at(world.clock.now())
        assert code(await pass_mfa(browser, pending, code=right)) == (429, "too_many_attempts")
        world.clock.advance(seconds=1)
        assert (await pass_mfa(browser, pending, code=right)).status_code == 200
        await fail(world, browser, times=4)
        assert code(await log_in(browser, password=WRONG)) == (401, "invalid_credentials")


async def test_row_06_of_many_guesses_at_once_no_more_are_answered(world: World, ada: User) -> None:
    async with world.client() as browser:
        answers = await asyncio.gather(*(log_in(browser, password=WRONG) for _ in range(16)))
    assert Counter(map(code, answers)) == {(401, "invalid_credentials"): 5, (429, "too_many_attempts"): 11}


async def test_row_06_a_right_guess_among_many_wrong_ones_looks_like_them(world: World, ada: User) -> None:
    """Once the wrong ones are too many, the right one is refused as they are: it told nothing apart."""
    async with world.client() as browser:
        await fail(world, browser, times=4)
        wrong_ones = [log_in(browser, password=f"{WRONG} {n}") for n in range(15)]
        answers = await asyncio.gather(*wrong_ones)
        assert Counter(map(code, answers)) == {(401, "invalid_credentials"): 1, (429, "too_many_attempts"): 14}
        assert code(await log_in(browser, password=PASSWORD)) == (429, "too_many_attempts")
        assert (await browser.get(ME)).status_code == 401


async def test_row_06_a_right_password_that_comes_after_too_many_wrong_ones_is_refused_like_them(
    world: World, ada: User
) -> None:
    """It was looked at before they failed, and is admitted after: in between the account was closed."""
    now, device = world.clock.now(), Device()
    verified = await verify_password(world.database, "ada", PASSWORD, device=device, keyring=world.keyring, now=now)
    async with world.client() as browser:
        await fail(world, browser, times=5)
    async with world.database.write() as session:
        user = await admit(session, verified)
        with pytest.raises(TooManyAttempts):
            await pass_first_factor(
                session, user, kind=SessionKind.BROWSER, device=device, keyring=world.keyring, now=now
            )
