"""Every route × everybody who may call × the state of their account: no cell is open.

Who may use a route stands on docs/reference/permissions.md, which people write by hand, and whom the names there mean
stands below. Nothing of it is asked of the routes, so one that is declared for others than the page says fails here.
"""

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import replace
from uuid import UUID, uuid4

import httpx
import jwt
import pytest
from sqlalchemy import Uuid, select, update

from tests.devices import PATIENCE_S
from tests.docs.reference import listed, page
from tests.security.whole.routes import STREAMS, Route, ask, every_route
from tests.world import BASE_URL, Person, World
from tidings.accounts.audit.types import SERVER
from tidings.accounts.cookies import cookie_name
from tidings.accounts.keys import create_key
from tidings.accounts.models import User
from tidings.accounts.server_settings.models import ServerSettings
from tidings.accounts.sessions import Device, start_browser_session
from tidings.accounts.signing_secrets import create_signing_secret
from tidings.accounts.types import AccessType, AccountState, Scope
from tidings.accounts.users import create_user
from tidings.kernel.db import Base

_CLOSED_STATES = ("invited", "registered", "rejected", "suspended")
PEOPLE = {"regular", "admin"}
CLOSED = {"suspended regular", "key of a suspended admin", *(f"{state} admin" for state in _CLOSED_STATES)}
"""Whose account is in no state in which it opens anything, whatever credential of theirs there is."""
OWING = {"admin who owes a password": "password_change_required", "admin who owes a factor": "mfa_setup_required"}
"""Who signed in and must do something first, and what every other route tells them."""
KEYS = {"key without the scope", "key with the scope", "admin key", "key of the server"}
EVERYBODY = {"nobody", "recipient", *PEOPLE, *CLOSED, *OWING, *KEYS}
ADMIN_KEYS = {"admin key", "key of the server"}
_REFUSALS = {"forbidden", "insufficient_scope", *OWING.values()}
REFUSED_BY_POLICY = {(401, "not_authenticated"), *((403, refusal) for refusal in _REFUSALS)}
_WAYS_OUT = {"GET /users/me", "POST /auth/confirm", "POST /auth/logout", "PUT /users/me/password"}
WAYS_OUT = {
    "admin who owes a password": _WAYS_OUT,
    "admin who owes a factor": {
        *(*_WAYS_OUT, "GET /users/me/mfa", "POST /users/me/mfa/totp", "POST /users/me/mfa/totp/confirm"),
        *("DELETE /users/me/mfa/totp", "POST /users/me/mfa/recovery-codes", "GET /users/me/passkeys"),
        *("POST /users/me/passkeys/options", "POST /users/me/passkeys", "DELETE /users/me/passkeys/{passkey_id}"),
    },
}
"""Where they pay what they owe, find out about it, or leave."""


def admitted(route: Route) -> set[str]:
    """Whom the page lets in at a route. A policy that nobody thought of fails the test."""
    kind, _, _scope = route.policy.partition(":")
    named = {
        "public": EVERYBODY,
        "public_same_site": EVERYBODY,
        "signed_in": PEOPLE,
        "signed_in_recent": PEOPLE,
        "signed_in_or_recipient": {*PEOPLE, "recipient"},
        "admin": {"admin", *ADMIN_KEYS},
        "admin_in_person": {"admin"},
        "admin_in_person_recent": {"admin"},
        "stream": {*PEOPLE, "recipient"},
        "inbox": {*PEOPLE, "recipient", "key with the scope", *ADMIN_KEYS},
        "scope": {"admin", "key with the scope", *ADMIN_KEYS},
        "signed_in_or_scope": {*PEOPLE, "key with the scope", *ADMIN_KEYS},
    }[kind]
    return named | {who for who, ways in WAYS_OUT.items() if str(route) in ways}


def documented(world: World) -> Iterator[Route]:
    """Every route of the app with the policy that the page gives it; one that the page does not know fails the test."""
    said = listed(page("reference/permissions.md"), "route")
    for route in every_route(world.tidings.app):
        yield replace(route, policy=said[str(route)]["policy"])


def needed(route: Route) -> Scope:
    """The scope that a key needs here, if one opens it at all."""
    kind, _, scope = route.policy.partition(":")
    if kind == "inbox":
        return Scope.NOTIFICATIONS_READ if route.method == "GET" else Scope.NOTIFICATIONS_SEND
    return Scope(scope) if scope else Scope.USERS_READ


def refusal(who: str, route: Route) -> set[tuple[int, str]]:
    """How somebody is told that a route is not for them."""
    if who == "nobody" or who in CLOSED or route.path in STREAMS:
        return {(401, "not_authenticated")}
    if who in OWING:
        return {(403, OWING[who])}
    return {(403, "forbidden"), (403, "insufficient_scope")} if who in KEYS else {(403, "forbidden")}


class Callers:
    """Credentials of everybody: anew for each request that may end them."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.count = 0
        self._kept: dict[tuple[str, Scope], Mapping[str, str]] = {}

    async def headers(self, who: str, route: Route) -> Mapping[str, str]:
        """What `who` presents at this route."""
        if route.method != "GET" and who in admitted(route):
            return await self._made(who, route)
        kept = (who, needed(route))
        if kept not in self._kept:
            self._kept[kept] = await self._made(who, route)
        return self._kept[kept]

    async def _made(self, who: str, route: Route) -> Mapping[str, str]:
        if who == "nobody":
            return {}
        if who in KEYS or who == "key of a suspended admin":
            return {"Authorization": f"Bearer {await self._key(who, needed(route))}"}
        if who == "recipient":
            return {"Authorization": f"Bearer {await self._recipient_token()}"}
        return {"Cookie": f"{cookie_name(BASE_URL)}={await self._cookie(who)}"}

    async def _user(self, access_type: AccessType, state: AccountState) -> User:
        self.count += 1
        name = f"somebody.{self.count}"
        is_recipient = state is AccountState.RECIPIENT
        async with self.world.tidings.database.write() as session:
            return await create_user(
                session,
                username=None if is_recipient else name,
                email=f"{name}@example.org",
                name=name,
                password_hash=None,
                access_type=access_type,
                state=state,
                external_id=name,
                by=SERVER,
                now=self.world.clock.now(),
            )

    async def _cookie(self, who: str) -> str:
        state = next((AccountState(each) for each in _CLOSED_STATES if who.startswith(each)), AccountState.ACTIVE)
        user = await self._user(AccessType.ADMIN if "admin" in who else AccessType.REGULAR, state)
        async with self.world.tidings.database.write() as session:
            if who == "admin who owes a password":
                await session.execute(update(User).where(User.id == user.id).values(password_must_change=True))
            elif who == "admin who owes a factor":
                await session.merge(ServerSettings(id=1, mfa_required=True, updated_at=self.world.clock.now()))
            return await start_browser_session(session, user.id, device=Device(), now=self.world.clock.now())

    async def _key(self, who: str, scope: Scope) -> str:
        scopes: list[Scope] = [each for each in Scope if each not in {Scope.ADMIN, scope}]
        if who == "key with the scope":
            scopes = [scope]
        elif who != "key without the scope":
            scopes = [Scope.ADMIN]
        owner = None
        if who == "admin key":
            owner = (await self._user(AccessType.ADMIN, AccountState.ACTIVE)).id
        elif who == "key of a suspended admin":
            owner = (await self._user(AccessType.ADMIN, AccountState.SUSPENDED)).id
        async with self.world.tidings.database.write() as session:
            now = self.world.clock.now()
            _, key = await create_key(
                session, owner_id=owner, name="key", scopes=scopes, expires_at=None, by=SERVER, now=now
            )
        return key

    async def _recipient_token(self) -> str:
        user = await self._user(AccessType.REGULAR, AccountState.RECIPIENT)
        now = self.world.clock.now()
        async with self.world.tidings.database.write() as session:
            keyring = self.world.tidings.keyring
            _, secret = await create_signing_secret(session, name="host", keyring=keyring, by=SERVER, now=now)
        return jwt.encode({"sub": user.external_id, "aud": "tidings", "exp": now.timestamp() + 60}, secret, "HS256")


@pytest.fixture
def callers(world: World) -> Callers:
    return Callers(world)


async def test_row_32_every_policy_is_one_that_the_matrix_knows(world: World) -> None:
    for route in documented(world):
        assert admitted(route) <= EVERYBODY, route


@pytest.mark.parametrize("who", sorted(EVERYBODY))
async def test_row_32_every_route_lets_in_exactly_whom_the_page_names(
    world: World, callers: Callers, grace: Person, who: str
) -> None:
    """Grace stays, so that nobody here is ever the last administrator."""
    client, wrong = world.client(), []
    for route in documented(world):
        if route.path in STREAMS and who in admitted(route):
            continue
        headers = await callers.headers(who, route)
        async with asyncio.timeout(PATIENCE_S):  # a stream that lets in whom it should not would never end
            answer = await ask(client, route, headers)
        said = (answer.status_code, code_of(answer))
        is_in = said not in REFUSED_BY_POLICY and answer.status_code < 500
        if is_in != (who in admitted(route)) or (not is_in and said not in refusal(who, route)):
            wrong.append(f"{route} ({route.policy}): {said}")
    assert wrong == []


async def test_row_32_a_foreign_object_is_as_if_absent(world: World, callers: Callers, grace: Person) -> None:
    """Whatever belongs to Grace, another person is told of it what they are told of nothing at all."""
    await grace.receives()
    made = await grace.client.post("/api-keys", json={"name": "hers", "scopes": ["users:read"]})
    assert made.status_code == 201
    foreign = await ids_of(world, grace.id)
    assert len(foreign) >= 3
    client, told = world.client(), []
    for route in documented(world):
        if not route.places or route.path in STREAMS or "regular" not in admitted(route):
            continue
        stranger = await ask(client, route, await callers.headers("regular", route))
        for object_id in foreign:
            answer = await ask(
                client, route, await callers.headers("regular", route), **dict.fromkeys(route.places, object_id)
            )
            if seen(answer) != seen(stranger):
                told.append(f"{route}: {seen(answer)} for one of Grace's, {seen(stranger)} for none")
    assert told == []


def code_of(answer: httpx.Response) -> str | None:
    is_problem = answer.headers.get("content-type") == "application/problem+json"
    return answer.json()["code"] if is_problem else None


def seen(answer: httpx.Response) -> tuple[int, object]:
    """What an answer tells, apart from the address that was asked for."""
    if code_of(answer) is not None:
        return answer.status_code, {**answer.json(), "instance": None}
    return answer.status_code, answer.text


async def ids_of(world: World, user_id: UUID) -> list[UUID]:
    """The ids of every row that belongs to somebody, apart from their own."""
    found: set[UUID] = set()
    async with world.tidings.database.read() as session:
        for table in Base.metadata.sorted_tables:
            owner = next((table.c[name] for name in ("user_id", "owner_user_id") if name in table.c), None)
            if owner is not None and "id" in table.c and isinstance(table.c.id.type, Uuid):
                found |= set(await session.scalars(select(table.c.id).where(owner == user_id)))
    return sorted(found - {user_id})


async def test_row_32_an_id_that_nobody_has_is_found_by_nobody(world: World, grace: Person) -> None:
    assert await ids_of(world, uuid4()) == []
