"""Signing in with a passkey alone, and what else a passkey opens."""

from typing import Any

import httpx
import pytest
from sqlalchemy import select

from tests.accounts.authenticator import Authenticator
from tests.accounts.factors import ME, PASSKEYS, passkey_of
from tests.accounts.test_totp import letters
from tests.accounts.world import BASE_URL, PASSWORD, World, code
from tidings.accounts.audit.models import AuditEntry
from tidings.accounts.audit.types import AuditAction
from tidings.accounts.models import User
from tidings.accounts.server_settings.models import ServerSettings
from tidings.accounts.types import AccountState

AUTH = "/api/v1/auth"


async def request_options(browser: httpx.AsyncClient) -> dict[str, Any]:
    asked = await browser.post(f"{AUTH}/passkey/options")
    assert asked.status_code == 200, asked.text
    options: dict[str, Any] = asked.json()["public_key"]
    return options


async def sign_in(browser: httpx.AsyncClient, authenticator: Authenticator) -> httpx.Response:
    answer = authenticator.get(await request_options(browser))
    return await browser.post(f"{AUTH}/passkey", json={"passkey": answer})


async def test_a_browser_is_asked_for_any_passkey_of_this_site(world: World) -> None:
    async with world.client() as browser:
        options = await request_options(browser)
    assert options["rpId"] == "tidings.example"
    assert options["allowCredentials"] == []
    assert options["userVerification"] == "required"


async def test_a_passkey_signs_its_owner_in_with_no_other_factor(world: World, ada: User) -> None:
    authenticator = await passkey_of(world, ada)
    async with world.client() as browser:
        answer = await sign_in(browser, authenticator)
        me = await browser.get(ME)
    assert answer.status_code == 200
    assert answer.json()["user"]["id"] == me.json()["id"] == str(ada.id)


async def test_the_use_of_a_passkey_is_noted(world: World, ada: User) -> None:
    authenticator = await passkey_of(world, ada)
    world.clock.advance(hours=1)
    async with world.client() as browser:
        await sign_in(browser, authenticator)
        (passkey,) = (await browser.get(PASSKEYS)).json()["passkeys"]
    assert passkey["last_used_at"] == "2026-03-02T10:30:00Z"


async def test_a_sign_in_ends_the_session_of_the_cookie_sent_along(world: World, ada: User) -> None:
    authenticator, cookie = await passkey_of(world, ada), await world.cookie_of(ada)
    async with world.client(cookie=cookie) as browser, world.client(cookie=cookie) as thief:
        assert (await sign_in(browser, authenticator)).status_code == 200
        assert code(await thief.get(ME)) == (401, "not_authenticated")


async def test_a_passkey_that_does_not_count_keeps_working(world: World, ada: User) -> None:
    async with world.client() as browser:
        authenticator = await passkey_of(world, ada)
        authenticator.counts_by = 0
        answers = [await sign_in(browser, authenticator) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]


@pytest.mark.parametrize(
    "state", [AccountState.SUSPENDED, AccountState.REJECTED, AccountState.REGISTERED, AccountState.INVITED]
)
async def test_only_active_accounts_are_signed_in(world: World, ada: User, state: AccountState) -> None:
    authenticator = await passkey_of(world, ada)
    await become(world, ada, state)
    async with world.client() as browser:
        assert code(await sign_in(browser, authenticator)) == (401, "invalid_credentials")


async def test_every_refusal_looks_like_that_of_a_wrong_password(world: World, ada: User) -> None:
    authenticator = await passkey_of(world, ada)
    stranger = Authenticator(origin=BASE_URL, user_handle=ada.id.bytes)
    async with world.client() as browser:
        wrong_password = await browser.post(f"{AUTH}/login", json={"login": "ada", "password": "wrong password"})
        answers = [await sign_in(browser, stranger)]
        answers += [await browser.post(f"{AUTH}/passkey", json={"passkey": {}})]
        authenticator.host = "evil.example"
        answers += [await sign_in(browser, authenticator)]
        authenticator.host, authenticator.counts_by = "tidings.example", -1
        authenticator.counter = 5
        assert (await sign_in(browser, authenticator)).status_code == 200
        answers += [await sign_in(browser, authenticator)]
        await become(world, ada, AccountState.SUSPENDED)
        authenticator.counts_by = 9
        answers += [await sign_in(browser, authenticator)]

    def said(answer: httpx.Response) -> tuple[object, ...]:
        return answer.status_code, {**answer.json(), "instance": ""}, str(answer.headers.get("www-authenticate"))

    assert len(answers) == 5
    assert [said(answer) for answer in answers] == [said(wrong_password)] * 5


async def test_failures_of_a_passkey_count_for_its_owner(world: World, ada: User) -> None:
    authenticator = await passkey_of(world, ada)
    authenticator.verifies_user = False
    async with world.client() as browser:
        for _ in range(5):
            assert code(await sign_in(browser, authenticator)) == (401, "invalid_credentials")
        assert code(await sign_in(browser, authenticator)) == (429, "too_many_attempts")
        authenticator.verifies_user = True
        assert code(await sign_in(browser, authenticator)) == (429, "too_many_attempts")
        refused = await browser.post(f"{AUTH}/login", json={"login": "ada", "password": PASSWORD})
    assert code(refused) == (429, "too_many_attempts")


async def test_passkeys_open_nothing_where_people_sign_in_with_their_provider_alone(world: World, ada: User) -> None:
    authenticator = await passkey_of(world, ada)
    async with world.database.write() as session:
        session.add(ServerSettings(local_login_enabled=False, sso_enabled=True, updated_at=world.clock.now()))
    async with world.client() as browser:
        assert code(await sign_in(browser, authenticator)) == (403, "local_login_disabled")


async def test_a_removed_passkey_signs_nobody_in(world: World, ada: User) -> None:
    authenticator = await passkey_of(world, ada)
    async with await world.browser_of(ada) as browser:
        (passkey,) = (await browser.get(PASSKEYS)).json()["passkeys"]
        await browser.delete(f"{PASSKEYS}/{passkey['id']}")
    async with world.client() as browser:
        assert code(await sign_in(browser, authenticator)) == (401, "invalid_credentials")


async def test_a_passkey_is_the_second_step_after_a_password(world: World, ada: User) -> None:
    authenticator = await passkey_of(world, ada)
    async with world.client() as browser:
        half = (await browser.post(f"{AUTH}/login", json={"login": "ada", "password": PASSWORD})).json()
        assert half["methods"] == ["passkey"]
        proof = authenticator.get(await request_options(browser))
        whole = await browser.post(f"{AUTH}/mfa", json={"mfa_token": half["mfa_token"], "passkey": proof})
        assert whole.status_code == 200
        assert (await browser.get(ME)).json()["id"] == str(ada.id)


async def test_anothers_passkey_is_no_second_step(world: World, ada: User, grace: User) -> None:
    await passkey_of(world, ada)
    hers = await passkey_of(world, grace)
    async with world.client() as browser:
        half = (await browser.post(f"{AUTH}/login", json={"login": "ada", "password": PASSWORD})).json()
        proof = hers.get(await request_options(browser))
        answer = await browser.post(f"{AUTH}/mfa", json={"mfa_token": half["mfa_token"], "passkey": proof})
    assert code(answer) == (401, "invalid_credentials")


async def test_a_sign_in_with_a_passkey_is_in_the_audit_log_and_a_new_device_is_written_of(
    world: World, ada: User
) -> None:
    authenticator = await passkey_of(world, ada)
    async with world.client() as known, world.client() as unknown:
        await sign_in(known, authenticator)
        await sign_in(unknown, authenticator)
    async with world.database.read() as session:
        found = await session.scalars(select(AuditEntry).where(AuditEntry.action == AuditAction.SIGN_IN_SUCCEEDED))
        assert [(entry.target_id, entry.detail["two_factors"]) for entry in found] == [(ada.id, True)] * 2
    assert [letter for letter, _ in await letters(world)] == ["mfa_on", "new_device"]


async def become(world: World, user: User, state: AccountState) -> None:
    async with world.database.write() as session:
        stored = await session.get_one(User, user.id)
        stored.state = state
