"""Row 35: the last administrator cannot be lost, by whatever way, even by a race."""

from collections.abc import Awaitable, Callable, Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from tests.accounts.racing import at_once
from tests.accounts.world import World
from tidings.accounts.audit.types import SERVER
from tidings.accounts.errors import LastAdmin
from tidings.accounts.models import User
from tidings.accounts.types import AccessType, AccountState
from tidings.accounts.users import change_access_type, delete_user, suspend_user
from tidings.kernel.errors import TidingsError


async def suspends(session: AsyncSession, world: World, user: User) -> None:
    await suspend_user(session, user.id, by=SERVER, now=world.clock.now())


async def deletes(session: AsyncSession, world: World, user: User) -> None:
    await delete_user(session, user.id, by=SERVER, now=world.clock.now())


async def demotes(session: AsyncSession, world: World, user: User) -> None:
    await change_access_type(session, user.id, AccessType.REGULAR, by=SERVER, now=world.clock.now())


Way = Callable[[AsyncSession, World, User], Awaitable[None]]
WAYS: tuple[Way, ...] = (suspends, deletes, demotes)


async def refusals(world: World, *losses: tuple[Way, User]) -> Sequence[type[TidingsError]]:
    """Lose all of them at once; why those who stayed did."""
    waiting = iter(losses)

    async def lose(session: AsyncSession) -> type[TidingsError] | None:
        way, user = next(waiting)
        try:
            await way(session, world, user)
        except TidingsError as refusal:
            await session.rollback()
            return type(refusal)
        return None

    return [refusal for refusal in await at_once(world.database, lose, len(losses)) if refusal is not None]


async def test_row_35_of_sixteen_administrators_lost_at_once_in_every_way_one_stays(world: World) -> None:
    admins = [await world.add(f"admin{number}", admin=True) for number in range(16)]
    lost = [(WAYS[number % 3], admin) for number, admin in enumerate(admins)]
    assert await refusals(world, *lost) == [LastAdmin]
    assert len(await active_admins(world)) == 1


async def test_row_35_one_administrator_is_lost_in_no_way(world: World, grace: User, ada: User) -> None:
    for way in WAYS:
        assert await refusals(world, (way, grace)) == [LastAdmin]
    assert len(await active_admins(world)) == 1


async def test_row_35_of_two_who_remove_each_other_in_different_ways_one_stays(world: World) -> None:
    for number in range(8):
        earlier = await active_admins(world)
        one, other = [await world.add(f"{name}{number}", admin=True) for name in ("one", "other")]
        await refusals(world, (suspends, one), (demotes, other), (deletes, one), *((demotes, each) for each in earlier))
        assert await active_admins(world)


async def active_admins(world: World) -> Sequence[User]:
    async with world.database.read() as session:
        is_admin = User.access_type == AccessType.ADMIN, User.state == AccountState.ACTIVE
        return (await session.scalars(select(User).where(*is_admin))).all()
