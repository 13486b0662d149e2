"""Inbox heads: locked in one step, in sorted order, moved in Python, written back in one statement.

Everything that changes an inbox holds its head, so revisions are handed out in commit order and the counters stay
exact. Nothing else in the house locks two heads.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from uuid import UUID

from sqlalchemy import BigInteger, Connection, Integer, Update, Uuid, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.events import UserDeleting, UsersCreated
from tidings.kernel.db import AnySelect, Rows, rows
from tidings.notifications.models import Inbox


@dataclass(slots=True)
class Head:
    """One user's position and counters while they are held; `locked_at` is the revision found."""

    user_id: UUID
    locked_at: int
    revision: int
    unread: int
    unseen: int
    total: int

    def take(self, count: int) -> int:
        """Take `count` consecutive revisions; returns the one before the first."""
        before = self.revision
        self.revision += count
        return before

    def move(self, unread: int, unseen: int, total: int) -> None:
        """Shift the counters."""
        self.unread += unread
        self.unseen += unseen
        self.total += total


Heads = Mapping[UUID, Head]


def lock_heads(connection: Connection, user_ids: Iterable[UUID]) -> dict[UUID, Head]:
    """The heads of these users, held until the transaction ends; a user who is gone has none.

    Always in the order of user ids: two transactions that want the same heads wait for each other, never in a circle.
    """
    statement, wanted = _lock(connection.dialect.name)
    found = connection.execute(statement, wanted.bind((user_id,) for user_id in sorted(set(user_ids))))
    return {row[0]: Head(*row) for row in found}


@cache
def _lock(dialect: str) -> tuple[AnySelect, Rows]:
    wanted = rows(dialect, "wanted", user_id=Uuid)
    statement = (
        select(Inbox.user_id, Inbox.revision, Inbox.revision, Inbox.unread, Inbox.unseen, Inbox.total)
        .where(Inbox.user_id.in_(select(wanted.c.user_id)))
        .order_by(Inbox.user_id)
        .with_for_update(of=Inbox)
    )
    return statement, wanted


def store_heads(connection: Connection, heads: Iterable[Head]) -> None:
    """Write the moved heads back."""
    statement, moved = _store(connection.dialect.name)
    connection.execute(
        statement, moved.bind((head.user_id, head.revision, head.unread, head.unseen, head.total) for head in heads)
    )


@cache
def _store(dialect: str) -> tuple[Update, Rows]:
    moved = rows(dialect, "moved", user_id=Uuid, revision=BigInteger, unread=Integer, unseen=Integer, total=Integer)
    counters = {name: moved.c[name] for name in ("revision", "unread", "unseen", "total")}
    return update(Inbox).values(counters).where(Inbox.user_id == moved.c.user_id), moved


async def create_heads(session: AsyncSession, event: UsersCreated) -> None:
    """Give new users an empty inbox."""
    new = rows(session.get_bind().dialect.name, "created", user_id=Uuid)
    connection = await session.connection()
    await connection.execute(
        insert(Inbox).from_select(["user_id"], select(new.c.user_id)),
        new.bind((user_id,) for user_id in event.user_ids),
    )


async def hold_head(session: AsyncSession, event: UserDeleting) -> None:
    """Deleting a user takes the head first, so whoever writes to that inbox is done or finds it gone."""
    await session.execute(select(Inbox.user_id).where(Inbox.user_id == event.user_id).with_for_update())
