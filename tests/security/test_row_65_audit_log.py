"""Every act leaves an entry that nobody alters or removes, and the chain shows it if somebody does."""

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import pytest
from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from tests.accounts.world import World
from tidings.accounts.audit.chain import (
    BATCH,
    FIRST,
    ChainReport,
    Head,
    chain_head,
    is_anything_waiting,
    link_entries,
    link_hash,
    verify_chain,
)
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


async def verified(world: World, noted: Head | None = None) -> ChainReport:
    async with world.database.read() as session:
        return await verify_chain(session, noted=noted)


async def head_of(world: World) -> Head:
    async with world.database.read() as session:
        return await chain_head(session)


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
    assert report.head == await head_of(linked)
    assert report.head.hash != FIRST


async def test_row_65_an_empty_log_holds(world: World) -> None:
    report = await verified(world)
    assert (report.holds, report.links, report.head) == (True, 0, Head())


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


async def test_row_65_the_last_entry_taken_out_with_its_link_is_missed_by_the_head_that_was_noted(
    linked: World,
) -> None:
    noted = await head_of(linked)
    await cut_off(linked, after=4, with_entries=True)
    assert (await verified(linked)).holds  # nothing here can show it
    report = await verified(linked, noted)
    assert (report.holds, report.links, report.missing) == (False, 4, noted)


@pytest.mark.parametrize("with_entries", [True, False])
async def test_row_65_a_log_whose_end_was_cut_off_lacks_the_head_that_was_noted(
    linked: World, with_entries: bool
) -> None:
    noted = await head_of(linked)
    await cut_off(linked, after=2, with_entries=with_entries)
    assert (await verified(linked, noted)).missing == noted
    await write_entries(linked, 6)
    await link(linked)
    report = await verified(linked, noted)  # long enough again, and still another
    assert (report.holds, report.links, report.missing) == (False, 8, noted)


async def test_row_65_a_log_written_anew_as_a_whole_lacks_the_head_that_was_noted(linked: World) -> None:
    noted = await head_of(linked)
    async with linked.database.write() as session:
        await lift_guards(session)
        await session.execute(update(AuditEntry).values(ip="198.51.100.1"))
        before = FIRST
        for row in (await session.scalars(select(AuditLink).order_by(AuditLink.number))).all():
            entry = await session.get_one(AuditEntry, row.entry_id)
            before = row.hash = link_hash(before, row.number, entry)
    assert (await verified(linked)).holds
    report = await verified(linked, noted)
    assert (report.holds, report.links, report.missing) == (False, 5, noted)


async def test_row_65_a_log_that_only_grew_still_has_every_head_that_was_noted(linked: World) -> None:
    noted = [Head(), await head_of(linked)]
    await write_entries(linked, 3)
    await link(linked)
    for head in (*noted, await head_of(linked)):
        report = await verified(linked, head)
        assert (report.holds, report.missing) == (True, None)


async def test_row_65_a_chain_that_breaks_before_the_noted_head_does_not_have_it(linked: World) -> None:
    noted = await head_of(linked)
    async with linked.database.write() as session:
        await lift_guards(session)
        await session.execute(delete(AuditLink).where(AuditLink.number == 3))
    report = await verified(linked, noted)
    assert (report.broken is None, report.missing) == (False, noted)


def test_row_65_a_head_is_read_as_it_is_written() -> None:
    head = Head(12, bytes(range(32)))
    assert Head.parse(f" {head}\n") == head


@pytest.mark.parametrize("text", ["", "12", f"12:{'0' * 63}", f"-1:{'0' * 64}", f"12 {'0' * 64}", f"x:{'0' * 64}"])
def test_row_65_anything_else_is_no_head(text: str) -> None:
    with pytest.raises(ValueError, match="NUMBER:HASH"):
        Head.parse(text)


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


async def cut_off(world: World, *, after: int, with_entries: bool) -> None:
    """Remove every later link, and what it links; what is left of that is made to wait for another."""
    async with world.database.write() as session:
        await lift_guards(session)
        gone = delete(AuditLink).where(AuditLink.number > after).returning(AuditLink.entry_id)
        entries = (await session.scalars(gone)).all()
        if with_entries:
            await session.execute(delete(AuditEntry).where(AuditEntry.id.in_(entries)))
        await (await session.connection()).run_sync(guard)


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
