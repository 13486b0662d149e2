"""Row 60: GET changes nothing: a mail scanner that opens every link uses no token and decides nothing.

Two addresses of a provider's sign-in are GET because a browser is sent there. What they write is said below to the row.
"""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.accounts.mailbox import newest
from tests.accounts.oidc import Tenant
from tests.clock import StoppedClock
from tests.services.oidc_provider import CLIENT_ID, CLIENT_SECRET
from tests.world import BASE_URL, Person, World, empty
from tidings import Tidings
from tidings.accounts.identities.models import OidcState
from tidings.accounts.identities.types import FlowPurpose
from tidings.accounts.identity_providers.discovery import ProviderDirectory
from tidings.kernel.db import Base
from tidings.kernel.outbound.addresses import parse_networks
from tidings.kernel.outbound.client import OutboundClient
from tidings.settings import Settings
from tidings.web.description import openapi_document

NOTES = {"last_used_at", "idle_expires_at", "last_seen_at"}
"""When a credential was last used is noted after any answer; it decides nothing."""
RECORDS = {"tidings_audit_log", "tidings_audit_waiting"}
"""That somebody was refused is written down, also when they only wanted to read."""
TRIPS = OidcState.__tablename__
"""A browser that leaves for a provider has one row, for ten minutes, which only it can come back with."""
PAGES = ("verify-email", "reset-password", "confirm-email", "undo-email", "invitation")


@pytest.fixture
async def house(engine: AsyncEngine, settings: Settings) -> Tidings:
    """A whole Tidings, not the routes of accounts alone."""
    made = Tidings(engine, settings=settings, clock=StoppedClock())
    await empty(made.database)
    return made


async def open_club(house: Tidings, grace: Person, oidc_process: str) -> None:
    """Let people sign in with the provider `club`, as an administrator does."""
    tenant = Tenant(f"{oidc_process}/{uuid4().hex}")
    await tenant.behaves(moment=house.clock.now().timestamp())
    house.app.state.provider_directory = ProviderDirectory(OutboundClient(allow=parse_networks(["127.0.0.1"])))
    club = {"slug": "club", "name": "The Club", "issuer": tenant.issuer, "client_id": CLIENT_ID, "enabled": True}
    made = await grace.client.post("/identity-providers", json={**club, "client_secret": CLIENT_SECRET})
    assert made.status_code == 201, made.text
    settings = (await grace.client.get("/server-settings")).json()
    assert (await grace.client.put("/server-settings", json=settings | {"sso_enabled": True})).status_code == 200


async def trips(house: Tidings) -> list[OidcState]:
    async with house.database.read() as session:
        return list(await session.scalars(select(OidcState)))


async def everything(house: Tidings) -> dict[str, list[str]]:
    """Every row of every table."""
    dump = {}
    async with house.database.read() as session:
        for table in [table for table in Base.metadata.sorted_tables if table.name not in RECORDS]:
            columns = [column for column in table.columns if column.name not in NOTES]
            dump[table.name] = sorted(repr(tuple(row)) for row in await session.execute(select(*columns)))
    return dump


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_row_60_opening_the_link_of_a_letter_uses_nothing(house: Tidings, method: str) -> None:
    world = World(house, StoppedClock())
    await world.open()
    ada = await world.make_person("ada")
    stranger = world.client()
    await stranger.post("/auth/password-reset/request", json={"email": "ada@example.org"})
    token = (await newest(house, "password_reset")).token
    before = await everything(house)
    for client in (stranger, ada.client):
        for page in PAGES:
            await client.request(method, f"{BASE_URL}/{page}?token={token}")
        for path in ("verify-email", "password-reset/confirm", "invitation"):
            opened = await client.request(method, f"/auth/{path}", params={"token": token})
            assert opened.status_code in {404, 405}
    assert await everything(house) == before
    reset = {"token": token, "new_password": "another horse, another staple"}
    assert (await stranger.post("/auth/password-reset/confirm", json=reset)).status_code == 200
    await world.close()


async def test_row_60_no_route_changes_anything_when_it_is_read(house: Tidings, oidc_process: str) -> None:
    world = World(house, StoppedClock())
    await world.open()
    grace = await world.make_person("grace", admin=True)
    await grace.receives("message", title="News")
    await open_club(house, grace, oidc_process)
    before = await everything(house)
    read = left = 0
    for path, operations in openapi_document(house.app)["paths"].items():
        if "get" in operations and not path.endswith(("/stream", "/ws")):
            named = path.replace("{user_id}", str(grace.id)).replace("{slug}", "club")
            named = named.replace("{", "").replace("}", "")
            for client in (grace.client, world.app.client, world.client()):
                answer = await client.get(f"{BASE_URL}{named}", params={"token": "x", "id": str(uuid4())})
                assert answer.status_code < 500, named
                left += answer.headers.get("Location", "").startswith("http://127.0.0.1")
            read += 1
    assert read > 20
    after = await everything(house)
    assert (before.pop(TRIPS), len(after.pop(TRIPS)), left) == ([], 3, 3)
    assert after == before
    await world.close()


async def test_row_60_who_leaves_for_a_provider_is_remembered_for_ten_minutes_and_no_more(
    house: Tidings, oidc_process: str
) -> None:
    world = World(house, StoppedClock())
    await world.open()
    grace = await world.make_person("grace", admin=True)
    await open_club(house, grace, oidc_process)
    before = await everything(house)
    start, callback = (f"{BASE_URL}/api/v1/auth/oidc/club/{page}" for page in ("start", "callback"))
    sent = await grace.client.get(start, params={"next": "/profile"})
    (trip,) = await trips(house)
    assert (trip.purpose, trip.user_id, trip.return_path) == (FlowPurpose.SIGN_IN, None, "/profile")
    assert trip.expires_at == house.clock.now() + timedelta(minutes=10)
    assert {name: rows for name, rows in (await everything(house)).items() if name != TRIPS} == {
        name: rows for name, rows in before.items() if name != TRIPS
    }
    state = parse_qs(urlsplit(sent.headers["Location"]).query)["state"][0]
    await world.client().get(callback, params={"state": "made-up", "code": "x"})
    assert len(await trips(house)) == 1
    await world.client().get(callback, params={"state": state, "code": "x"})  # another browser: the state is spent
    assert await everything(house) == before
    await world.close()
