"""Signals: rare messages to every node, through the database, so that one process and many work alike.

A signal is a row in the transaction that causes it; the doorbell only says that there are new ones. Ids and times are
given before the commit, so a row can appear behind others: every read looks back a minute and drops what it knows.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from tidings.kernel.clock import Clock
from tidings.kernel.db import Database
from tidings.kernel.ids import new_id
from tidings.kernel.transaction import after_commit
from tidings.realtime.doorbell import Doorbell, SignalsPosted
from tidings.realtime.models import StoredSignal
from tidings.realtime.types import CloseSignal, CustomSignal, Signal, SignalKind

OVERLAP = timedelta(seconds=60)
KEPT = timedelta(minutes=5)


async def post_signal(session: AsyncSession, doorbell: Doorbell, signal: Signal, *, now: datetime) -> None:
    """Reach every node, this one too, once the caller's transaction is committed; nothing happens if it is not."""
    kind, payload = _stored(signal)
    await session.execute(insert(StoredSignal).values(id=new_id(), kind=kind, payload=payload, created_at=now))
    after_commit(session, lambda: doorbell.ring([SignalsPosted()]))


async def purge_signals(session: AsyncSession, *, now: datetime) -> None:
    """Remove signals that every node has read long ago."""
    await session.execute(delete(StoredSignal).where(StoredSignal.created_at < now - KEPT))


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
    rows = await session.execute(
        select(StoredSignal.kind, StoredSignal.payload)
        .where(StoredSignal.id.in_(ids))
        .order_by(StoredSignal.created_at, StoredSignal.id)
    )
    return [_signal(kind, payload) for kind, payload in rows]


def _stored(signal: Signal) -> tuple[SignalKind, dict[str, Any]]:
    if isinstance(signal, CustomSignal):
        return SignalKind.CUSTOM, {"user_id": _text(signal.user_id), "data": signal.data}
    session_id = _text(signal.session_id)
    payload = {
        "user_id": _text(signal.user_id),
        "session_id": session_id,
        "code": signal.code,
        "reason": signal.reason,
    }
    return SignalKind.CLOSE, payload


def _signal(kind: SignalKind, payload: dict[str, Any]) -> Signal:
    if kind is SignalKind.CUSTOM:
        return CustomSignal(_id(payload["user_id"]), payload["data"])
    return CloseSignal(UUID(payload["user_id"]), _id(payload["session_id"]), payload["code"], payload["reason"])


def _text(id: UUID | None) -> str | None:
    return None if id is None else str(id)


def _id(text: str | None) -> UUID | None:
    return None if text is None else UUID(text)
