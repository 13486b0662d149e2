"""Sections that are rows of a table: read by their key, a slice at a time."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from tidings.accounts.contributors import ReadSection, Slice

SLICE = 500


def rows_of(
    key: InstrumentedAttribute[UUID],
    *columns: InstrumentedAttribute[Any],  # Any: columns of any type
    belongs: Callable[[UUID], ColumnElement[bool]],
) -> ReadSection:
    """Reads these columns of the rows that belong to somebody, in the order of `key`, which is one of them."""

    async def read(session: AsyncSession, user_id: UUID, after: str | None, /, *, now: datetime) -> Slice:
        found = select(*columns).where(belongs(user_id)).order_by(key).limit(SLICE)
        if after is not None:
            found = found.where(key > UUID(after))
        records: Sequence[dict[str, Any]] = [
            msgspec.to_builtins(dict(row._mapping)) for row in await session.execute(found)
        ]
        return Slice(records, records[-1][key.key] if len(records) == SLICE else None)

    return read
