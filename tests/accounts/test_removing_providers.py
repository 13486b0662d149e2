"""Removing a provider: everybody who was linked there is unlinked, signed out and told, in parts, whoever signs in."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

import pytest
from sqlalchemy import func, insert, select, text, update

from tests.accounts.oidc import API, Sso
from tests.accounts.racing import somebody_waits
from tests.accounts.world import World, code
from tests.only import on_postgresql
from tests.waiting import until
from tidings.accounts.audit.models import AuditEntry
from tidings.accounts.audit.types import SERVER, Actor, ActorKind, AuditAction
from tidings.accounts.events import CredentialChanged, EveryAccessEnded
from tidings.accounts.identities.models import Identity
from tidings.accounts.identities.removing_providers import AT_ONCE, remove_provider
from tidings.accounts.identities.signing_in import admit_identity
from tidings.accounts.identities.travelling import open_provider
from tidings.accounts.identity_providers.errors import IdentityProviderNotFound
from tidings.accounts.identity_providers.models import IdentityProvider
from tidings.accounts.identity_providers.types import ProvenIdentity
from tidings.accounts.models import User
from tidings.accounts.types import AccountState
from tidings.accounts.users import locked_user
from tidings.kernel.ids import new_id

ME = f"{API}/users/me"
STRANGER = Actor(kind=ActorKind.NOBODY)


async def removes(sso: Sso, *, but: UUID | None = None) -> None:
    await remove_provider(sso.world.database, sso.provider.id, but=but, by=SERVER, now=sso.world.clock.now())


async def count_of(world: World, user: User) -> int:
    found = await world.user(user.id)
    assert found is not None
    return found.external_auth_count


async def recorded(world: World, action: AuditAction) -> Sequence[AuditEntry]:
    async with world.database.read() as session:
        return (await session.scalars(select(AuditEntry).where(AuditEntry.action == action))).all()


def told(world: World) -> list[UUID]:
    return [event.user_id for event in world.heard if isinstance(event, CredentialChanged)]


async def crowd(sso: Sso, like: User, number: int) -> list[UUID]:
    """So many people who are linked."""
    ids, now = [new_id() for _ in range(number)], sso.world.clock.now()
    about = {name: getattr(like, name) for name in User.__mapper__.columns.keys()}  # noqa: SIM118 - no mapping
    unlike = {"state": AccountState.ACTIVE, "external_id": None, "email": None, "external_auth_count": 1}
    async with sso.world.database.write() as session:
        await session.execute(insert(User), [about | unlike | {"id": id, "username": f"u{id.hex}"} for id in ids])
        linked = {"provider_id": sso.provider.id, "issuer": sso.tenant.issuer, "created_at": now}
        rows = [{"id": new_id(), "user_id": id, "subject": id.hex, **linked} for id in ids]
        await session.execute(insert(Identity), rows)
    return ids


async def test_whoever_was_linked_is_unlinked_signed_out_told_and_on_record(sso: Sso, ada: User, grace: User) -> None:
    linus = await sso.world.add("linus")
    await sso.links(ada, "subject-1")
    await sso.links(ada, "subject-2")
    browsers = [await sso.world.browser_of(user) for user in (ada, linus)]
    async with await sso.world.browser_of(grace) as client:
        assert (await client.delete(f"{API}/identity-providers/{sso.provider.id}")).status_code == 204
    assert [(await browser.get(ME)).status_code for browser in browsers] == [401, 200]
    assert await count_of(sso.world, ada) == 0
    assert told(sso.world) == [ada.id]
    unlinked = await recorded(sso.world, AuditAction.IDENTITY_UNLINKED)
    assert [(entry.actor_id, entry.target_id, entry.detail) for entry in unlinked] == [
        (grace.id, ada.id, {"provider": "club"})
    ]
    assert len(await recorded(sso.world, AuditAction.PROVIDER_DELETED)) == 1


async def test_another_providers_identities_stay(sso: Sso, ada: User) -> None:
    await sso.links(ada)
    async with sso.world.database.write() as session:
        other = IdentityProvider(id=new_id(), created_at=sso.world.clock.now(), updated_at=sso.world.clock.now())
        for name in ("name", "issuer", "client_id", "scopes", "auto_create", "trust_email", "sync_profile", "position"):
            setattr(other, name, getattr(sso.provider, name))
        other.slug, other.enabled, other.template, other.sealed = "other", True, None, None
        session.add(other)
        await session.flush()
        linked = {"issuer": "https://other.example", "subject": "1", "created_at": sso.world.clock.now()}
        session.add(Identity(id=new_id(), user_id=ada.id, provider_id=other.id, **linked))
    await removes(sso)
    assert await count_of(sso.world, ada) == 1


async def test_whoever_removes_it_stays_signed_in_there_and_nowhere_else(sso: Sso, grace: User) -> None:
    await sso.links(grace)
    elsewhere = await sso.world.browser_of(grace)
    async with await sso.world.browser_of(grace) as client:
        assert (await client.delete(f"{API}/identity-providers/{sso.provider.id}")).status_code == 204
        assert (await client.get(ME)).status_code == 200
    assert (await elsewhere.get(ME)).status_code == 401


async def test_a_crowd_goes_in_parts_each_of_them_once(sso: Sso, ada: User) -> None:
    ids = await crowd(sso, ada, 2 * AT_ONCE + 1)
    await removes(sso)
    parts = [event for event in sso.world.heard if isinstance(event, EveryAccessEnded)]
    assert [len(part.endings) for part in parts] == [AT_ONCE, AT_ONCE, 1]
    assert sorted(told(sso.world)) == ids
    assert sorted(e.target_id for e in await recorded(sso.world, AuditAction.IDENTITY_UNLINKED) if e.target_id) == ids
    async with sso.world.database.read() as session:
        linked = select(func.count()).select_from(User).where(User.external_auth_count > 0)
        assert await session.scalar(linked) == 0


class Stopped(Exception):
    """The process ends."""


class Stopping(list[object]):
    """Hears one part, and stops at the next."""

    def append(self, event: object) -> None:
        if isinstance(event, EveryAccessEnded) and any(isinstance(each, EveryAccessEnded) for each in self):
            raise Stopped
        super().append(event)


async def test_stopped_half_way_it_lets_nobody_in_and_is_removed_again(
    sso: Sso, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    await crowd(sso, ada, AT_ONCE + 1)
    monkeypatch.setattr(sso.world, "heard", Stopping())
    with pytest.raises(Stopped):
        await removes(sso)
    monkeypatch.undo()
    assert await sso.browser().leaves() == "/sign-in?error=identity_provider_not_found"
    await removes(sso)
    with pytest.raises(IdentityProviderNotFound):
        await removes(sso)


async def test_a_sign_in_and_a_removal_at_once_do_not_wait_for_each_other(sso: Sso, ada: User) -> None:
    """Whoever signs in holds their own row first and what they came with second."""
    identity = await sso.links(ada)
    async with sso.world.database.write() as session:
        await locked_user(session, ada.id)
        removing = asyncio.create_task(removes(sso))
        await until(lambda: somebody_waits(sso.world.database))
        mine = Identity.user_id == ada.id, Identity.id == identity.id
        await session.execute(update(Identity).where(*mine).values(last_used_at=sso.world.clock.now()))
    await removing
    assert await count_of(sso.world, ada) == 0


async def test_administrators_are_waited_for_before_anybody_else_is_held(sso: Sso, ada: User, grace: User) -> None:
    """Whoever takes an administrator away holds all of them, and the row it is about after these."""
    assert ada.id < grace.id
    await sso.links(ada, "subject-1")
    await sso.links(grace, "subject-2")
    async with sso.world.database.write() as session:
        await locked_user(session, grace.id)
        removing = asyncio.create_task(removes(sso))
        await until(lambda: somebody_waits(sso.world.database))
        await locked_user(session, ada.id)
    await removing


async def test_a_newcomer_who_is_being_let_in_meanwhile_is_unlinked_too(sso: Sso) -> None:
    await sso.opens()
    proven = ProvenIdentity(issuer=sso.tenant.issuer, subject="new", email="new@club.example", email_verified=True)
    async with sso.world.database.write() as session:
        provider = await open_provider(session, "club", hold=True)
        removing = asyncio.create_task(removes(sso))
        await until(lambda: somebody_waits(sso.world.database))
        newcomer = await admit_identity(session, proven, provider, by=STRANGER, now=sso.world.clock.now())
        assert newcomer.external_auth_count == 1
    await removing
    assert await count_of(sso.world, newcomer) == 0
    assert told(sso.world) == [newcomer.id]


@pytest.mark.parametrize("links", [False, True])
@on_postgresql
async def test_whoever_comes_back_holds_the_provider_until_they_are_in(sso: Sso, ada: User, links: bool) -> None:
    """Whoever is let in, or linked, while it is still on is there to be unlinked when it has been switched off."""
    browser = sso.browser(await sso.world.cookie_of(ada))
    if links:
        begun = (await browser.client.post(f"{ME}/identities", json={"slug": "club"})).json()["authorize_url"]
    else:
        await sso.links(ada)
        begun = await browser.leaves()
    came = await browser.visits(begun)
    async with sso.world.database.write() as session:
        await locked_user(session, ada.id)
        returning = asyncio.create_task(browser.returns(came))
        await until(lambda: so_many_wait(sso.world, 1))
        removing = asyncio.create_task(removes(sso))
        await until(lambda: so_many_wait(sso.world, 2))
        assert await is_on(sso)
    assert not (await returning).startswith("/sign-in")
    await removing
    assert not await browser.is_signed_in()
    assert await count_of(sso.world, ada) == 0


async def so_many_wait(world: World, number: int) -> bool:
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    async with world.database.read() as session:
        return bool(await session.scalar(text(waiting)) == number)


async def is_on(sso: Sso) -> bool:
    async with sso.world.database.read() as session:
        return (await session.get_one(IdentityProvider, sso.provider.id)).enabled


async def test_where_it_would_lock_every_administrator_out_nothing_changes(sso: Sso, ada: User, grace: User) -> None:
    await sso.links(grace)
    await sso.links(ada, "subject-2")
    await sso.settings(local_login_enabled=False)
    async with await sso.world.browser_of(grace) as client, await sso.world.browser_of(ada) as hers:
        answer = await client.delete(f"{API}/identity-providers/{sso.provider.id}")
        assert code(answer) == (409, "no_way_in")
        assert (await hers.get(ME)).json()["external_auth_count"] == 1
    assert await recorded(sso.world, AuditAction.PROVIDER_CHANGED) == []
    assert await sso.browser().signs_in() == "/inbox"
