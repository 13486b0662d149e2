"""Locks of others on rows: whoever writes for many does not wait for them. SQLite has no locks on rows."""

from collections.abc import Collection
from functools import cache

from sqlalchemy import Uuid, and_, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from tidings.kernel.db import AnySelect, Rows, rows
from tidings.outbox.models import Delivery
from tidings.outbox.types import DeliveryId

PATIENCE_MS = 200
_GIVE_WAY = text(f"SET LOCAL lock_timeout = '{PATIENCE_MS}ms'")


async def wait_briefly(session: AsyncSession) -> None:
    """Let no statement of this transaction wait longer than PATIENCE_MS for a lock."""
    connection = await session.connection()
    if connection.dialect.name == "postgresql":
        await connection.execute(_GIVE_WAY)


async def held_elsewhere(session: AsyncSession, deliveries: Collection[DeliveryId]) -> set[DeliveryId]:
    """Which of these rows somebody else holds at this moment; the others are this transaction's now."""
    connection = await session.connection()
    if connection.dialect.name != "postgresql":
        return set()
    there, asked = _these(connection.dialect.name)
    arguments = asked.bind(deliveries)
    free = there.with_for_update(of=Delivery, skip_locked=True, key_share=True)
    ours = {DeliveryId(*row) for row in await connection.execute(free, arguments)}
    return {DeliveryId(*row) for row in await connection.execute(there, arguments)} - ours


@cache
def _these(dialect: str) -> tuple[AnySelect, Rows]:
    asked = rows(dialect, "asked", user_id=Uuid, id=Uuid)
    is_asked = and_(Delivery.user_id == asked.c.user_id, Delivery.id == asked.c.id)
    return select(Delivery.user_id, Delivery.id).join(asked.source, is_asked), asked
