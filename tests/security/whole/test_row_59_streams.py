"""Row 59: a stream opens for a cookie from a page of ours, or for a ticket that nobody used before.

Each page that a cookie may come from is shown by tests/notifications/test_streams_opening.py.
"""

import asyncio

import httpx
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.devices import StreamEnded, cookie_of, ticket_of
from tests.server import Live
from tests.world import BASE_URL, Person
from tidings.accounts.streams import authenticate_stream

PARALLEL = 16


async def opens_socket(live: Live, headers: dict[str, str], **query: str) -> bool:
    """Whether a WebSocket opens; one that does not is closed with 4500 before it is told anything."""
    device = await live.websocket(None, headers=headers, **query)
    try:
        return bool((await device.next())["type"] == "connected")
    except StreamEnded:
        assert await device.ended() == 4500
        assert device.passed == []
        return False


async def opens_events(live: Live, headers: dict[str, str], **query: str) -> bool:
    try:
        device = await live.events(None, headers=headers, **query)
    except httpx.HTTPStatusError as refusal:
        answer = refusal.response
    else:
        return bool((await device.next())["type"] == "connected")
    assert answer.status_code == 401
    return False


async def test_row_59_a_used_ticket_is_not_made_good_by_a_cookie(live: Live, ada: Person) -> None:
    ticket = await ticket_of(ada.client)
    own_page = {"Cookie": cookie_of(ada), "Origin": live.origin}
    assert await opens_socket(live, {}, ticket=ticket)
    assert not await opens_socket(live, own_page, ticket=ticket)


async def test_row_59_of_sixteen_who_present_one_ticket_at_once_one_is_let_in(live: Live, ada: Person) -> None:
    for opens in (opens_socket, opens_events):
        ticket = await ticket_of(ada.client)
        opened = await asyncio.gather(*(opens(live, {}, ticket=ticket) for _ in range(PARALLEL)))
        assert sorted(opened) == [*[False] * (PARALLEL - 1), True]
        assert not await opens(live, {}, ticket=ticket)


async def test_row_59_a_ticket_that_opened_one_kind_opens_no_other(live: Live, ada: Person) -> None:
    ticket = await ticket_of(ada.client)
    opened = await asyncio.gather(
        *(opens(live, {}, ticket=ticket) for opens in (opens_socket, opens_events) * (PARALLEL // 2))
    )
    assert opened.count(True) == 1


ORIGINS = st.lists(
    st.sampled_from(["http://", "https://", "testserver", "evil.example", ".", "@", ":80", ":8080", "/", " ", "null"]),
    max_size=5,
).map("".join)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.none() | ORIGINS | st.text(max_size=20))
async def test_row_59_no_text_but_an_allowed_origin_lets_a_cookie_in(ada: Person, origin: str | None) -> None:
    tidings, cookie = ada.world.tidings, cookie_of(ada).partition("=")[2]
    async with tidings.database.read() as session:
        caller = await authenticate_stream(
            session,
            keyring=tidings.keyring,
            now=tidings.clock.now(),
            cookie=cookie,
            origin=origin,
            allowed_origins=(BASE_URL,),
        )
    host, _, path = (origin or "").removeprefix("http://").partition("/")
    is_ours = (origin or "").startswith("http://") and host in {"testserver", "testserver:80"}
    assert (caller is not None) == is_ours, path
