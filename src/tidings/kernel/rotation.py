"""Replacing a secret key: what older keys sealed is sealed again under the first.

Resumable by itself: what is done no longer names an older key. Servers may run meanwhile, each with both keys.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, func, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from tidings.kernel.crypto import Keyring, UnreadableSecret
from tidings.kernel.db import AnyRow, Database

BATCH = 200


@dataclass(frozen=True, slots=True)
class SealedColumn:
    """Where sealed values stand: a column, or the value under `inside` of a column of JSON objects.

    Each value is bound to `<table>.<column>:<identity>`, where `identity` names the column that tells rows apart.
    """

    table: Table
    column: str
    identity: str = "id"
    inside: str | None = None

    @property
    def name(self) -> str:
        """`<table>.<column>`, as it stands in every place."""
        return f"{self.table.name}.{self.column}"

    def place(self, row: AnyRow) -> str:
        """What the value of this row is bound to."""
        return f"{self.name}:{row._mapping[self.identity]}"

    @property
    def sealed(self) -> ColumnElement[str]:
        """The sealed value in SQL."""
        stored = self.table.c[self.column]
        sealed: ColumnElement[str] = stored if self.inside is None else stored[self.inside].as_string()
        return sealed

    def replaced(self, row: AnyRow, sealed: str) -> Any:  # Any: text, or the JSON object around it
        """What the column holds once its sealed value is this."""
        return sealed if self.inside is None else {**row._mapping[self.column], self.inside: sealed}


@dataclass(frozen=True, slots=True)
class Rotation:
    """What came of it; `unreadable` values were sealed with a key that is gone, or were altered or moved."""

    sealed_again: int
    unreadable: int


async def count_outdated(session: AsyncSession, columns: Sequence[SealedColumn], *, keyring: Keyring) -> int:
    """How many values another key than the first has sealed."""
    counts = [select(func.count()).select_from(each.table).where(_is_outdated(each, keyring)) for each in columns]
    return sum([await session.scalar(count) or 0 for count in counts])


async def seal_again(
    database: Database,
    columns: Sequence[SealedColumn],
    *,
    keyring: Keyring,
    on_progress: Callable[[int], None] = lambda _done: None,
) -> Rotation:
    """Seal under the first key whatever an older one sealed, a batch in each transaction."""
    sealed_again = unreadable = 0
    for column in columns:
        last: AnyRow | None = None
        while True:
            async with database.write() as session:
                rows = await _outdated(session, column, keyring, last)
                done = sum([await _seal_again(session, column, row, keyring) for row in rows])
            sealed_again, unreadable = sealed_again + done, unreadable + len(rows) - done
            on_progress(sealed_again + unreadable)
            if len(rows) < BATCH:
                break
            last = rows[-1]
    return Rotation(sealed_again, unreadable)


def _is_outdated(column: SealedColumn, keyring: Keyring) -> ColumnElement[bool]:
    return and_(column.sealed.is_not(None), ~column.sealed.startswith(f"{keyring.primary}:", autoescape=True))


async def _outdated(
    session: AsyncSession, column: SealedColumn, keyring: Keyring, last: AnyRow | None
) -> Sequence[AnyRow]:
    """The next rows in the order of the table's key, locked, so that nobody changes them meanwhile."""
    key = list(column.table.primary_key)
    found = select(column.table, column.sealed.label("_sealed")).where(_is_outdated(column, keyring))
    if last is not None:
        found = found.where(tuple_(*key) > tuple_(*(last._mapping[part.name] for part in key)))
    return (await session.execute(found.order_by(*key).limit(BATCH).with_for_update())).all()


async def _seal_again(session: AsyncSession, column: SealedColumn, row: AnyRow, keyring: Keyring) -> bool:
    place = column.place(row)
    try:
        plain = keyring.unseal(row._mapping["_sealed"], place=place)
    except UnreadableSecret:  # counted and told; the others are not to wait for it
        return False
    is_this = [part == row._mapping[part.name] for part in column.table.primary_key]
    value = column.replaced(row, keyring.seal(plain, place=place))
    await session.execute(update(column.table).where(*is_this).values({column.column: value}))
    return True
