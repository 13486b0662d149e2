"""Sessions end: when idle, when old, when their user may no longer act."""

from datetime import datetime
from uuid import UUID

import pytest
from sqlalchemy import select

from tests.accounts.world import World, code
from tests.clock import StoppedClock
from tidings.accounts.models import User, UserSession
from tidings.accounts.sessions import purge_sessions
from tidings.accounts.types import AccountState

ME = "/api/v1/users/me"


async def last_used(world: World, user_id: UUID) -> datetime | None:
    async with world.database.read() as session:
        return await session.scalar(select(UserSession.last_used_at).where(UserSession.user_id == user_id))


async def test_two_idle_weeks_end_a_session(world: World, ada: User, clock: StoppedClock) -> None:
    async with await world.browser_of(ada) as browser:
        clock.advance(days=14)
        assert code(await browser.get(ME)) == (401, "not_authenticated")


async def test_reading_keeps_a_session_alive(world: World, ada: User, clock: StoppedClock) -> None:
    async with await world.browser_of(ada) as browser:
        for _ in range(8):
            clock.advance(days=10)
            assert (await browser.get(ME)).status_code == 200


async def test_ninety_days_end_a_session_however_busy(world: World, ada: User, clock: StoppedClock) -> None:
    async with await world.browser_of(ada) as browser:
        for _ in range(9):
            await browser.get(ME)
            clock.advance(days=10)
        assert code(await browser.get(ME)) == (401, "not_authenticated")


async def test_use_is_noted_at_most_every_five_minutes(world: World, ada: User, clock: StoppedClock) -> None:
    started = clock.now()
    async with await world.browser_of(ada) as browser:
        clock.advance(minutes=4)
        await browser.get(ME)
        assert await last_used(world, ada.id) == started
        clock.advance(minutes=1)
        await browser.get(ME)
        assert await last_used(world, ada.id) == clock.now()


@pytest.mark.parametrize("state", [state for state in AccountState if state is not AccountState.ACTIVE])
async def test_only_an_active_user_acts(world: World, state: AccountState) -> None:
    user = await world.add("eve", state=state, external_id="eve")
    tokens = await world.tokens_of(user)
    async with await world.browser_of(user) as browser, world.client(bearer=tokens.access_token) as app:
        assert code(await browser.get(ME)) == (401, "not_authenticated")
        assert code(await app.get(ME)) == (401, "not_authenticated")


async def test_a_refusal_names_the_scheme(world: World) -> None:
    async with world.client() as nobody:
        assert (await nobody.get(ME)).headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize(
    "authorization", ["", "Bearer", "Bearer ", "Basic YWRhOmE=", "Bearer tda_x", "Bearer tdk_x", "Bearer a.b.c", "é"]
)
async def test_a_header_that_proves_nothing_is_refused(world: World, ada: User, authorization: str) -> None:
    async with await world.browser_of(ada) as browser:
        answer = await browser.get(ME, headers={b"Authorization": authorization.encode()})
    assert code(answer) == (401, "not_authenticated")


async def test_sessions_that_are_over_are_purged(world: World, ada: User, clock: StoppedClock) -> None:
    await world.cookie_of(ada)
    clock.advance(days=7)
    await world.cookie_of(ada)
    clock.advance(days=7)
    async with world.database.write() as session:
        assert await purge_sessions(session, now=clock.now()) == 1
        assert await purge_sessions(session, now=clock.now()) == 0
