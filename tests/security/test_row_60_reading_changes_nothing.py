"""Row 60: GET changes nothing: a mail scanner that opens every link uses no token and decides nothing.

Two addresses of a provider's sign-in are GET because a browser is sent there. What they write is said below to the row.
"""

from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.accounts.mailbox import newest
from tests.accounts.oidc import Tenant
from tests.clock import StoppedClock
from tests.security.whole.asking import open_every_door, without_limits
from tests.security.whole.inhabitants import Inhabitants
from tests.security.whole.routes import STREAMS, Route, every_route
from tests.security.whole.sound import client_of, sound_question
from tests.services.oidc_provider import CLIENT_ID, CLIENT_SECRET
from tests.world import API, BASE_URL, Person, World, empty
from tidings import Tidings
from tidings.accounts.identities.models import OidcState
from tidings.accounts.identities.types import FlowPurpose
from tidings.accounts.identity_providers.discovery import ProviderDirectory
from tidings.kernel.db import Base
from tidings.kernel.outbound.addresses import parse_networks
from tidings.kernel.outbound.client import OutboundClient
from tidings.settings import Settings

NOTES = {"last_used_at", "idle_expires_at", "last_seen_at"}
"""When a credential was last used is noted after any answer; it decides nothing."""
RECORDS = {"tidings_audit_log", "tidings_audit_waiting"}
"""That somebody was refused is written down, also when they only wanted to read."""
TRIPS = OidcState.__tablename__
"""A browser that leaves for a provider has one row, for ten minutes, which only it can come back with."""
NEEDS_A_WORKER = "GET /users/me/export/download"
PAGES = ("verify-email", "reset-password", "confirm-email", "undo-email", "invitation")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return without_limits(tmp_path)


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
    """Every read, of something that exists: as a stranger, and as an administrator."""
    world = World(house, StoppedClock())
    await world.open()
    grace = await world.make_person("grace", admin=True)
    await open_club(house, grace, oidc_process)
    await open_every_door(grace)
    inhabitants = Inhabitants(world)
    async with client_of(inhabitants) as client:
        asked = [
            (who, route, await read_of(client, inhabitants, who, route))
            for who in ("nobody", "admin")
            for route in every_route(house.app)
            if route.method == "GET" and route.path not in STREAMS
        ]
        before = await everything(house)
        answers = [(who, str(route), await client.send(request)) for who, route, request in asked]
    after = await everything(house)
    left = [answer for *_, answer in answers if answer.headers.get("Location", "").startswith("http://127.0.0.1")]
    assert (before.pop(TRIPS), len(after.pop(TRIPS)), len(left)) == ([], 2, 2)
    assert after == before
    assert {route for who, route, answer in answers if who == "admin" and answer.is_error} == {NEEDS_A_WORKER}
    await world.close()


async def read_of(client: httpx.AsyncClient, inhabitants: Inhabitants, who: str, route: Route) -> httpx.Request:
    """A read that succeeds, with a token that a letter could have brought; whoever leaves does so for the club."""
    request = await sound_question(client, inhabitants, who, route)
    if route.places:
        inhabitants.forget(who)  # what was made for this route stays as it is
    url = request.url.copy_merge_params({"token": "x", "id": str(uuid4())})
    request.url = url.copy_with(path=f"{API}{route.at(slug='club')}") if "slug" in route.places else url
    return request


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
