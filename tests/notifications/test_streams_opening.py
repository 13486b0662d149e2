"""Who may open a stream, with what, and from where."""

from datetime import timedelta

import httpx
import jwt
import pytest

from tests.clock import StoppedClock
from tests.devices import StreamEnded, bearer, cookie_of, ticket_of, tokens_of
from tests.server import Live
from tests.world import App, Person, World
from tidings.accounts.audit.types import SERVER
from tidings.accounts.signing_secrets import create_signing_secret
from tidings.accounts.types import Scope
from tidings.settings import Settings

EMBEDDING = "https://app.example.org"
FOREIGN = "https://evil.example.org"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"allowed_origins": (EMBEDDING,)})


async def is_let_in(
    live: Live, person: Person | None = None, headers: dict[str, str] | None = None, **query: str
) -> tuple[bool, bool]:
    """Whether this opens a WebSocket, and an event stream: refusals are close code 4500 and status 401."""
    return await opens_socket(live, person, headers, **query), await opens_events(live, person, headers, **query)


async def opens_socket(live: Live, person: Person | None, headers: dict[str, str] | None, **query: str) -> bool:
    device = await live.websocket(person, headers=headers, **query)
    try:
        return bool((await device.next())["type"] == "connected")
    except StreamEnded:
        code = await device.ended()
    assert code == 4500
    return False


async def opens_events(live: Live, person: Person | None, headers: dict[str, str] | None, **query: str) -> bool:
    try:
        device = await live.events(person, headers=headers, **query)
        return bool((await device.next())["type"] == "connected")
    except httpx.HTTPStatusError as refusal:
        answer = refusal.response
    assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")
    return False


IN, OUT = (True, True), (False, False)


async def test_a_cookie_from_our_own_page_opens(live: Live, ada: Person) -> None:
    assert await is_let_in(live, person=ada) == IN


async def test_a_cookie_from_the_base_url_opens(live: Live, ada: Person) -> None:
    assert await is_let_in(live, person=ada, headers={"Origin": "http://testserver"}) == IN


async def test_a_cookie_from_a_page_that_embeds_us_opens(live: Live, ada: Person) -> None:
    assert await is_let_in(live, person=ada, headers={"Origin": EMBEDDING}) == IN


@pytest.mark.parametrize(
    "origin",
    [FOREIGN, "null", "", f"{EMBEDDING}.evil.example", f"{EMBEDDING}@evil.example", "http://app.example.org"],
)
async def test_row_59_a_cookie_from_a_foreign_page_does_not_open(live: Live, ada: Person, origin: str) -> None:
    assert await is_let_in(live, person=ada, headers={"Origin": origin}) == OUT


async def test_row_59_a_cookie_that_does_not_say_where_it_comes_from_does_not_open(live: Live, ada: Person) -> None:
    assert await is_let_in(live, headers={"Cookie": cookie_of(ada)}) == OUT


async def test_nothing_opens_nothing(live: Live, ada: Person) -> None:
    assert await is_let_in(live) == OUT


async def test_an_access_token_opens_in_a_header_and_in_the_address(live: Live, ada: Person) -> None:
    token = (await tokens_of(ada)).access_token
    assert await is_let_in(live, headers=bearer(token)) == IN
    assert await is_let_in(live, token=token) == IN


async def test_a_token_opens_from_any_page_because_no_page_has_it_by_chance(live: Live, ada: Person) -> None:
    token = (await tokens_of(ada)).access_token
    assert await is_let_in(live, headers={"Origin": FOREIGN}, token=token) == IN


async def test_an_access_token_that_ended_opens_nothing(live: Live, ada: Person, clock: StoppedClock) -> None:
    token = (await tokens_of(ada)).access_token
    clock.advance(minutes=15)
    assert await is_let_in(live, token=token) == OUT


async def test_garbage_opens_nothing(live: Live) -> None:
    assert await is_let_in(live, token="garbage") == OUT
    assert await is_let_in(live, ticket="garbage") == OUT


async def test_a_ticket_opens_one_stream(live: Live, ada: Person) -> None:
    ticket = await ticket_of(ada.client)
    assert await is_let_in(live, ticket=ticket) == (True, False)


async def test_a_ticket_opens_an_event_stream_too(live: Live, ada: Person) -> None:
    device = await live.events(ticket=await ticket_of(ada.client))
    assert (await device.next())["type"] == "connected"


async def test_a_ticket_not_used_within_thirty_seconds_opens_nothing(
    live: Live, ada: Person, clock: StoppedClock
) -> None:
    ticket = await ticket_of(ada.client)
    clock.advance(seconds=30)
    assert await is_let_in(live, ticket=ticket) == OUT


async def test_a_recipient_token_opens_the_stream_of_somebody_who_never_signs_in(live: Live, world: World) -> None:
    await world.app.client.put("/users/by-external-id/guest", json={"name": "Guest"})
    assert await is_let_in(live, token=await signed_token(world, "guest")) == IN


async def test_a_recipient_token_does_not_speak_for_somebody_with_an_account(live: Live, ada: Person) -> None:
    assert await is_let_in(live, token=await signed_token(ada.world, "ada")) == OUT


async def test_a_recipients_ticket_opens_their_stream(live: Live, world: World) -> None:
    await world.app.client.put("/users/by-external-id/guest", json={"name": "Guest"})
    guest = world.client(headers=bearer(await signed_token(world, "guest")))
    device = await live.websocket(ticket=await ticket_of(guest))
    await device.next()
    await world.app.client.post("/notifications", json={"to": ["guest"], "type": "system", "title": "Hello"})
    assert (await device.next())["data"]["title"] == "Hello"


async def test_an_api_key_opens_nothing(live: Live, world: World, app: App) -> None:
    admin = await world.make_app(Scope.ADMIN)
    for key in (app.key, admin.key):
        assert await is_let_in(live, token=key) == OUT
        assert await is_let_in(live, headers=bearer(key)) == OUT


async def signed_token(world: World, external_id: str) -> str:
    """What a host signs for one of its people."""
    now = world.clock.now()
    async with world.tidings.database.write() as session:
        _, secret = await create_signing_secret(session, name="shop", keyring=world.tidings.keyring, by=SERVER, now=now)
    return jwt.encode({"sub": external_id, "aud": "tidings", "exp": now + timedelta(hours=1)}, secret, "HS256")


async def test_an_event_source_of_our_own_page_names_no_origin_and_is_let_in(live: Live, ada: Person) -> None:
    own_page = {"Cookie": cookie_of(ada), "Sec-Fetch-Site": "same-origin"}
    assert await opens_events(live, None, own_page)


@pytest.mark.parametrize("site", ["cross-site", "same-site", "none"])
async def test_an_event_source_that_comes_from_elsewhere_is_refused(live: Live, ada: Person, site: str) -> None:
    assert not await opens_events(live, None, {"Cookie": cookie_of(ada), "Sec-Fetch-Site": site})
