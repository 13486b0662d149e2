"""What rights an account has, and the administrator who must stay."""

import asyncio

import pytest
from sqlalchemy import func, select

from tests.accounts.racing import open_connections
from tests.accounts.world import World, code
from tidings.accounts.audit.models import AuditEntry
from tidings.accounts.audit.types import SERVER, AuditAction
from tidings.accounts.errors import InvalidTransition, LastAdmin
from tidings.accounts.models import User
from tidings.accounts.types import AccessType
from tidings.accounts.users import change_access_type

ME = "/api/v1/users/me"


async def gives(world: World, user: User, access_type: AccessType) -> User:
    async with world.database.write() as session:
        return await change_access_type(session, user.id, access_type, by=SERVER, now=world.clock.now())


async def test_other_rights_ask_for_a_new_sign_in_and_are_recorded(world: World, ada: User, grace: User) -> None:
    async with await world.browser_of(ada) as browser:
        assert (await gives(world, ada, AccessType.ADMIN)).access_type is AccessType.ADMIN
        assert code(await browser.get(ME)) == (401, "not_authenticated")
    assert [(event.user_id, event.reason) for event in world.ended] == [(ada.id, "role_changed")]
    async with world.database.read() as session:
        changed = AuditEntry.action == AuditAction.ACCOUNT_CHANGED
        [entry] = await session.scalars(select(AuditEntry).where(changed))
    assert (entry.target_id, entry.detail) == (ada.id, {"field": "access_type", "from": "regular", "to": "admin"})


async def test_the_rights_one_has_are_no_change(world: World, ada: User) -> None:
    async with await world.browser_of(ada) as browser:
        await gives(world, ada, AccessType.REGULAR)
        assert (await browser.get(ME)).status_code == 200


async def test_a_recipient_has_no_rights(world: World, guest: User, grace: User) -> None:
    with pytest.raises(InvalidTransition):
        await gives(world, guest, AccessType.ADMIN)


async def test_the_last_administrator_stays_one(world: World, grace: User) -> None:
    with pytest.raises(LastAdmin):
        await gives(world, grace, AccessType.REGULAR)


async def test_of_sixteen_administrators_who_step_down_at_once_one_stays(world: World) -> None:
    admins = [await world.add(f"admin{number}", admin=True) for number in range(16)]
    await open_connections(world.database)
    outcomes = await asyncio.gather(
        *(gives(world, admin, AccessType.REGULAR) for admin in admins), return_exceptions=True
    )
    assert [type(outcome) for outcome in outcomes if not isinstance(outcome, User)] == [LastAdmin]
    async with world.database.read() as session:
        assert await session.scalar(select(func.count()).where(User.access_type == AccessType.ADMIN)) == 1
