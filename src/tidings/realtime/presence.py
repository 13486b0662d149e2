"""Who has a stream open, on which node, so that every node can answer for all of them."""

import asyncio
import contextlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy import ColumnElement, Integer, Uuid, delete, func, insert, literal, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from tidings.kernel.clock import Clock
from tidings.kernel.db import Database, rows
from tidings.kernel.ids import new_id
from tidings.realtime.models import StreamNode, StreamPresence
from tidings.realtime.signals import purge_signals

BEAT_S = 30.0
FLUSH_S = 1.0
FRESH = timedelta(seconds=90)
_FAILURES = (SQLAlchemyError, OSError, TimeoutError)
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class StreamTotals:
    """Users with an open stream, and open streams, over all nodes."""

    users: int
    connections: int


class Presence:
    """This node's open streams, exact in memory, and what it tells the others: changes within a second.

    A node that does not beat for 90 seconds no longer counts and is swept by another.
    """

    def __init__(self, database: Database, clock: Clock, *, flush_s: float = FLUSH_S, beat_s: float = BEAT_S) -> None:
        self._database = database
        self._clock = clock
        self._flush_s = flush_s
        self._beat_s = beat_s
        self._node_id = new_id()
        self._connections: dict[UUID, int] = {}
        self._changed: dict[UUID, None] = {}
        self._due = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    def note(self, user_id: UUID, connections: int) -> None:
        """The user has this many streams open on this node now."""
        if connections:
            self._connections[user_id] = connections
        else:
            self._connections.pop(user_id, None)
        self._changed[user_id] = None
        self._due.set()

    async def stream_totals(self, session: AsyncSession, *, now: datetime) -> StreamTotals:
        """Count users and streams over all nodes; a user on several nodes is one."""
        elsewhere = await session.execute(
            select(func.coalesce(func.sum(StreamPresence.connections), 0)).where(self._elsewhere(now))
        )
        own = rows(session.get_bind().dialect.name, "own", user_id=Uuid)
        others = await session.execute(
            select(func.count(StreamPresence.user_id.distinct())).where(
                self._elsewhere(now), StreamPresence.user_id.not_in(select(own.c.user_id))
            ),
            own.bind((user_id,) for user_id in self._connections),
        )
        return StreamTotals(
            users=len(self._connections) + others.scalar_one(),
            connections=sum(self._connections.values()) + elsewhere.scalar_one(),
        )

    async def is_connected(self, session: AsyncSession, user_id: UUID, *, now: datetime) -> bool:
        """Whether the user has a stream open on any node."""
        if user_id in self._connections:
            return True
        found = await session.execute(
            select(StreamPresence.user_id).where(StreamPresence.user_id == user_id, self._elsewhere(now)).limit(1)
        )
        return found.first() is not None

    async def start(self) -> None:
        """Begin to tell the others."""
        self._due = asyncio.Event()  # of the loop that runs now: an app may be started in one loop after another
        await self._beat()
        self._tasks = [asyncio.create_task(self._keep_beating()), asyncio.create_task(self._keep_flushing())]

    async def stop(self) -> None:
        """Leave: nothing of this node counts from here on."""
        for task in self._tasks:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        self._tasks = []
        async with self._database.write() as session:
            await session.execute(delete(StreamNode).where(StreamNode.id == self._node_id))

    def _elsewhere(self, now: datetime) -> ColumnElement[bool]:
        alive = select(StreamNode.id).where(StreamNode.id != self._node_id, StreamNode.beat_at >= now - FRESH)
        return StreamPresence.node_id.in_(alive)

    async def _keep_beating(self) -> None:
        while True:
            await asyncio.sleep(self._beat_s)
            try:
                await self._beat()
            except _FAILURES as error:
                _log.warning("presence_failed", error=str(error))

    async def _keep_flushing(self) -> None:
        while True:
            await self._due.wait()
            self._due.clear()
            changed, self._changed = self._changed, {}
            try:
                await self._flush(changed)
            except _FAILURES as error:
                _log.warning("presence_failed", error=str(error))
                self._changed = changed | self._changed
                self._due.set()
            await asyncio.sleep(self._flush_s)

    async def _beat(self) -> None:
        now = self._clock.now()
        async with self._database.write() as session:
            await self._live(session, now)
            await session.execute(delete(StreamNode).where(StreamNode.beat_at < now - FRESH))
            await purge_signals(session, now=now)

    async def _flush(self, user_ids: Iterable[UUID]) -> None:
        async with self._database.write() as session:
            await self._live(session, self._clock.now())
            await self._store(session, {user_id: self._connections.get(user_id, 0) for user_id in user_ids})

    async def _live(self, session: AsyncSession, now: datetime) -> None:
        """Be alive at `now`. A node that was swept, because it stood still for long, tells everything again."""
        alive = await session.execute(
            update(StreamNode).where(StreamNode.id == self._node_id).values(beat_at=now).returning(StreamNode.id)
        )
        if alive.first() is None:
            await session.execute(insert(StreamNode).values(id=self._node_id, beat_at=now))
            await self._store(session, self._connections)

    async def _store(self, session: AsyncSession, connections: Mapping[UUID, int]) -> None:
        counts = rows(session.get_bind().dialect.name, "counts", user_id=Uuid, connections=Integer)
        bound = counts.bind(connections.items())
        connection = await session.connection()  # Core: to the session, bound values would be rows to insert
        await connection.execute(
            delete(StreamPresence).where(
                StreamPresence.node_id == self._node_id, StreamPresence.user_id.in_(select(counts.c.user_id))
            ),
            bound,
        )
        present = select(literal(self._node_id, Uuid), counts.c.user_id, counts.c.connections)
        await connection.execute(
            insert(StreamPresence).from_select(
                ["node_id", "user_id", "connections"], present.where(counts.c.connections > 0)
            ),
            bound,
        )
