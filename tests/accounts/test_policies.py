"""Each policy admits exactly whom it says."""

from datetime import timedelta
from itertools import product
from uuid import uuid4

import jwt
import pytest
from fastapi import FastAPI, Request

from tests.accounts.world import World, code, make_app
from tidings.accounts.audit.types import SERVER
from tidings.accounts.callers import CurrentCaller, InboxOwner
from tidings.accounts.models import User
from tidings.accounts.policies import (
    admin,
    admin_in_person_recent,
    admin_in_person_recent_apart,
    inbox,
    public,
    scope,
    signed_in,
    signed_in_or_recipient,
    signed_in_recent,
    signed_in_recent_apart,
)
from tidings.accounts.signing_secrets import create_signing_secret
from tidings.accounts.types import AccountState, Scope
from tidings.kernel.http.routing import Policy, Router

POLICIES: dict[str, Policy] = {
    "public": public,
    "signed_in": signed_in,
    "signed_in_or_recipient": signed_in_or_recipient,
    "admin": admin,
    "scope": scope(Scope.USERS_READ),
    "scope_apart": scope(Scope.USERS_READ, apart=True),
}
KNOWN = ("nobody", "regular", "app", "administrator", "recipient", "key", "weak_key", "admin_key")
ADMITTED = {
    "public": set(KNOWN),
    "signed_in": {"regular", "app", "administrator"},
    "signed_in_or_recipient": {"regular", "app", "administrator", "recipient"},
    "admin": {"administrator", "admin_key"},
    "scope": {"administrator", "key", "admin_key"},
    "scope_apart": {"administrator", "key", "admin_key"},
}
KEYS = {"key", "weak_key", "admin_key"}
RECENT: dict[str, Policy] = {
    "signed_in_recent": signed_in_recent,
    "signed_in_recent_apart": signed_in_recent_apart,
    "admin_in_person_recent": admin_in_person_recent,
    "admin_in_person_recent_apart": admin_in_person_recent_apart,
}


@pytest.fixture
def app(world: World) -> FastAPI:
    """Routes that do nothing, one for each policy, read and written."""
    routes = Router()
    for name, policy in POLICIES.items():
        for declare in (routes.get, routes.post):
            declare(f"/{name}", policy)(_who)
    for declare in (routes.get, routes.post):
        declare("/inbox", inbox)(_whose)
    return make_app(world, routes)


async def _who(caller: CurrentCaller, request: Request) -> str:
    assert request.state.idempotency_scope
    return caller.credential


async def _whose(owner: InboxOwner) -> str:
    return str(owner)


async def headers_of(world: World, who: str) -> dict[str, str]:
    match who:
        case "nobody":
            return {}
        case "regular" | "administrator":
            user = await world.add("someone", admin=who == "administrator")
            return {"Cookie": f"tidings={await world.cookie_of(user)}"}
        case "app":
            token = (await world.tokens_of(await world.add("someone"))).access_token
        case "recipient":
            token = await recipient_token(world, await world.add("r", external_id="r", state=AccountState.RECIPIENT))
        case _:
            scopes = {"key": Scope.USERS_READ, "weak_key": Scope.TOPICS_WRITE, "admin_key": Scope.ADMIN}
            token = await world.key(scopes[who])
    return {"Authorization": f"Bearer {token}"}


async def recipient_token(world: World, user: User) -> str:
    async with world.database.write() as session:
        _, secret = await create_signing_secret(
            session, name="s", keyring=world.keyring, by=SERVER, now=world.clock.now()
        )
    claims = {"sub": user.external_id, "aud": "tidings", "exp": world.clock.now().timestamp() + 60}
    return jwt.encode(claims, secret, "HS256")


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("who", KNOWN)
async def test_each_policy_admits_whom_it_says(world: World, app: FastAPI, who: str, method: str) -> None:
    headers = await headers_of(world, who)
    async with world.client(app=app) as client:
        for name in POLICIES:
            answer = await client.request(method, f"/api/v1/{name}", headers=headers)
            if who in ADMITTED[name]:
                assert answer.status_code == 200, name
            elif who == "nobody":
                assert code(answer) == (401, "not_authenticated"), name
            elif who in KEYS and not name.startswith("signed_in"):
                assert code(answer) == (403, "insufficient_scope"), name
            else:
                assert code(answer) == (403, "forbidden"), name


async def test_what_needs_a_recent_sign_in_admits_for_five_minutes(world: World, ada: User, grace: User) -> None:
    routes = Router()
    for name, policy in RECENT.items():
        for declare in (routes.get, routes.post):
            declare(f"/{name}", policy)(_who)
    app = make_app(world, routes)
    admitted: dict[str, set[str]] = {name: set() for name in RECENT}
    async with (
        world.client(app=app, cookie=await world.cookie_of(ada)) as hers,
        world.client(app=app, bearer=(await world.tokens_of(grace)).access_token) as administrators,
        world.client(app=app, bearer=await world.key(Scope.ADMIN, owner=grace)) as server,
    ):
        callers = {"ada": hers, "grace": administrators, "key": server}
        for wait in (timedelta(minutes=5), timedelta(seconds=1)):
            world.clock.advance(seconds=wait.total_seconds())
            for name, (who, client) in product(RECENT, callers.items()):
                for method in ("GET", "POST"):
                    answer = await client.request(method, f"/api/v1/{name}")
                    if answer.status_code == 200:
                        admitted[name].add(who)
                        assert wait == timedelta(minutes=5), name
                    elif wait != timedelta(minutes=5) and who in admitted[name]:
                        assert code(answer) == (403, "confirmation_required"), name
                    else:
                        assert code(answer) == (403, "forbidden"), name
    both = {"ada", "grace"}
    assert admitted == {name: both if name.startswith("signed_in") else {"grace"} for name in RECENT}


async def test_a_person_is_in_their_own_inbox(world: World, app: FastAPI, ada: User, grace: User) -> None:
    async with world.client(app=app, cookie=await world.cookie_of(ada)) as browser:
        assert (await browser.get("/api/v1/inbox")).json() == str(ada.id)
        assert (await browser.get(f"/api/v1/inbox?user={ada.id}")).json() == str(ada.id)
        for other in (grace.id, uuid4(), "unknown"):
            assert code(await browser.get(f"/api/v1/inbox?user={other}")) == (403, "forbidden")


async def test_an_administrator_in_person_has_but_their_own_inbox(
    world: World, app: FastAPI, ada: User, grace: User
) -> None:
    async with world.client(app=app, cookie=await world.cookie_of(grace)) as browser:
        assert code(await browser.get(f"/api/v1/inbox?user={ada.id}")) == (403, "forbidden")


async def test_a_recipient_is_in_their_own_inbox(world: World, app: FastAPI, guest: User) -> None:
    async with world.client(app=app, bearer=await recipient_token(world, guest)) as page:
        assert (await page.get("/api/v1/inbox")).json() == str(guest.id)
        assert (await page.post("/api/v1/inbox?user=guest-1")).json() == str(guest.id)


async def test_nobody_has_no_inbox(world: World, app: FastAPI) -> None:
    async with world.client(app=app) as nobody:
        assert code(await nobody.get("/api/v1/inbox")) == (401, "not_authenticated")


async def test_a_key_names_whose_inbox_by_id_or_external_id(world: World, app: FastAPI, guest: User) -> None:
    async with world.client(app=app, bearer=await world.key(Scope.NOTIFICATIONS_READ)) as server:
        for name in (str(guest.id), guest.id.hex.upper(), "guest-1"):
            assert (await server.get(f"/api/v1/inbox?user={name}")).json() == str(guest.id)


@pytest.mark.parametrize(
    ("query", "refusal"),
    [
        ("", (422, "user_required")),
        ("?user=", (404, "user_not_found")),
        ("?user=nobody", (404, "user_not_found")),
        ("?user=01980000-0000-7000-8000-000000000000", (404, "user_not_found")),
    ],
)
async def test_a_key_that_names_nobody_is_told(
    world: World, app: FastAPI, query: str, refusal: tuple[int, str]
) -> None:
    async with world.client(app=app, bearer=await world.key(Scope.NOTIFICATIONS_READ)) as server:
        assert code(await server.get(f"/api/v1/inbox{query}")) == refusal


async def test_an_id_comes_before_an_external_id_that_spells_it(world: World, app: FastAPI, ada: User) -> None:
    await world.add("mimic", external_id=str(ada.id), state=AccountState.RECIPIENT)
    async with world.client(app=app, bearer=await world.key(Scope.NOTIFICATIONS_READ)) as server:
        assert (await server.get(f"/api/v1/inbox?user={ada.id}")).json() == str(ada.id)


async def test_a_key_reads_with_one_scope_and_changes_with_another(world: World, app: FastAPI, ada: User) -> None:
    path = f"/api/v1/inbox?user={ada.id}"
    async with world.client(app=app, bearer=await world.key(Scope.NOTIFICATIONS_READ)) as reader:
        assert (await reader.get(path)).status_code == 200
        assert code(await reader.post(path)) == (403, "insufficient_scope")
    async with world.client(app=app, bearer=await world.key(Scope.NOTIFICATIONS_SEND)) as sender:
        assert (await sender.post(path)).status_code == 200
        assert code(await sender.get(path)) == (403, "insufficient_scope")


async def test_a_regular_persons_key_reads_their_inbox_alone(
    world: World, app: FastAPI, ada: User, grace: User
) -> None:
    async with world.client(app=app, bearer=await world.key(Scope.NOTIFICATIONS_READ, owner=ada)) as server:
        assert (await server.get(f"/api/v1/inbox?user={ada.id}")).json() == str(ada.id)
        assert code(await server.get(f"/api/v1/inbox?user={grace.id}")) == (403, "forbidden")


async def test_an_administrators_key_reads_any_inbox(world: World, app: FastAPI, ada: User, grace: User) -> None:
    async with world.client(app=app, bearer=await world.key(Scope.NOTIFICATIONS_READ, owner=grace)) as server:
        assert (await server.get(f"/api/v1/inbox?user={ada.id}")).json() == str(ada.id)
