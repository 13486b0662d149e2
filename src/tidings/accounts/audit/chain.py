"""The chain of the audit log: each link holds the hash of its entry and of the link before.

Entries are linked in the order in which they are found, not in that of their ids: one that commits late is linked
later, and no sign-in ever waits for another's. Whoever alters an entry that is linked, or takes one out, breaks the
chain there. Who can write to the database can also cut off its end, or write a whole new chain: only its head, noted
elsewhere, shows it. The worker logs the head when it has linked; `tidings audit verify` prints it and takes it back.
"""

import hashlib
import json
import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.audit.models import AuditEntry, AuditLink, AuditWaiting

FIRST = bytes(32)
"""What stands before the first link."""
BATCH = 1_000
_HEAD = re.compile(r"([0-9]{1,18}):([0-9a-f]{64})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Head:
    """The last link of a chain as it was at some time: its number and its hash. Written as `NUMBER:HASH`."""

    number: int = 0
    hash: bytes = FIRST

    def __str__(self) -> str:
        return f"{self.number}:{self.hash.hex()}"

    @classmethod
    def parse(cls, text: str) -> "Head":
        """The head that was written so. Raises ValueError."""
        found = _HEAD.fullmatch(text.strip())
        if found is None:
            raise ValueError("A head is NUMBER:HASH, as `tidings audit verify` prints it.")
        return cls(int(found[1]), bytes.fromhex(found[2]))


@dataclass(frozen=True, slots=True)
class BrokenLink:
    """The first place where the chain does not hold."""

    number: int
    entry_id: UUID
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainReport:
    """What came of following the chain to its end, or to where it breaks."""

    links: int
    waiting: int
    """Entries that the worker has yet to link."""
    unknown: int
    """Entries that neither have a link nor wait for one: somebody put them there, or took their link away."""
    head: Head
    broken: BrokenLink | None = None
    missing: Head | None = None
    """The head that was noted before, when no link that holds is that one."""

    @property
    def holds(self) -> bool:
        return self.broken is None and self.unknown == 0 and self.missing is None


async def link_entries(session: AsyncSession, *, limit: int = BATCH) -> int:
    """Append the entries that wait to the chain, at most `limit`; returns how many. Of two at once, one waits."""
    waiting = select(AuditWaiting.entry_id).order_by(AuditWaiting.entry_id).limit(limit).with_for_update()
    ids = (await session.scalars(waiting)).all()
    if not ids:
        return 0
    head = await chain_head(session)
    number, last = head.number, head.hash
    links = []
    for entry in await session.scalars(select(AuditEntry).where(AuditEntry.id.in_(ids)).order_by(AuditEntry.id)):
        number, last = number + 1, link_hash(last, number + 1, entry)
        links.append({"number": number, "entry_id": entry.id, "hash": last})
    await session.execute(insert(AuditLink), links)
    await session.execute(delete(AuditWaiting).where(AuditWaiting.entry_id.in_(ids)))
    return len(links)


async def is_anything_waiting(session: AsyncSession) -> bool:
    """Whether an entry has no link yet."""
    return (await session.scalar(select(AuditWaiting.entry_id).limit(1))) is not None


async def chain_head(session: AsyncSession) -> Head:
    """The last link, or what stands before the first."""
    last = (await session.scalars(select(AuditLink).order_by(AuditLink.number.desc()).limit(1))).first()
    return Head() if last is None else Head(last.number, last.hash)


async def verify_chain(
    session: AsyncSession,
    *,
    noted: Head | None = None,
    on_progress: Callable[[int], None] = lambda _links: None,
) -> ChainReport:
    """Follow the whole chain, a page at a time, whatever its length; `on_progress` hears how many links held so far.

    A head that was `noted` earlier must be met on the way.
    """
    head, is_met = Head(), noted in {None, Head()}
    broken: BrokenLink | None = None
    async for link, entry in _links(session):
        broken = _break_at(link, entry, head)
        if broken is not None:
            break
        head = Head(link.number, link.hash)
        is_met = is_met or head == noted
        if head.number % BATCH == 0:
            on_progress(head.number)
    on_progress(head.number)
    waiting, unknown = await _unlinked(session)
    missing = None if is_met else noted
    return ChainReport(links=head.number, waiting=waiting, unknown=unknown, head=head, broken=broken, missing=missing)


def link_hash(before: bytes, number: int, entry: AuditEntry) -> bytes:
    """The hash of a link: SHA-256 of the one before and of its entry as canonical JSON."""
    values: dict[str, Any] = {  # Any: JSON
        "number": number,
        "id": str(entry.id),
        "at": entry.at.isoformat(),
        "action": entry.action.value,
        "actor_kind": entry.actor_kind.value,
        "actor_id": None if entry.actor_id is None else str(entry.actor_id),
        "target_id": None if entry.target_id is None else str(entry.target_id),
        "ip": entry.ip,
        "detail": entry.detail,
    }
    canonical = json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(before + canonical.encode()).digest()


def _break_at(link: AuditLink, entry: AuditEntry | None, before: Head) -> BrokenLink | None:
    if link.number != before.number + 1:
        return BrokenLink(link.number, link.entry_id, f"link {before.number + 1} is missing")
    if entry is None:
        return BrokenLink(link.number, link.entry_id, "its entry is missing")
    if link_hash(before.hash, link.number, entry) != link.hash:
        return BrokenLink(link.number, link.entry_id, "its entry or its hash was altered")
    return None


async def _links(session: AsyncSession) -> AsyncIterator[tuple[AuditLink, AuditEntry | None]]:
    number = 0
    while True:
        found = await session.execute(
            select(AuditLink, AuditEntry)
            .outerjoin(AuditEntry, AuditEntry.id == AuditLink.entry_id)
            .where(AuditLink.number > number)
            .order_by(AuditLink.number)
            .limit(BATCH)
        )
        page = found.all()
        for link, entry in page:
            yield link, entry
            number = link.number
        session.expunge_all()  # what was checked is not kept
        if len(page) < BATCH:
            return


async def _unlinked(session: AsyncSession) -> tuple[int, int]:
    # One statement sees one moment: an entry that is written meanwhile counts on both sides, or on none.
    is_linked = select(AuditLink.entry_id).where(AuditLink.entry_id == AuditEntry.id).exists()
    is_waiting = select(AuditWaiting.entry_id).where(AuditWaiting.entry_id == AuditEntry.id).exists()
    counted = select(func.count().filter(is_waiting), func.count().filter(~is_waiting)).where(~is_linked)
    waiting, unknown = (await session.execute(counted.select_from(AuditEntry))).one()
    return waiting, unknown
