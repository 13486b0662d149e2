"""Removing one's own account."""

from sqlalchemy import select

from tests.accounts.settings import open_sign_up
from tests.accounts.test_sign_up import linus, sign_up
from tests.accounts.world import World, code
from tidings.accounts.audit.models import AuditEntry
from tidings.accounts.audit.types import AuditAction
from tidings.accounts.events import ApprovalHandled, UserDeleting
from tidings.accounts.models import User
from tidings.accounts.types import Scope

ME = "/api/v1/users/me"


async def test_whoever_signed_in_lately_removes_their_account(world: World, ada: User, grace: User) -> None:
    async with await world.browser_of(ada) as browser:
        answer = await browser.delete(ME)
        assert answer.status_code == 204
        assert "tidings=" in answer.headers["set-cookie"]
        assert code(await browser.get(ME)) == (401, "not_authenticated")
    assert await world.user(ada.id) is None
    assert UserDeleting(ada.id) in world.heard
    async with world.database.read() as session:
        [entry] = await session.scalars(select(AuditEntry).where(AuditEntry.action == AuditAction.ACCOUNT_DELETED))
    assert (entry.actor_id, entry.target_id) == (ada.id, ada.id)


async def test_a_session_that_lies_open_is_not_enough(world: World, ada: User) -> None:
    async with await world.browser_of(ada) as browser:
        world.clock.advance(minutes=6)
        assert code(await browser.delete(ME)) == (403, "confirmation_required")
    assert await world.user(ada.id) is not None


async def test_the_last_administrator_cannot_remove_themselves(world: World, grace: User) -> None:
    async with await world.browser_of(grace) as browser:
        assert code(await browser.delete(ME)) == (409, "last_admin")
        assert (await browser.get(ME)).status_code == 200


async def test_a_key_removes_nobody_s_own_account(world: World, grace: User) -> None:
    async with world.client(bearer=await world.key(Scope.ADMIN, owner=grace)) as server:
        assert code(await server.delete(ME)) == (403, "forbidden")


async def test_whoever_waited_for_an_administrator_is_no_longer_asked_about(world: World, grace: User) -> None:
    await open_sign_up(world, approval=True)
    await sign_up(world)
    user = await linus(world)
    async with await world.browser_of(grace) as browser:
        assert (await browser.delete(f"/api/v1/users/{user.id}")).status_code == 204
    assert ApprovalHandled(user.id) in world.heard
