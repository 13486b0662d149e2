"""Where nobody signs in with a password, an administrator can always come in through a provider: even after a race."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias
from uuid import UUID

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from tests.accounts.racing import somebody_waits
from tests.accounts.world import World, code
from tests.waiting import until
from tidings.accounts.audit.types import SERVER
from tidings.accounts.governing import govern
from tidings.accounts.identities.errors import LastWayIn
from tidings.accounts.identities.linking import unlink_identity, unlink_own_identity
from tidings.accounts.identities.models import Identity
from tidings.accounts.identities.removing_providers import remove_provider
from tidings.accounts.identity_providers.changing import change_provider, create_provider
from tidings.accounts.identity_providers.models import IdentityProvider
from tidings.accounts.models import User
from tidings.accounts.server_settings.errors import NoWayIn
from tidings.accounts.server_settings.models import ServerSettings
from tidings.accounts.types import AccessType, AccountState
from tidings.accounts.users import change_access_type, suspend_user
from tidings.kernel.ids import new_id

NO_PASSWORDS = {"local_login_enabled": False, "sso_enabled": True, "sso_auto_redirect": False}
PASSWORDS = NO_PASSWORDS | {"local_login_enabled": True}
IN_OFFICE = {"state": AccountState.ACTIVE, "access_type": AccessType.ADMIN}
Closing: TypeAlias = Callable[[World, UUID], Awaitable[None]]


async def decides(world: World, values: dict[str, Any]) -> None:
    async with world.database.write() as session:
        await govern(session, values, keyring=world.keyring, by=SERVER, now=world.clock.now())


async def switches_passwords_off(world: World, _provider: UUID) -> None:
    await decides(world, NO_PASSWORDS)


async def switches_provider_off(world: World, provider: UUID) -> None:
    async with world.database.write() as session:
        changes = {"enabled": False}
        await change_provider(session, provider, changes, keyring=world.keyring, by=SERVER, now=world.clock.now())


async def removes(world: World, provider: UUID) -> None:
    await remove_provider(world.database, provider, but=None, by=SERVER, now=world.clock.now())


async def linked_at(session: AsyncSession, provider: UUID) -> Identity:
    """What hangs on it."""
    return (await session.scalars(select(Identity).where(Identity.provider_id == provider))).one()


async def suspends_the_linked_one(world: World, provider: UUID) -> None:
    async with world.database.write() as session:
        identity = await linked_at(session, provider)
        await suspend_user(session, identity.user_id, by=SERVER, now=world.clock.now())


async def demotes_the_linked_one(world: World, provider: UUID) -> None:
    async with world.database.write() as session:
        user_id, now = (await linked_at(session, provider)).user_id, world.clock.now()
        await change_access_type(session, user_id, AccessType.REGULAR, by=SERVER, now=now)


async def unlinks_the_linked_one(world: World, provider: UUID) -> None:
    async with world.database.write() as session:
        identity = await linked_at(session, provider)
        await unlink_identity(session, identity.user_id, identity.id, by=SERVER, now=world.clock.now())


CLOSINGS = (
    switches_provider_off,
    removes,
    suspends_the_linked_one,
    demotes_the_linked_one,
    unlinks_the_linked_one,
)


async def linked(world: World, user: User, slug: str) -> UUID:
    """A provider this user comes in with."""
    values: dict[str, Any] = {
        "slug": slug,
        "name": slug,
        "template": None,
        "issuer": f"https://{slug}.example",
        "client_id": "tidings",
    }
    values |= {"scopes": ["openid"], "position": 0, "enabled": True}
    values |= {"auto_create": False, "trust_email": False, "sync_profile": False}
    now = world.clock.now()
    async with world.database.write() as session:
        provider = await create_provider(session, values, client_secret=None, keyring=world.keyring, by=SERVER, now=now)
        identity = {"issuer": provider.issuer, "subject": "1", "created_at": now}
        session.add(Identity(id=new_id(), user_id=user.id, provider_id=provider.id, **identity))
    return provider.id


async def begin_anew(world: World, grace: User) -> None:
    """Passwords again, an administrator, and no provider."""
    await decides(world, PASSWORDS)
    async with world.database.write() as session:
        await session.execute(delete(IdentityProvider))
        await session.execute(update(User).where(User.id == grace.id).values(**IN_OFFICE))


@pytest.mark.parametrize("closing", CLOSINGS)
async def test_of_a_way_in_and_the_other_that_are_closed_at_once_one_stays_open(
    world: World, grace: User, closing: Closing
) -> None:
    await world.add("linus", admin=True)
    for number in range(4):
        provider = await linked(world, grace, f"club{number}")
        ways = [switches_passwords_off(world, provider), closing(world, provider)]
        outcomes = await asyncio.gather(*(ways if number % 2 else reversed(ways)), return_exceptions=True)
        assert [type(outcome) for outcome in outcomes if outcome is not None] == [NoWayIn]
        await begin_anew(world, grace)


async def test_nobody_gives_up_their_provider_for_a_password_that_is_switched_off_meanwhile(
    world: World, grace: User
) -> None:
    provider = await linked(world, grace, "club")

    async def gives_it_up() -> None:
        async with world.database.write() as session:
            identity, now = await linked_at(session, provider), world.clock.now()
            await unlink_own_identity(session, grace.id, identity.id, session_id=None, by=SERVER, now=now)

    async with world.database.write() as session:
        await govern(session, NO_PASSWORDS, keyring=world.keyring, by=SERVER, now=world.clock.now())
        giving_up = asyncio.create_task(gives_it_up())

        async def it_came_to_that() -> bool:
            return giving_up.done() or await somebody_waits(world.database)

        await until(it_came_to_that)
    with pytest.raises((NoWayIn, LastWayIn)):
        await giving_up


async def test_of_two_providers_that_go_at_once_one_stays(world: World, grace: User) -> None:
    one, other = [await linked(world, grace, slug) for slug in ("one", "other")]
    await decides(world, NO_PASSWORDS)
    outcomes = await asyncio.gather(switches_provider_off(world, one), removes(world, other), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes if outcome is not None] == [NoWayIn]


async def test_the_first_decisions_of_all_made_at_once_are_all_taken(world: World) -> None:
    await asyncio.gather(*(decides(world, PASSWORDS | {"num_records_per_page": number + 1}) for number in range(8)))
    async with world.database.read() as session:
        assert len((await session.scalars(select(ServerSettings))).all()) == 1


async def test_the_only_administrator_who_gets_in_is_not_lost(world: World, grace: User) -> None:
    linus = await world.add("linus", admin=True)
    await linked(world, grace, "club")
    await decides(world, NO_PASSWORDS)
    async with await world.browser_of(linus) as browser, await world.browser_of(grace) as own:
        one = f"/api/v1/users/{grace.id}"
        assert code(await browser.post(f"{one}/suspend")) == (409, "no_way_in")
        assert code(await browser.delete(one)) == (409, "no_way_in")
        assert code(await browser.patch(one, json={"access_type": "regular"})) == (409, "no_way_in")
        assert code(await own.delete("/api/v1/users/me")) == (409, "no_way_in")
        assert (await own.get("/api/v1/users/me")).json()["access_type"] == "admin"
        await decides(world, PASSWORDS)
        assert (await browser.post(f"{one}/suspend")).status_code == 200
