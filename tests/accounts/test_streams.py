"""Who may open a stream, with what, and until when."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import jwt
import pytest

from tests.accounts.world import BASE_URL, World, code
from tests.clock import StoppedClock
from tidings.accounts.audit.types import SERVER
from tidings.accounts.callers import Caller, Credential
from tidings.accounts.models import User
from tidings.accounts.sessions import LIFE
from tidings.accounts.signing_secrets import create_signing_secret, delete_signing_secret
from tidings.accounts.streams import authenticate_stream
from tidings.accounts.tickets import purge_tickets
from tidings.accounts.types import AccountState, Scope
from tidings.accounts.users import suspend_user

ALLOWED = (BASE_URL, "https://app.example")
TICKET = "/api/v1/notifications/ws/ticket"


async def opened(world: World, **presented: Any) -> Caller | None:
    async with world.database.write() as session:
        return await authenticate_stream(
            session, keyring=world.keyring, now=world.clock.now(), allowed_origins=ALLOWED, **presented
        )


async def ticket_of(client: httpx.AsyncClient) -> str:
    answer = await client.post(TICKET)
    assert answer.status_code == 200
    assert answer.json()["expires_in"] == 30
    ticket: str = answer.json()["ticket"]
    return ticket


async def recipient_token(world: World, external_id: str) -> tuple[str, Any]:
    async with world.database.write() as session:
        row, secret = await create_signing_secret(
            session, name="shop", keyring=world.keyring, by=SERVER, now=world.clock.now()
        )
    claims = {"sub": external_id, "aud": "tidings", "exp": world.clock.now() + timedelta(hours=1)}
    return jwt.encode(claims, secret, "HS256"), row


@pytest.mark.parametrize("origin", ALLOWED)
async def test_a_cookie_with_an_allowed_origin_opens(world: World, ada: User, origin: str) -> None:
    caller = await opened(world, cookie=await world.cookie_of(ada), origin=origin)
    assert caller is not None
    assert (caller.user_id, caller.credential) == (ada.id, Credential.COOKIE)
    assert caller.expires_at == world.clock.now() + LIFE


@pytest.mark.parametrize("origin", [None, "", "null", "https://evil.example", "https://app.example.evil.example"])
async def test_a_cookie_without_an_allowed_origin_does_not(world: World, ada: User, origin: str | None) -> None:
    assert await opened(world, cookie=await world.cookie_of(ada), origin=origin) is None


async def test_nothing_presented_opens_nothing(world: World) -> None:
    assert await opened(world, origin=BASE_URL) is None


async def test_an_access_token_opens_until_it_expires(world: World, ada: User, clock: StoppedClock) -> None:
    token = (await world.tokens_of(ada)).access_token
    by_header = await opened(world, authorization=f"Bearer {token}")
    by_query = await opened(world, token=token)
    assert by_header == by_query
    assert by_query is not None
    assert by_query.expires_at == clock.now() + timedelta(minutes=15)
    clock.advance(minutes=15)
    assert await opened(world, token=token) is None


async def test_a_recipient_token_opens_the_recipients_stream(world: World, guest: User) -> None:
    token, _ = await recipient_token(world, "guest-1")
    caller = await opened(world, token=token)
    assert caller is not None
    assert (caller.user_id, caller.expires_at) == (guest.id, world.clock.now() + timedelta(hours=1))


async def test_an_api_key_opens_no_stream(world: World) -> None:
    key = await world.key(Scope.ADMIN)
    assert await opened(world, token=key) is None
    assert await opened(world, authorization=f"Bearer {key}") is None


async def test_a_ticket_opens_one_stream(world: World, ada: User) -> None:
    async with await world.browser_of(ada) as browser:
        ticket = await ticket_of(browser)
    caller = await opened(world, ticket=ticket)
    assert caller is not None
    assert (caller.user_id, caller.credential) == (ada.id, Credential.TICKET)
    assert await opened(world, ticket=ticket) is None


async def test_of_sixteen_who_present_one_ticket_one_enters(world: World, ada: User) -> None:
    async with await world.browser_of(ada) as browser:
        ticket = await ticket_of(browser)
    callers = await asyncio.gather(*(opened(world, ticket=ticket) for _ in range(16)))
    assert len([caller for caller in callers if caller is not None]) == 1


async def test_a_ticket_lasts_thirty_seconds(world: World, ada: User, clock: StoppedClock) -> None:
    async with await world.browser_of(ada) as browser:
        ticket, later = await ticket_of(browser), await ticket_of(browser)
    clock.advance(seconds=29)
    assert await opened(world, ticket=ticket) is not None
    clock.advance(seconds=1)
    assert await opened(world, ticket=later) is None


async def test_a_ticket_ends_when_what_it_was_made_with_ends(world: World, ada: User, clock: StoppedClock) -> None:
    tokens = await world.tokens_of(ada)
    async with world.client(bearer=tokens.access_token) as app:
        clock.advance(minutes=14, seconds=50)
        early, late = await ticket_of(app), await ticket_of(app)
    caller = await opened(world, ticket=early)
    assert caller is not None
    assert (caller.credential_id, caller.expires_at) == (tokens.session_id, tokens.access_expires_at)
    clock.advance(seconds=10)
    assert await opened(world, ticket=late) is None


async def test_signing_out_takes_the_tickets_along(world: World, ada: User) -> None:
    async with await world.browser_of(ada) as browser:
        ticket = await ticket_of(browser)
        await browser.post("/api/v1/auth/logout")
    assert await opened(world, ticket=ticket) is None


async def test_suspension_takes_the_tickets_along(world: World, ada: User, grace: User) -> None:
    async with await world.browser_of(ada) as browser:
        ticket = await ticket_of(browser)
    async with world.database.write() as session:
        await suspend_user(session, ada.id, by=SERVER, now=world.clock.now())
    assert await opened(world, ticket=ticket) is None


async def test_a_recipient_makes_a_ticket_that_dies_with_the_secret(world: World, guest: User) -> None:
    token, secret = await recipient_token(world, "guest-1")
    async with world.client(bearer=token) as host_page:
        used, unused = await ticket_of(host_page), await ticket_of(host_page)
    caller = await opened(world, ticket=used)
    assert caller is not None
    assert caller.user_id == guest.id
    async with world.database.write() as session:
        await delete_signing_secret(session, secret.id, by=SERVER, now=world.clock.now())
    assert await opened(world, ticket=unused) is None


async def test_a_key_makes_no_ticket(world: World) -> None:
    async with world.client(bearer=await world.key(Scope.ADMIN)) as server:
        assert code(await server.post(TICKET)) == (403, "forbidden")


@pytest.mark.parametrize("ticket", ["", "tdt_unknown", "é\0"])
async def test_an_unknown_ticket_opens_nothing_whatever_else_is_sent(world: World, ada: User, ticket: str) -> None:
    assert await opened(world, ticket=ticket, cookie=await world.cookie_of(ada), origin=BASE_URL) is None


async def test_tickets_nobody_used_are_purged(world: World, ada: User, clock: StoppedClock) -> None:
    async with await world.browser_of(ada) as browser:
        await ticket_of(browser)
    clock.advance(seconds=30)
    async with world.database.write() as session:
        assert await purge_tickets(session, now=clock.now()) == 1


async def test_a_user_who_is_no_longer_a_recipient_is_not_let_in_by_a_recipients_ticket(
    world: World, guest: User
) -> None:
    token, _ = await recipient_token(world, "guest-1")
    async with world.client(bearer=token) as host_page:
        ticket = await ticket_of(host_page)
    async with world.database.write() as session:
        (await session.get_one(User, guest.id)).state = AccountState.ACTIVE
    assert await opened(world, ticket=ticket) is None
