"""Row 59 behind a proxy that ends TLS: a stream opens for the page of the base URL, and for no other name of it."""

import httpx
import pytest

from tests.devices import StreamEnded, cookie_of
from tests.server import Live
from tests.world import Person
from tidings.accounts.cookies import cookie_name
from tidings.settings import Settings

HTTPS = "https://tidings.example"
EMBEDDING = "https://app.example.org"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"base_url": HTTPS, "allowed_origins": (EMBEDDING,)})


async def is_let_in(live: Live, person: Person, headers: dict[str, str]) -> tuple[bool, bool]:
    """Whether the person's cookie opens a WebSocket, and an event stream."""
    shown = headers | {"Cookie": f"{cookie_name(HTTPS)}={cookie_of(person).partition('=')[2]}"}
    return await opens_socket(live, shown), await opens_events(live, shown)


async def opens_socket(live: Live, headers: dict[str, str]) -> bool:
    device = await live.websocket(None, headers=headers)
    try:
        return bool((await device.next())["type"] == "connected")
    except StreamEnded:
        code = await device.ended()
    assert code == 4500
    return False


async def opens_events(live: Live, headers: dict[str, str]) -> bool:
    try:
        device = await live.events(None, headers=headers)
        return bool((await device.next())["type"] == "connected")
    except httpx.HTTPStatusError as refusal:
        answer = refusal.response
    assert answer.status_code == 401
    return False


@pytest.mark.parametrize("origin", [HTTPS, EMBEDDING])
async def test_row_59_our_page_and_those_that_embed_us_open_a_stream(live: Live, ada: Person, origin: str) -> None:
    assert await is_let_in(live, ada, {"Origin": origin}) == (True, True)


async def test_row_59_what_stands_in_for_an_origin_opens_an_event_stream_alone(live: Live, ada: Person) -> None:
    """An EventSource of our own page sends no Origin; whoever opens a WebSocket without one is no browser."""
    assert await is_let_in(live, ada, {"Sec-Fetch-Site": "same-origin"}) == (False, True)


async def test_row_59_the_name_that_was_asked_is_not_ours_for_that(live: Live, ada: Person) -> None:
    for origin in (live.origin, live.origin.replace("http:", "https:"), HTTPS.replace("https:", "http:"), "null"):
        assert await is_let_in(live, ada, {"Origin": origin}) == (False, False), origin
    assert await is_let_in(live, ada, {}) == (False, False)
