"""Where nobody signs in with a password, an administrator can always come in through a provider: even after a race."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias
from uuid import UUID

import pytest
from sqlalchemy import delete, select, update

from tests.accounts.world import World, code
from tidings.accounts.audit.types import SERVER
from tidings.accounts.governing import govern
from tidings.accounts.identities.models import Identity
from tidings.accounts.identity_providers.changing import change_provider, create_provider, delete_provider
from tidings.accounts.identity_providers.models import IdentityProvider
from tidings.accounts.models import User
from tidings.accounts.server_settings.errors import NoWayIn
from tidings.accounts.server_settings.models import ServerSettings
from tidings.accounts.types import AccountState
from tidings.accounts.users import suspend_user
from tidings.accounts.ways_in import check_an_admin_gets_in
from tidings.kernel.ids import new_id

NO_PASSWORDS = {"local_login_enabled": False, "sso_enabled": True, "sso_auto_redirect": False}
PASSWORDS = NO_PASSWORDS | {"local_login_enabled": True}
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
        await check_an_admin_gets_in(session)


async def deletes_provider(world: World, provider: UUID) -> None:
    async with world.database.write() as session:
        await delete_provider(session, provider, by=SERVER, now=world.clock.now())
        await check_an_admin_gets_in(session)


async def suspends_the_linked_one(world: World, provider: UUID) -> None:
    async with world.database.write() as session:
        linked = await session.scalar(select(Identity.user_id).where(Identity.provider_id == provider))
        assert linked is not None
        await suspend_user(session, linked, by=SERVER, now=world.clock.now())
        await check_an_admin_gets_in(session)


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
        await session.execute(update(User).where(User.id == grace.id).values(state=AccountState.ACTIVE))


@pytest.mark.parametrize("closing", [switches_provider_off, deletes_provider, suspends_the_linked_one])
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


async def test_of_two_providers_that_go_at_once_one_stays(world: World, grace: User) -> None:
    one, other = [await linked(world, grace, slug) for slug in ("one", "other")]
    await decides(world, NO_PASSWORDS)
    outcomes = await asyncio.gather(
        switches_provider_off(world, one), deletes_provider(world, other), return_exceptions=True
    )
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
