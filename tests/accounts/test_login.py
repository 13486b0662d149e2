"""Signing in with a password, and out again."""

import asyncio
from types import SimpleNamespace

import httpx
import pytest
from argon2 import PasswordHasher
from sqlalchemy import select, update

from tests.accounts.world import PASSWORD, World, code, make_app
from tidings.accounts.api import router
from tidings.accounts.audit.types import SERVER
from tidings.accounts.errors import InvalidCredentials
from tidings.accounts.models import User, UserSession
from tidings.accounts.passwords import hash_password
from tidings.accounts.sessions import Device, start_browser_session
from tidings.accounts.sign_in import Verified, admit, verify_password
from tidings.accounts.types import AccountState
from tidings.accounts.users import delete_user, suspend_user
from tidings.kernel.crypto import digest
from tidings.kernel.errors import Busy


async def sign_in(client: httpx.AsyncClient, login: str, password: str = PASSWORD) -> httpx.Response:
    return await client.post("/api/v1/auth/login", json={"login": login, "password": password})


@pytest.mark.parametrize("login", ["ada", "ADA", "ada@example.org", "Ada@Example.ORG"])
async def test_username_and_address_in_any_case_sign_in(world: World, ada: User, login: str) -> None:
    async with world.client() as browser:
        answer = await sign_in(browser, login)
        me = await browser.get("/api/v1/users/me")
    assert answer.status_code == 200
    assert answer.json()["user"] == me.json()
    assert me.json()["id"] == str(ada.id)


async def test_every_failure_looks_the_same(world: World, ada: User) -> None:
    states = (AccountState.INVITED, AccountState.REGISTERED, AccountState.SUSPENDED, AccountState.REJECTED)
    for state in states:
        await world.add(state.value, state=state)
    await world.add("guest", external_id="g", state=AccountState.RECIPIENT)
    async with world.client() as browser:
        answers = [await sign_in(browser, "ada", "wrong password"), await sign_in(browser, "nobody")]
        answers += [await sign_in(browser, state.value) for state in states]
        answers += [await sign_in(browser, "guest@example.org")]
    assert code(answers[0]) == (401, "invalid_credentials")
    assert len({(answer.status_code, answer.text, str(answer.headers)) for answer in answers}) == 1


async def test_a_user_without_a_password_cannot_sign_in(world: World, ada: User) -> None:
    async with world.database.write() as session:
        await session.execute(update(User).values(password_hash=None))
    async with world.client() as browser:
        assert code(await sign_in(browser, "ada", "nobody's password")) == (401, "invalid_credentials")


async def test_the_cookie_over_http_is_plain_and_closed_to_scripts(world: World, ada: User) -> None:
    async with world.client() as browser:
        cookie = (await sign_in(browser, "ada")).headers["set-cookie"].lower()
    assert cookie.startswith("tidings=tdb_")
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "path=/" in cookie
    assert "secure" not in cookie


async def test_the_cookie_over_https_is_bound_to_the_host(world: World, ada: User) -> None:
    app = make_app(world, router, base_url="https://tidings.example")
    async with world.client(app=app) as browser:
        browser.headers["Origin"] = "https://tidings.example"
        cookie = (await sign_in(browser, "ada")).headers["set-cookie"]
        me = await browser.get("/api/v1/users/me")
    assert cookie.startswith("__Host-tidings=")
    assert "Secure" in cookie
    assert "Domain" not in cookie
    assert me.status_code == 200


async def test_a_new_sign_in_ends_the_session_of_the_cookie_sent_along(world: World, ada: User) -> None:
    cookie = await world.cookie_of(ada)
    async with world.client(cookie=cookie) as browser, world.client(cookie=cookie) as thief:
        await sign_in(browser, "ada")
        assert (await browser.get("/api/v1/users/me")).status_code == 200
        assert code(await thief.get("/api/v1/users/me")) == (401, "not_authenticated")
    assert [event.reason for event in world.ended] == ["replaced"]


async def test_a_hash_of_older_parameters_is_replaced_at_sign_in(world: World, ada: User) -> None:
    old = PasswordHasher(time_cost=1, memory_cost=8 * 1024, parallelism=1).hash(PASSWORD)
    async with world.database.write() as session:
        await session.execute(update(User).values(password_hash=old))
    async with world.client() as browser:
        assert (await sign_in(browser, "ada")).status_code == 200
        assert (await sign_in(browser, "ada")).status_code == 200
    stored = await world.user(ada.id)
    assert stored is not None
    assert (stored.password_hash or "").startswith("$argon2id$v=19$m=19456,t=2,p=1$")


async def test_who_is_suspended_after_the_password_was_checked_is_not_admitted(
    world: World, ada: User, grace: User
) -> None:
    verified = await verified_as_ada(world)
    await suspend(world, ada)
    async with world.database.write() as session:
        with pytest.raises(InvalidCredentials):
            await admit(session, verified)


async def test_who_is_removed_after_the_password_was_checked_is_not_admitted(world: World, ada: User) -> None:
    verified = await verified_as_ada(world)
    async with world.database.write() as session:
        await delete_user(session, ada.id, by=SERVER, now=world.clock.now())
    async with world.database.write() as session:
        with pytest.raises(InvalidCredentials):
            await admit(session, verified)


async def test_a_password_changed_after_it_was_checked_admits_nobody(world: World, ada: User) -> None:
    verified = await verified_as_ada(world)
    async with world.database.write() as session:
        await session.execute(update(User).values(password_hash=await hash_password("another one")))
    async with world.database.write() as session:
        with pytest.raises(Busy):
            await admit(session, verified)


async def test_a_suspension_waits_for_a_sign_in_and_ends_its_session(world: World, ada: User, grace: User) -> None:
    verified = await verified_as_ada(world)
    async with world.database.write() as session:
        await admit(session, verified)
        suspending = asyncio.create_task(suspend(world, ada))
        await asyncio.wait({suspending}, timeout=0.3)  # without the lock it is done long before
        cookie = await start_browser_session(session, ada.id, device=Device(), now=world.clock.now())
    await suspending
    async with world.database.read() as session:
        assert await session.scalar(select(UserSession).where(UserSession.digest == digest(cookie))) is None


async def verified_as_ada(world: World) -> Verified:
    return await verify_password(
        world.database, "ada", PASSWORD, device=Device(), keyring=world.keyring, now=world.clock.now()
    )


async def suspend(world: World, user: User) -> None:
    async with world.database.write() as session:
        await suspend_user(session, user.id, by=SERVER, now=world.clock.now())


@pytest.mark.parametrize(
    "body",
    [
        {"login": "ada"},
        {"login": "ada", "password": PASSWORD, "user_id": "1"},
        {"login": ["ada"], "password": PASSWORD},
        {"login": "ada", "password": "x" * 251},
    ],
)
async def test_a_body_of_another_shape_is_refused(world: World, body: dict[str, object]) -> None:
    async with world.client() as browser:
        assert code(await browser.post("/api/v1/auth/login", json=body)) == (422, "invalid_request")


async def test_signing_out_ends_the_session_and_clears_the_cookie(world: World, ada: User) -> None:
    cookie = await world.cookie_of(ada)
    async with world.client(cookie=cookie) as browser:
        answer = await browser.post("/api/v1/auth/logout")
        assert 'tidings=""' in answer.headers["set-cookie"]
    async with world.client(cookie=cookie) as browser:
        assert code(await browser.get("/api/v1/users/me")) == (401, "not_authenticated")
    assert [(event.user_id, event.reason) for event in world.ended] == [(ada.id, "logout")]


async def test_signing_out_ends_that_session_alone(world: World, ada: User) -> None:
    async with await world.browser_of(ada) as one, await world.browser_of(ada) as other:
        await one.post("/api/v1/auth/logout")
        assert (await other.get("/api/v1/users/me")).status_code == 200


async def test_no_token_is_stored_in_the_clear(world: World, ada: User) -> None:
    async with world.client() as browser:
        await sign_in(browser, "ada")
        cookie = browser.cookies["tidings"]
    tokens = await world.tokens_of(ada)
    secrets = SimpleNamespace(cookie=cookie, access=tokens.access_token, refresh=tokens.refresh_token)
    async with world.database.read() as session:
        for table in ("tidings_sessions", "tidings_token_pairs"):
            rows = (await session.connection()).exec_driver_sql(f"SELECT * FROM {table}")
            dump = str((await rows).all())
            assert not [name for name, secret in vars(secrets).items() if secret in dump]
