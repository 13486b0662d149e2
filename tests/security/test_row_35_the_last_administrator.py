"""Row 35: the last administrator cannot be lost, by whatever way, even by a race."""

import asyncio
from collections.abc import Awaitable, Callable

from sqlalchemy import func, select

from tests.accounts.world import World
from tidings.accounts.audit.types import SERVER
from tidings.accounts.errors import LastAdmin
from tidings.accounts.models import User
from tidings.accounts.types import AccessType, AccountState
from tidings.accounts.users import change_access_type, delete_user, suspend_user


async def suspends(world: World, user: User) -> None:
    async with world.database.write() as session:
        await suspend_user(session, user.id, by=SERVER, now=world.clock.now())


async def deletes(world: World, user: User) -> None:
    async with world.database.write() as session:
        await delete_user(session, user.id, by=SERVER, now=world.clock.now())


async def demotes(world: World, user: User) -> None:
    async with world.database.write() as session:
        await change_access_type(session, user.id, AccessType.REGULAR, by=SERVER, now=world.clock.now())


WAYS: tuple[Callable[[World, User], Awaitable[None]], ...] = (suspends, deletes, demotes)


async def test_row_35_of_sixteen_administrators_lost_at_once_in_every_way_one_stays(world: World) -> None:
    admins = [await world.add(f"admin{number}", admin=True) for number in range(16)]
    outcomes = await asyncio.gather(
        *(WAYS[number % 3](world, admin) for number, admin in enumerate(admins)), return_exceptions=True
    )
    assert [type(outcome) for outcome in outcomes if outcome is not None] == [LastAdmin]
    assert await active_admins(world) == 1


async def test_row_35_one_administrator_is_lost_in_no_way(world: World, grace: User, ada: User) -> None:
    for way in WAYS:
        outcome = (await asyncio.gather(way(world, grace), return_exceptions=True))[0]
        assert isinstance(outcome, LastAdmin)
    assert await active_admins(world) == 1


async def test_row_35_of_two_who_remove_each_other_in_different_ways_one_stays(world: World) -> None:
    for number in range(8):
        one, other = [await world.add(f"{name}{number}", admin=True) for name in ("one", "other")]
        await asyncio.gather(suspends(world, one), demotes(world, other), deletes(world, one), return_exceptions=True)
        assert await active_admins(world) >= 1


async def active_admins(world: World) -> int:
    async with world.database.read() as session:
        is_admin = User.access_type == AccessType.ADMIN, User.state == AccountState.ACTIVE
        return await session.scalar(select(func.count()).select_from(User).where(*is_admin)) or 0
