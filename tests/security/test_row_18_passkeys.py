"""Row 18: a passkey's answer holds for a fresh challenge once; origin, rpId, user verification and counter count."""

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from tests.accounts.authenticator import Authenticator, packed, unpacked
from tests.accounts.factors import creation_options, passkey_of
from tests.accounts.world import BASE_URL, World, code
from tidings.accounts.audit.models import AuditEntry
from tidings.accounts.audit.types import AuditAction
from tidings.accounts.mfa.passkeys import check_passkey
from tidings.accounts.models import User

PASSKEY = "/api/v1/auth/passkey"
REFUSED = (401, "invalid_credentials")


async def options_of(browser: httpx.AsyncClient) -> dict[str, Any]:
    options: dict[str, Any] = (await browser.post(f"{PASSKEY}/options")).json()["public_key"]
    return options


async def present(browser: httpx.AsyncClient, answer: dict[str, Any]) -> httpx.Response:
    return await browser.post(PASSKEY, json={"passkey": answer})


async def test_row_18_a_genuine_answer_holds(world: World, ada: User) -> None:
    authenticator = await passkey_of(world, ada)
    async with world.client() as browser:
        answer = await present(browser, authenticator.get(await options_of(browser)))
    assert answer.status_code == 200


def another_origin(authenticator: Authenticator) -> None:
    authenticator.origin = "http://tidings.example.evil.example"


def another_port(authenticator: Authenticator) -> None:
    authenticator.origin = f"{BASE_URL}:8443"


def another_rp_id(authenticator: Authenticator) -> None:
    authenticator.host = "evil.example"


def no_user_verification(authenticator: Authenticator) -> None:
    authenticator.verifies_user = False


def a_frame_of_another_site(authenticator: Authenticator) -> None:
    authenticator.in_frame = True


def anothers_user_handle(authenticator: Authenticator) -> None:
    authenticator.user_handle = bytes(16)


def no_user_handle(authenticator: Authenticator) -> None:
    authenticator.user_handle = b""


def another_key(authenticator: Authenticator) -> None:
    authenticator.key = Authenticator(origin=BASE_URL).key


@pytest.mark.parametrize(
    "hostile",
    [
        another_origin,
        another_port,
        another_rp_id,
        no_user_verification,
        a_frame_of_another_site,
        anothers_user_handle,
        no_user_handle,
        another_key,
    ],
)
async def test_row_18_what_differs_in_one_thing_is_refused(
    world: World, ada: User, hostile: Callable[[Authenticator], None]
) -> None:
    authenticator = await passkey_of(world, ada)
    hostile(authenticator)
    async with world.client() as browser:
        assert code(await present(browser, authenticator.get(await options_of(browser)))) == REFUSED


@pytest.mark.parametrize("part", ["signature", "authenticatorData", "clientDataJSON"])
async def test_row_18_one_altered_bit_is_refused(world: World, ada: User, part: str) -> None:
    authenticator = await passkey_of(world, ada)
    async with world.client() as browser:
        answer = authenticator.get(await options_of(browser))
        altered = bytearray(unpacked(answer["response"][part]))
        altered[-2] ^= 1
        answer["response"][part] = packed(bytes(altered))
        assert code(await present(browser, answer)) == REFUSED


async def test_row_18_an_answer_is_not_taken_twice(world: World, ada: User) -> None:
    authenticator = await passkey_of(world, ada)
    authenticator.counts_by = 0  # so that nothing but the challenge stands against the second
    async with world.client() as browser:
        answer = authenticator.get(await options_of(browser))
        assert (await present(browser, answer)).status_code == 200
        assert code(await present(browser, answer)) == REFUSED


async def test_row_18_of_sixteen_at_once_one_answers_the_challenge(world: World, ada: User) -> None:
    authenticator = await passkey_of(world, ada)
    authenticator.counts_by = 0
    async with world.client() as browser:
        answer = authenticator.get(await options_of(browser))

    async def check() -> bool:
        async with world.database.write() as session:
            return await check_passkey(session, answer, user_id=None, origin=BASE_URL, now=world.clock.now()) == ada.id

    assert sorted(await asyncio.gather(*(check() for _ in range(16)))) == [False] * 15 + [True]


async def test_row_18_a_challenge_that_is_not_ours_or_too_old_is_refused(world: World, ada: User) -> None:
    authenticator = await passkey_of(world, ada)
    async with world.client() as browser:
        old = authenticator.get(await options_of(browser))
        world.clock.advance(minutes=5)
        assert code(await present(browser, old)) == REFUSED
        own = authenticator.get({"challenge": packed(bytes(32))})
        assert code(await present(browser, own)) == REFUSED


async def test_row_18_a_challenge_to_make_a_passkey_proves_nobody(world: World, ada: User) -> None:
    authenticator = await passkey_of(world, ada)
    async with await world.browser_of(ada) as browser:
        asked = await creation_options(browser)
    async with world.client() as browser:
        assert code(await present(browser, authenticator.get(asked))) == REFUSED


async def test_row_18_a_counter_that_goes_back_is_refused_and_noted(world: World, ada: User) -> None:
    authenticator = await passkey_of(world, ada)
    async with world.client() as browser:
        authenticator.counter = 41
        assert (await present(browser, authenticator.get(await options_of(browser)))).status_code == 200
        assert await noted(world) == []
        for copied in (41, 7, 0):
            authenticator.counter = copied - 1 if copied else 0
            authenticator.counts_by = 1 if copied else 0
            assert code(await present(browser, authenticator.get(await options_of(browser)))) == REFUSED
        assert [entry.target_id for entry in await noted(world)] == [ada.id] * 3
        authenticator.counter, authenticator.counts_by = 42, 1
        assert (await present(browser, authenticator.get(await options_of(browser)))).status_code == 200


async def test_row_18_nobody_without_the_key_makes_a_counter_look_copied(world: World, ada: User) -> None:
    authenticator = await passkey_of(world, ada)
    async with world.client() as browser:
        authenticator.counter = 41
        await present(browser, authenticator.get(await options_of(browser)))
        another_key(authenticator)
        authenticator.counter = 6
        assert code(await present(browser, authenticator.get(await options_of(browser)))) == REFUSED
    assert await noted(world) == []


async def test_row_18_a_passkey_proves_no_other_user(world: World, ada: User, grace: User) -> None:
    hers = await passkey_of(world, grace)
    async with world.client() as browser:
        answer = hers.get(await options_of(browser))
    async with world.database.write() as session:
        assert await check_passkey(session, answer, user_id=ada.id, origin=BASE_URL, now=world.clock.now()) is None


async def noted(world: World) -> list[AuditEntry]:
    async with world.database.read() as session:
        wanted = select(AuditEntry).where(AuditEntry.action == AuditAction.PASSKEY_COUNTER_WENT_BACK)
        return list((await session.scalars(wanted.order_by(AuditEntry.id))).all())
