"""Signals: rare messages to every node, through the database, so that one process and many work alike.

A signal is a row in the transaction that causes it; the doorbell only says that there are new ones. Ids and times are
given before the commit, so a row can appear behind others: every read looks back a minute and drops what it knows.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from tidings.kernel.clock import Clock
from tidings.kernel.db import AnyRow, Database
from tidings.kernel.ids import new_id
from tidings.kernel.purging import purge
from tidings.kernel.transaction import after_commit
from tidings.realtime.doorbell import Doorbell, SignalsPosted
from tidings.realtime.models import StoredSignal
from tidings.realtime.types import CloseSignal, CustomSignal, Signal, SignalKind

OVERLAP = timedelta(seconds=60)
KEPT = timedelta(minutes=5)
READ_AT_ONCE = 1_000


async def post_signal(session: AsyncSession, doorbell: Doorbell, signal: Signal, *, now: datetime) -> None:
    """Reach every node, this one too, once the caller's transaction is committed; nothing happens if it is not."""
    await post_signals(session, doorbell, [signal], now=now)


async def post_signals(session: AsyncSession, doorbell: Doorbell, signals: Sequence[Signal], *, now: datetime) -> None:
    """The same for several, of which there must be one."""
    rows = [
        {"id": new_id(), "kind": kind, "payload": payload, "created_at": now} for kind, payload in map(_stored, signals)
    ]
    await session.execute(insert(StoredSignal), rows)
    after_commit(session, lambda: doorbell.ring([SignalsPosted()]))


async def purge_signals(session: AsyncSession, *, now: datetime) -> int:
    """Remove a slice of the signals that every node has read long ago; returns how many."""
    return await purge(session, StoredSignal, StoredSignal.created_at < now - KEPT)


class SignalReader:
    """Reads each signal once for this node, from the moment of `skip_present()` on."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._known: dict[UUID, datetime] = {}

    async def skip_present(self) -> None:
        """Pass over what was posted before this node could have had a stream."""
        begin = self._clock.now() - OVERLAP
        async with self._database.read() as session:
            self._remember(await self._unknown(session, begin), begin)

    async def __call__(self) -> Sequence[Signal]:
        """Signals not returned before, by the time they were posted."""
        begin = self._clock.now() - OVERLAP
        async with self._database.read() as session:
            unknown = await self._unknown(session, begin)
            signals = await _signals(session, unknown) if unknown else ()
        self._remember(unknown, begin)
        return signals

    async def _unknown(self, session: AsyncSession, begin: datetime) -> dict[UUID, datetime]:
        """New ids and their times. Bodies are fetched only for these: most reads find nothing."""
        found = await session.execute(
            select(StoredSignal.id, StoredSignal.created_at).where(StoredSignal.created_at >= begin)
        )
        return {id: created_at for id, created_at in found if id not in self._known}

    def _remember(self, ids: dict[UUID, datetime], begin: datetime) -> None:
        self._known = {id: created_at for id, created_at in (self._known | ids).items() if created_at >= begin}


async def _signals(session: AsyncSession, ids: Collection[UUID]) -> Sequence[Signal]:
    """In parts: a node that was slow may find more at once than a statement takes values."""
    wanted = list(ids)
    rows: list[AnyRow] = []
    for begin in range(0, len(wanted), READ_AT_ONCE):
        part = StoredSignal.id.in_(wanted[begin : begin + READ_AT_ONCE])
        kept = select(StoredSignal.created_at, StoredSignal.id, StoredSignal.kind, StoredSignal.payload).where(part)
        rows += (await session.execute(kept)).all()
    return [_signal(row.kind, row.payload) for row in sorted(rows, key=lambda row: (row.created_at, row.id))]


def _stored(signal: Signal) -> tuple[SignalKind, dict[str, Any]]:
    if isinstance(signal, CustomSignal):
        return SignalKind.CUSTOM, {"user_id": _text(signal.user_id), "data": signal.data}
    payload = {
        "user_id": _text(signal.user_id),
        "session_ids": None if signal.session_ids is None else [_text(each) for each in signal.session_ids],
        "code": signal.code,
        "reason": signal.reason,
    }
    return SignalKind.CLOSE, payload


def _signal(kind: SignalKind, payload: dict[str, Any]) -> Signal:
    if kind is SignalKind.CUSTOM:
        return CustomSignal(_id(payload["user_id"]), payload["data"])
    named = payload["session_ids"]
    session_ids = None if named is None else tuple(_id(each) for each in named)
    return CloseSignal(UUID(payload["user_id"]), session_ids, payload["code"], payload["reason"])


def _text(id: UUID | None) -> str | None:
    return None if id is None else str(id)


def _id(text: str | None) -> UUID | None:
    return None if text is None else UUID(text)
