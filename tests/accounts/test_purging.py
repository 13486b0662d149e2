"""What is over is removed, and what still counts stays."""

from collections.abc import Sequence

from sqlalchemy import select

from tests.accounts.world import World, code
from tidings.accounts.models import Ticket, TokenPair, User, UserSession
from tidings.accounts.sessions import purge_sessions
from tidings.accounts.tickets import purge_tickets
from tidings.accounts.tokens import forget_successors, purge_tokens, refresh_tokens


async def pairs(world: World) -> Sequence[TokenPair]:
    async with world.database.read() as session:
        return (await session.scalars(select(TokenPair).order_by(TokenPair.id))).all()


async def refresh(world: World, token: str) -> str:
    async with world.database.write() as session:
        tokens = await refresh_tokens(session, token, keyring=world.keyring, now=world.clock.now())
    return tokens.refresh_token


async def test_a_refreshed_pair_is_known_for_thirty_days_and_then_refused_like_any_other(
    world: World, ada: User
) -> None:
    first = (await world.tokens_of(ada)).refresh_token
    second = await refresh(world, first)
    world.clock.advance(days=10)
    third = await refresh(world, second)
    world.clock.advance(days=10)
    await refresh(world, third)
    world.clock.advance(days=11)
    async with world.database.write() as session:
        assert await purge_tokens(session, now=world.clock.now()) == 1
    assert len(await pairs(world)) == 3
    async with world.client() as app:
        gone = await app.post("/api/v1/auth/refresh", json={"refresh_token": first})
        replayed = await app.post("/api/v1/auth/refresh", json={"refresh_token": second})
    assert (code(gone), code(replayed)) == ((401, "invalid_refresh_token"), (401, "refresh_token_replayed"))


async def test_a_sealed_successor_is_forgotten_when_its_time_is_over(world: World, ada: User) -> None:
    await refresh(world, (await world.tokens_of(ada)).refresh_token)
    for seconds, forgotten in ((30, 0), (1, 1), (0, 0)):
        world.clock.advance(seconds=seconds)
        async with world.database.write() as session:
            assert await forget_successors(session, now=world.clock.now()) == forgotten
        assert ((await pairs(world))[0].successor is None) == (seconds < 30)


async def test_sessions_that_ended_go_with_their_tokens(world: World, ada: User) -> None:
    await world.tokens_of(ada)
    world.clock.advance(days=89)
    await world.tokens_of(ada)
    world.clock.advance(days=2)
    async with world.database.write() as session:
        assert await purge_sessions(session, now=world.clock.now()) == 1
    async with world.database.read() as session:
        assert len((await session.scalars(select(UserSession))).all()) == 1
    assert len(await pairs(world)) == 1


async def test_tickets_nobody_used_are_removed(world: World, ada: User) -> None:
    async with world.client(bearer=(await world.tokens_of(ada)).access_token) as app:
        await app.post("/api/v1/notifications/ws/ticket")
        world.clock.advance(seconds=29)
        await app.post("/api/v1/notifications/ws/ticket")
    world.clock.advance(seconds=2)
    async with world.database.write() as session:
        await purge_tickets(session, now=world.clock.now())
    async with world.database.read() as session:
        assert [ticket.expires_at > world.clock.now() for ticket in await session.scalars(select(Ticket))] == [True]
