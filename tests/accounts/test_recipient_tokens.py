"""Recipient tokens: what a host signs for people who never sign in here."""

import base64
import json
from datetime import timedelta
from typing import Any

import jwt
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.accounts.world import World, code
from tests.clock import StoppedClock
from tidings.accounts.audit.types import SERVER
from tidings.accounts.models import User
from tidings.accounts.signing_secrets import create_signing_secret, prove_recipient_token
from tidings.accounts.tickets import create_ticket, redeem_ticket
from tidings.accounts.types import AccountState, Scope
from tidings.kernel.crypto import new_key_text, parse_keys

TICKET = "/api/v1/notifications/ws/ticket"


@pytest.fixture
async def secret(world: World) -> str:
    async with world.database.write() as session:
        _, plain = await create_signing_secret(
            session, name="shop", keyring=world.keyring, by=SERVER, now=world.clock.now()
        )
    return plain


def claims(world: World, **changes: Any) -> dict[str, Any]:
    usual = {"sub": "guest-1", "aud": "tidings", "exp": int((world.clock.now() + timedelta(hours=24)).timestamp())}
    return {name: value for name, value in (usual | changes).items() if value is not None}


async def answer(world: World, token: str) -> tuple[int, str]:
    async with world.client(bearer=token) as page:
        response = await page.post(TICKET)
    return (200, "") if response.status_code == 200 else code(response)


async def test_a_token_signed_with_a_secret_is_taken(world: World, guest: User, secret: str) -> None:
    assert await answer(world, jwt.encode(claims(world), secret, "HS256")) == (200, "")


async def test_any_of_several_secrets_is_taken(world: World, guest: User, secret: str) -> None:
    async with world.database.write() as session:
        _, other = await create_signing_secret(
            session, name="b", keyring=world.keyring, by=SERVER, now=world.clock.now()
        )
    assert await answer(world, jwt.encode(claims(world), secret, "HS256")) == (200, "")
    assert await answer(world, jwt.encode(claims(world), other, "HS256")) == (200, "")


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "other"},
        {"aud": None},
        {"aud": ["other"]},
        {"sub": None},
        {"sub": "nobody"},
        {"sub": 1},
        {"sub": ""},
        {"sub": "a\0b"},
        {"sub": "\ud800"},
        {"exp": None},
        {"exp": "soon"},
        {"exp": True},
        {"exp": 1e300},
        {"exp": -1},
        {"exp": [1]},
        {"nbf": "x"},
        {"nbf": 9_999_999_999},
    ],
)
async def test_claims_that_do_not_hold_are_refused(
    world: World, guest: User, secret: str, changes: dict[str, Any]
) -> None:
    token = sign(claims(world, **changes), secret)
    assert await answer(world, token) == (401, "not_authenticated")


async def test_a_life_of_more_than_a_day_is_refused(world: World, guest: User, secret: str) -> None:
    too_far = int((world.clock.now() + timedelta(hours=24, minutes=2)).timestamp())
    assert await answer(world, jwt.encode(claims(world, exp=too_far), secret, "HS256")) == (401, "not_authenticated")


async def test_a_token_that_ended_is_refused(world: World, guest: User, secret: str, clock: StoppedClock) -> None:
    token = jwt.encode(claims(world), secret, "HS256")
    clock.advance(hours=24)
    assert await answer(world, token) == (401, "not_authenticated")


@pytest.mark.parametrize("algorithm", ["none", "HS384", "HS512"])
async def test_another_algorithm_is_refused(world: World, guest: User, secret: str, algorithm: str) -> None:
    key = "" if algorithm == "none" else secret.ljust(64, "=")
    token = jwt.encode(claims(world), key, algorithm)
    assert await answer(world, token) == (401, "not_authenticated")


async def test_an_unsigned_token_that_claims_our_algorithm_is_refused(world: World, guest: User, secret: str) -> None:
    token = jwt.encode(claims(world), secret, "HS256").rpartition(".")[0] + "."
    assert await answer(world, token) == (401, "not_authenticated")


async def test_another_key_is_refused(world: World, guest: User, secret: str) -> None:
    assert await answer(world, jwt.encode(claims(world), "x" * 43, "HS256")) == (401, "not_authenticated")


@pytest.mark.parametrize("state", [AccountState.ACTIVE, AccountState.SUSPENDED, AccountState.REJECTED])
async def test_nobody_who_signs_in_is_impersonated(world: World, secret: str, state: AccountState) -> None:
    await world.add("ada", external_id="ada-1", state=state)
    assert await answer(world, jwt.encode(claims(world, sub="ada-1"), secret, "HS256")) == (401, "not_authenticated")


@pytest.mark.parametrize("state", [AccountState.RECIPIENT, AccountState.INVITED, AccountState.REGISTERED])
async def test_what_waits_for_somebody_closes_no_inbox(world: World, secret: str, state: AccountState) -> None:
    user = await world.add("ada", external_id="ada-1", state=state)
    token = jwt.encode(claims(world, sub="ada-1"), secret, "HS256")
    async with world.database.write() as session:
        proof = await prove_recipient_token(session, token, keyring=world.keyring, now=world.clock.now())
        assert proof is not None
        assert proof.caller.user_id == user.id
        ticket = await create_ticket(session, proof.caller, now=world.clock.now())
    async with world.database.write() as session:
        redeemed = await redeem_ticket(session, ticket, now=world.clock.now())
    assert redeemed is not None
    assert redeemed.user_id == user.id


async def test_a_recipient_is_not_signed_in(world: World, guest: User, secret: str) -> None:
    async with world.client(bearer=jwt.encode(claims(world), secret, "HS256")) as page:
        for path in ("/users/me", "/users", "/api-keys", f"/users/{guest.id}", "/signing-secrets"):
            assert code(await page.get(f"/api/v1{path}")) == (403, "forbidden"), path


async def test_a_secret_whose_key_is_gone_takes_no_token(world: World, guest: User, secret: str) -> None:
    token = jwt.encode(claims(world), secret, "HS256")
    async with world.database.read() as session:
        strange = parse_keys(new_key_text())
        assert await prove_recipient_token(session, token, keyring=strange, now=world.clock.now()) is None


async def test_a_removed_secret_takes_no_token(world: World, guest: User, grace: User) -> None:
    async with await world.browser_of(grace) as browser:
        made = (await browser.post("/api/v1/signing-secrets", json={"name": "shop"})).json()
        token = jwt.encode(claims(world), made["secret"], "HS256")
        assert await answer(world, token) == (200, "")
        assert (await browser.delete(f"/api/v1/signing-secrets/{made['id']}")).status_code == 204
        assert code(await browser.delete(f"/api/v1/signing-secrets/{made['id']}"))[0] == 404
    assert await answer(world, token) == (401, "not_authenticated")


async def test_a_secret_is_shown_once_and_stored_sealed(world: World, grace: User) -> None:
    async with await world.browser_of(grace) as browser:
        made = (await browser.post("/api/v1/signing-secrets", json={"name": "shop"})).json()
        listed = await browser.get("/api/v1/signing-secrets")
    assert listed.json()["signing_secrets"] == [{name: made[name] for name in ("id", "name", "created_at")}]
    async with world.database.read() as session:
        rows = await (await session.connection()).exec_driver_sql("SELECT * FROM tidings_signing_secrets")
        assert made["secret"] not in str(rows.all())


async def test_signing_secrets_are_for_administrators_in_person(world: World, ada: User) -> None:
    async with await world.browser_of(ada) as browser:
        assert code(await browser.post("/api/v1/signing-secrets", json={"name": "x"})) == (403, "forbidden")
    async with world.client(bearer=await world.key(Scope.ADMIN)) as server:
        assert code(await server.post("/api/v1/signing-secrets", json={"name": "x"})) == (403, "forbidden")


async def test_a_secret_may_be_called_something_else(world: World, guest: User, grace: User) -> None:
    async with await world.browser_of(grace) as browser:
        made = (await browser.post("/api/v1/signing-secrets", json={"name": "shop"})).json()
        token = jwt.encode(claims(world), made["secret"], "HS256")
        renamed = await browser.patch(f"/api/v1/signing-secrets/{made['id']}", json={"name": "the new shop"})
        listed = (await browser.get("/api/v1/signing-secrets")).json()["signing_secrets"]
        strange = await browser.patch(f"/api/v1/signing-secrets/{grace.id}", json={"name": "x"})
    assert listed == [renamed.json()]
    assert renamed.json() == {"id": made["id"], "name": "the new shop", "created_at": made["created_at"]}
    assert code(strange) == (404, "signing_secret_not_found")
    assert await answer(world, token) == (200, "")


async def test_a_key_of_an_administrator_reads_what_there_is_and_changes_nothing(world: World) -> None:
    async with world.client(bearer=await world.key(Scope.ADMIN)) as server:
        for path in ("signing-secrets", "api-keys", "identity-providers"):
            assert (await server.get(f"/api/v1/{path}")).status_code == 200
            assert code(await server.post(f"/api/v1/{path}", json={"name": "x"})) == (403, "forbidden")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=50)
@given(
    st.text(max_size=60) | st.lists(st.binary(max_size=40), min_size=3, max_size=3).map(lambda parts: dotted(*parts))
)
async def test_no_text_breaks_the_reading_of_tokens(world: World, secret: str, text: str) -> None:
    async with world.database.read() as session:
        assert await prove_recipient_token(session, text, keyring=world.keyring, now=world.clock.now()) is None


async def test_a_header_that_nests_without_end_is_refused(world: World, secret: str) -> None:
    assert await answer(world, dotted(b"[" * 2_000, b"{}", b"x")) == (401, "not_authenticated")


def dotted(*parts: bytes) -> str:
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)


def sign(payload: dict[str, Any], secret: str) -> str:
    """As PyJWT signs, for claims it would refuse to sign."""
    return jwt.PyJWS().encode(json.dumps(payload).encode(), secret, "HS256")
