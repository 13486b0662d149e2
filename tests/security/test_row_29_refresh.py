"""Row 29: a refresh token has one successor, however many ask at once; whoever comes late with it ends the family."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from itertools import count

import httpx
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.accounts.racing import open_connections
from tests.accounts.signing_in import API, ME
from tests.accounts.world import World, code
from tests.clock import StoppedClock
from tidings.accounts.models import TokenPair, User
from tidings.accounts.tokens import GRACE
from tidings.kernel.db import open_database

REPLAYED, INVALID = (401, "refresh_token_replayed"), (401, "invalid_refresh_token")
STEPS = st.lists(
    st.tuples(st.integers(0, 4), st.sampled_from([0, 1, 30, 31, 3_600])),  # how far back, how many seconds later
    min_size=3,
    max_size=10,
)
people = count()


@pytest.fixture
async def elsewhere(world: World, engine: AsyncEngine) -> AsyncIterator[World]:
    """Another process on the same database: with connections, and on SQLite a queue of writers, of its own."""
    database = open_database(engine.url.render_as_string(hide_password=False))
    for each in (world.database, database):
        await open_connections(each)
    yield World(database, clock=world.clock, keyring=world.keyring)
    await database.engine.dispose()


async def refresh(client: httpx.AsyncClient, token: str) -> httpx.Response:
    return await client.post(f"{API}/auth/refresh", json={"refresh_token": token})


async def opens(world: World, access_token: str) -> bool:
    async with world.client(bearer=access_token) as app:
        return (await app.get(ME)).status_code == 200


async def pairs(world: World) -> int:
    async with world.database.read() as session:
        return await session.scalar(select(func.count()).select_from(TokenPair)) or 0


async def test_row_29_of_sixteen_who_refresh_at_once_each_gets_the_one_successor(
    world: World, elsewhere: World, ada: User
) -> None:
    token = (await world.tokens_of(ada)).refresh_token
    async with world.client() as here, elsewhere.client() as there:
        for generation in (2, 3):
            answers = await asyncio.gather(*(refresh(client, token) for client in (here, there) * 8))
            assert {answer.status_code for answer in answers} == {200}, [answer.text for answer in answers]
            assert len({answer.text for answer in answers}) == 1
            assert await pairs(world) == generation
            token = answers[0].json()["refresh_token"]
            assert await opens(world, answers[0].json()["access_token"])
    assert world.ended + elsewhere.ended == []


async def test_row_29_sixteen_late_replays_at_once_end_the_family_once(
    world: World, elsewhere: World, ada: User, clock: StoppedClock
) -> None:
    tokens = await world.tokens_of(ada)
    async with world.client() as here, elsewhere.client() as there:
        fresh = (await refresh(here, tokens.refresh_token)).json()
        clock.advance(seconds=31)
        answers = await asyncio.gather(*(refresh(client, tokens.refresh_token) for client in (here, there) * 8))
        refusals = Counter(map(code, answers))
        assert set(refusals) <= {REPLAYED, INVALID}  # for whoever came when it had ended there was no such token
        assert refusals[REPLAYED] >= 1
        assert code(await refresh(here, fresh["refresh_token"])) == INVALID
    assert not await opens(world, fresh["access_token"])
    ended = [(event.session_ids, event.reason) for event in world.ended + elsewhere.ended]
    assert ended == [((tokens.session_id,), "replayed")]


async def test_row_29_a_late_replay_ends_the_family_that_is_refreshed_at_that_moment(
    world: World, elsewhere: World, ada: User, clock: StoppedClock
) -> None:
    """The thief is late with the old token while the owner goes on with the new one: neither has anything after."""
    tokens = await world.tokens_of(ada)
    async with world.client() as here, elsewhere.client() as there:
        fresh = (await refresh(here, tokens.refresh_token)).json()
        clock.advance(seconds=31)
        asked = [(here, fresh["refresh_token"]), (there, tokens.refresh_token)] * 8
        answers = await asyncio.gather(*(refresh(client, token) for client, token in asked))
        given_out = [answer.json() for answer in answers if answer.status_code == 200]
        assert REPLAYED in {code(answer) for answer in answers if answer.status_code != 200}
        for each in (fresh, *given_out[:1]):
            assert code(await refresh(here, each["refresh_token"])) == INVALID
            assert not await opens(world, each["access_token"])


async def test_row_29_the_family_next_to_it_lives_on(world: World, ada: User, clock: StoppedClock) -> None:
    tokens, others = await world.tokens_of(ada), await world.tokens_of(ada)
    async with world.client() as app:
        await refresh(app, tokens.refresh_token)
        clock.advance(seconds=31)
        assert code(await refresh(app, tokens.refresh_token)) == REPLAYED
        assert (await refresh(app, others.refresh_token)).status_code == 200


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
@example([(0, 0), (1, 30), (0, 0), (1, 31)])  # asked for again at the last moment, and a moment too late
@example([(0, 0), (0, 0), (2, 30), (0, 31), (3, 0)])
async def test_row_29_whatever_comes_back_and_when(world: World, steps: Sequence[tuple[int, int]]) -> None:
    """Each token leads to its successor for 30 seconds from its first use; then it ends every token there is."""
    tokens = await world.tokens_of(await world.add(f"ada{next(people)}"))
    known, used = [tokens.refresh_token], list[datetime]()
    is_over = False
    async with world.client() as app:
        for back, seconds in steps:
            world.clock.advance(seconds=seconds)
            now, which = world.clock.now(), max(len(known) - 1 - back, 0)
            answer = await refresh(app, known[which])
            if is_over:
                assert code(answer) == INVALID
            elif which == len(used):
                known.append(answer.json()["refresh_token"])
                used.append(now)
            elif now <= used[which] + GRACE:
                assert answer.json()["refresh_token"] == known[which + 1]
            else:
                assert code(answer) == REPLAYED
                is_over = True
    assert len(set(known)) == len(known)
