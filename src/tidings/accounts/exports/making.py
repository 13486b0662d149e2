"""Making an export, step by step in the background: each step reads one slice of one section in a transaction.

Like a large send, it is a chain of deliveries: the position moves in the transaction that writes a step and puts the
next one into the outbox. A worker that dies leaves either nothing of a step or all of it.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.asked_letters import tell
from tidings.accounts.audit.recording import record
from tidings.accounts.audit.types import Actor, AuditAction
from tidings.accounts.contributors import Contributors, Section
from tidings.accounts.events import ExportReady, ExportStepPosted
from tidings.accounts.exports.models import Export, ExportPart
from tidings.accounts.exports.packing import pack_records
from tidings.accounts.exports.sections import OWN_SECTIONS
from tidings.accounts.exports.types import CHANNEL, KEPT, MAX_BYTES, STALE, ExportState, Step
from tidings.accounts.models import User
from tidings.accounts.users import locked_user
from tidings.kernel.bindings import bound
from tidings.kernel.crypto import Keyring
from tidings.kernel.events import publish
from tidings.kernel.ids import new_id
from tidings.outbox.types import DeliveryKind
from tidings.outbox.writing import NewDelivery, enqueue


def every_section(session: AsyncSession) -> Sequence[Section]:
    """What accounts keeps, and what every other package adds."""
    return [*OWN_SECTIONS, *bound(session, Contributors).sections]


async def begin_export(session: AsyncSession, user_id: UUID, *, by: Actor, now: datetime) -> Export:
    """A new export in the place of the last one; one that is being made goes on. Raises UserNotFound."""
    await locked_user(session, user_id)
    running = await session.get(Export, user_id)
    if running is not None and running.state is ExportState.RUNNING and now < running.requested_at + STALE:
        return running
    await session.execute(delete(Export).where(Export.user_id == user_id))
    if running is not None:
        session.expunge(running)
    export = Export(
        user_id=user_id,
        id=new_id(),
        state=ExportState.RUNNING,
        position=0,
        section=every_section(session)[0].name,
        progress=0,
        size=0,
        requested_at=now,
        expires_at=now + KEPT,
    )
    session.add(export)
    await session.flush()
    await _post_step(session, export, now)
    await record(session, AuditAction.EXPORT_REQUESTED, by=by, now=now, target_id=user_id)
    return export


async def make_step(session: AsyncSession, step: Step, *, now: datetime) -> None:
    """Read the slice that this step stands for, and have the next one made; nothing when that was done."""
    export = await _due(session, step)
    if export is None or export.section is None:
        return
    sections = every_section(session)
    names = [section.name for section in sections]
    number = names.index(export.section)
    read = await sections[number].read(session, export.user_id, export.after, now=now)
    packed, size = pack_records(read.records)
    session.add(ExportPart(user_id=export.user_id, position=export.position, section=export.section, packed=packed))
    export.size += size
    if export.size > MAX_BYTES:
        await _fail(session, export)
        return
    export.position += 1
    export.after = read.after
    if read.after is None:
        export.section = names[number + 1] if number + 1 < len(names) else None
        export.progress = 100 * (number + 1) // (len(names) + 1)
    await _post_step(session, export, now)


async def parts_of(session: AsyncSession, step: Step) -> Sequence[tuple[str, bytes]] | None:
    """Every part, in order, once all that is left is to pack them; None before, and when that was done."""
    export = await session.get(Export, step.user_id, populate_existing=True)
    if export is None or not _is_due(export, step) or export.section is not None:
        return None
    found = select(ExportPart.section, ExportPart.packed).where(ExportPart.user_id == step.user_id)
    return [(section, packed) for section, packed in await session.execute(found.order_by(ExportPart.position))]


async def finish_export(session: AsyncSession, step: Step, archive: bytes, *, keyring: Keyring, now: datetime) -> None:
    """Keep the archive for a week and tell its owner; nothing when that was done."""
    export = await _due(session, step)
    if export is None:
        return
    export.position += 1
    export.state, export.progress, export.size = ExportState.READY, 100, len(archive)
    export.ready_at, export.expires_at = now, now + KEPT
    await session.flush()
    await session.execute(update(Export).where(Export.user_id == export.user_id).values(content=archive))
    await session.execute(delete(ExportPart).where(ExportPart.user_id == export.user_id))
    await _write_to_owner(session, export, keyring, now)
    await publish(session, ExportReady(export.user_id, export.id, now))


async def _due(session: AsyncSession, step: Step) -> Export | None:
    """The export if this step is its next one, held until the transaction ends; like everybody, the user first."""
    await session.execute(select(User.id).where(User.id == step.user_id).with_for_update(key_share=True))
    export = await session.get(Export, step.user_id, with_for_update={"key_share": True}, populate_existing=True)
    return export if export is not None and _is_due(export, step) else None


def _is_due(export: Export, step: Step) -> bool:
    is_same = (export.id, export.position) == (step.export_id, step.position)
    return is_same and export.state is ExportState.RUNNING


async def _fail(session: AsyncSession, export: Export) -> None:
    export.state = ExportState.FAILED
    await session.flush()
    await session.execute(delete(ExportPart).where(ExportPart.user_id == export.user_id))


async def _post_step(session: AsyncSession, export: Export, now: datetime) -> None:
    delivery = NewDelivery(
        user_id=export.user_id,
        kind=DeliveryKind.EXPORT,
        channel=CHANNEL,
        key=f"export:{export.id}:{export.position}",
        payload={"export_id": str(export.id), "position": export.position},
        due_at=now,
        created_at=now,
    )
    await (await session.connection()).run_sync(enqueue, [delivery])
    await publish(session, ExportStepPosted())


async def _write_to_owner(session: AsyncSession, export: Export, keyring: Keyring, now: datetime) -> None:
    owner = await session.get_one(User, export.user_id)
    key, expires_at = f"export_ready:{export.id}", export.expires_at
    await tell(session, owner, "export_ready", keyring=keyring, now=now, key=key, expires_at=expires_at)
