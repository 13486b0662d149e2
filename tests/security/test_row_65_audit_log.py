"""Every act leaves an entry that nobody alters or removes, and the chain shows it if somebody does."""

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import pytest
from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from tests.accounts.world import World
from tidings.accounts.audit.chain import BATCH, FIRST, ChainReport, is_anything_waiting, link_entries, verify_chain
from tidings.accounts.audit.guards import guard, unguard
from tidings.accounts.audit.models import AuditEntry, AuditLink, AuditWaiting
from tidings.accounts.audit.recording import record
from tidings.accounts.audit.types import SERVER, Actor, ActorKind, AuditAction

GRACE = Actor(kind=ActorKind.USER, id=uuid4(), ip="192.0.2.7")


async def write_entries(world: World, count: int) -> None:
    async with world.database.write() as session:
        for number in range(count):
            await record(
                session,
                AuditAction.ACCOUNT_CHANGED,
                by=GRACE,
                now=world.clock.now(),
                detail={"number": number, "é": [1]},
            )


async def link(world: World) -> int:
    async with world.database.write() as session:
        return await link_entries(session)


async def verified(world: World) -> ChainReport:
    async with world.database.read() as session:
        return await verify_chain(session)


@pytest.fixture
async def linked(world: World) -> AsyncIterator[World]:
    """A world whose log has five entries, all linked; guarded again, whatever the test did."""
    await write_entries(world, 5)
    assert await link(world) == 5
    yield world
    async with world.database.write() as session:
        await lift_guards(session)
        await (await session.connection()).run_sync(guard)


@pytest.mark.parametrize("table", [AuditEntry, AuditLink])
@pytest.mark.parametrize("what", ["update", "delete"])
async def test_row_65_nothing_in_the_log_is_altered_or_removed(
    linked: World, table: type[AuditEntry] | type[AuditLink], what: str
) -> None:
    column = "ip" if table is AuditEntry else "hash"
    value: object = "198.51.100.1" if table is AuditEntry else FIRST
    statement = update(table).values({column: value}) if what == "update" else delete(table)
    async with linked.database.sessions() as session:
        with pytest.raises(DBAPIError, match="append-only"):
            await session.execute(statement)
    assert (await verified(linked)).holds


async def test_row_65_a_chain_holds_from_its_first_link_to_its_last(linked: World) -> None:
    report = await verified(linked)
    assert (report.holds, report.links, report.waiting, report.unknown) == (True, 5, 0, 0)
    assert report.head != FIRST


async def test_row_65_an_empty_log_holds(world: World) -> None:
    report = await verified(world)
    assert (report.holds, report.links, report.head) == (True, 0, FIRST)


async def test_row_65_entries_wait_for_the_worker_and_no_longer(world: World) -> None:
    await write_entries(world, 2)
    async with world.database.read() as session:
        assert await is_anything_waiting(session)
    assert (await verified(world)).waiting == 2
    await link(world)
    async with world.database.read() as session:
        assert not await is_anything_waiting(session)


async def test_row_65_an_entry_that_commits_late_is_linked_later(world: World) -> None:
    """Its id is older than that of an entry already linked: a linker that went by ids would pass it over."""
    action, kind = AuditAction.ACCOUNT_CHANGED, ActorKind.SERVER
    late = AuditEntry(id=UUID(int=1), at=world.clock.now(), action=action, actor_kind=kind, detail={})
    await write_entries(world, 3)
    await link(world)
    async with world.database.write() as session:
        session.add(late)
    assert await link(world) == 1
    report = await verified(world)
    assert (report.holds, report.links) == (True, 4)


async def test_row_65_more_than_a_batch_is_linked_in_several(world: World) -> None:
    async with world.database.write() as session:
        values = {"at": world.clock.now(), "action": AuditAction.ACCOUNT_CHANGED, "actor_kind": ActorKind.SERVER}
        await session.execute(insert(AuditEntry), [{**values, "id": uuid4(), "detail": {}} for _ in range(BATCH + 3)])
    assert await link(world) == BATCH
    assert await link(world) == 3
    assert await link(world) == 0
    report = await verified(world)
    assert (report.holds, report.links) == (True, BATCH + 3)


@pytest.mark.parametrize("alteration", ["action", "actor_id", "target_id", "ip", "detail", "at"])
async def test_row_65_an_altered_entry_breaks_the_chain_where_it_stands(linked: World, alteration: str) -> None:
    values: dict[str, object] = {
        "action": AuditAction.ACCESS_DENIED,
        "actor_id": uuid4(),
        "target_id": uuid4(),
        "ip": None,
        "detail": {"number": 99},
        "at": linked.clock.now().replace(year=2001),
    }
    third = await entry_of_link(linked, 3)
    async with linked.database.write() as session:
        await lift_guards(session)
        await session.execute(update(AuditEntry).where(AuditEntry.id == third).values({alteration: values[alteration]}))
    report = await verified(linked)
    assert report.broken is not None
    assert (report.holds, report.links, report.broken.number, report.broken.entry_id) == (False, 2, 3, third)


async def test_row_65_an_entry_that_was_taken_out_is_missed(linked: World) -> None:
    third = await entry_of_link(linked, 3)
    async with linked.database.write() as session:
        await lift_guards(session)
        await session.execute(delete(AuditLink).where(AuditLink.entry_id == third))
        await session.execute(delete(AuditEntry).where(AuditEntry.id == third))
    report = await verified(linked)
    assert report.broken is not None
    assert (report.broken.number, report.broken.reason) == (4, "link 3 is missing")


async def test_row_65_an_entry_whose_link_was_taken_away_is_found(linked: World) -> None:
    async with linked.database.write() as session:
        await lift_guards(session)
        await session.execute(delete(AuditLink).where(AuditLink.number == 5))
    report = await verified(linked)
    assert (report.holds, report.links, report.unknown) == (False, 4, 1)


async def test_row_65_an_entry_that_was_never_to_be_linked_is_found(world: World) -> None:
    await write_entries(world, 2)
    async with world.database.write() as session:
        await session.execute(delete(AuditWaiting))
    report = await verified(world)
    assert (report.holds, report.unknown) == (False, 2)


async def test_row_65_two_linkers_at_once_make_one_chain(world: World) -> None:
    await write_entries(world, 40)
    results = await asyncio.gather(*(link(world) for _ in range(8)), return_exceptions=True)
    assert sum(result for result in results if isinstance(result, int)) == 40
    report = await verified(world)
    assert (report.holds, report.links, report.waiting) == (True, 40, 0)


async def test_row_65_an_entry_stands_exactly_if_its_change_does(world: World) -> None:
    async with world.database.write() as session:
        await record(session, AuditAction.ACCOUNT_CHANGED, by=SERVER, now=world.clock.now())
        await session.rollback()
    async with world.database.read() as session:
        assert (await session.scalars(select(AuditEntry))).all() == []


async def entry_of_link(world: World, number: int) -> UUID | None:
    async with world.database.read() as session:
        return await session.scalar(select(AuditLink.entry_id).where(AuditLink.number == number))


async def lift_guards(session: AsyncSession) -> None:
    """Become somebody who owns the database."""
    connection = await session.connection()
    await connection.run_sync(unguard)


async def test_row_65_guards_can_be_made_anew(linked: World) -> None:
    async with linked.database.write() as session:
        await lift_guards(session)
        await (await session.connection()).run_sync(guard)
    async with linked.database.sessions() as session:
        with pytest.raises(DBAPIError, match="append-only"):
            await session.execute(text("DELETE FROM tidings_audit_log"))
