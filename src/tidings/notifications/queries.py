"""Reading inboxes. The head is read first and the rows after it, so a cursor can repeat a row but never skip one."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from uuid import UUID

from sqlalchemy import ColumnElement, Integer, Uuid, bindparam, func, literal_column, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.models import User
from tidings.kernel.db import AnyRow, AnySelect, Rows, rows
from tidings.kernel.pages import DEFAULT_PAGE_SIZE
from tidings.notifications.conditions import EVER_IN_INBOX, IS_LISTED, IS_LIVE, IS_UNREAD, count_where
from tidings.notifications.cursors import epoch_of, format_cursor
from tidings.notifications.entries import PRIORITY_NUMBERS
from tidings.notifications.errors import NotificationNotFound
from tidings.notifications.models import Epoch, Inbox, Notification
from tidings.notifications.types import NotificationType, Priority
from tidings.notifications.wire import COLUMNS
from tidings.realtime.ports import Position, ResetReason


@dataclass(frozen=True, slots=True)
class HeadView:
    """One inbox's position and counters as last committed, and the epoch they belong to."""

    user_id: UUID
    revision: int
    floor: int
    unread: int
    unseen: int
    total: int
    epoch: str

    @property
    def position(self) -> Position:
        return self.position_at(self.revision)

    @property
    def cursor(self) -> str:
        return format_cursor(self.position)

    def position_at(self, revision: int) -> Position:
        """Another position in the same life of the database."""
        return Position(epoch_of(self.epoch, self.user_id), revision, 0)


async def heads_of(session: AsyncSession, user_ids: Sequence[UUID]) -> dict[UUID, HeadView]:
    """The heads of these users in one statement; users without an inbox are absent."""
    statement, wanted = _many_heads(session.get_bind().dialect.name)
    found = await session.execute(statement, wanted.bind((user_id,) for user_id in user_ids))
    return {row[0]: HeadView(*row) for row in found}


async def head_of(session: AsyncSession, user_id: UUID) -> HeadView:
    """The head of one user. Raises NotificationNotFound when there is no such inbox."""
    row = (await session.execute(ONE_HEAD, {"user_id": user_id})).one_or_none()
    if row is None:
        raise NotificationNotFound()
    return HeadView(*row)


@cache
def _many_heads(dialect: str) -> tuple[AnySelect, Rows]:
    wanted = rows(dialect, "wanted", user_id=Uuid)
    return _heads().where(Inbox.user_id.in_(select(wanted.c.user_id))), wanted


def _heads() -> AnySelect:
    epoch = select(Epoch.value).scalar_subquery().label("epoch")
    return select(Inbox.user_id, Inbox.revision, Inbox.floor, Inbox.unread, Inbox.unseen, Inbox.total, epoch)


ONE_HEAD = _heads().where(Inbox.user_id == bindparam("user_id"))
"""The columns of a `HeadView`, of one user."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListFilter:
    """Which entries a list shows. Dismissed and snoozed ones are hidden unless asked for."""

    unread_only: bool = False
    type: NotificationType | None = None
    priority: Priority | None = None
    include_dismissed: bool = False
    search: str | None = None

    @property
    def is_plain(self) -> bool:
        return self == ListFilter()

    def condition(self) -> ColumnElement[bool]:
        """The filter as SQL; what a person searches for is taken literally."""
        wanted = IS_UNREAD if self.unread_only else IS_LIVE if self.include_dismissed else IS_LISTED
        if self.type is not None:
            wanted &= Notification.type_code == self.type.code
        if self.priority is not None:
            wanted &= Notification.priority == PRIORITY_NUMBERS[self.priority]
        if self.search:
            wanted &= or_(
                Notification.title.icontains(self.search, autoescape=True),
                Notification.message.icontains(self.search, autoescape=True),
            )
        return wanted


async def list_entries(
    session: AsyncSession,
    user_id: UUID,
    wanted: ListFilter,
    *,
    after: UUID | None = None,
    offset: int = 0,
    limit: int,
) -> Sequence[AnyRow]:
    """Up to `limit` entries, newest first, after the one with sort id `after`; rows hold `COLUMNS` and `sort_id`."""
    bound = {"user_id": user_id, "limit": limit} | ({"offset": offset} if after is None else {"after": after})
    pages = _PLAIN_PAGES if wanted.is_plain else pages_where(wanted.condition())
    return (await session.execute(pages.first if after is None else pages.next, bound)).all()


@dataclass(frozen=True, slots=True)
class Pages:
    """The statements of a list, newest first: the page at an `offset`, and the one `after` a sort id."""

    first: AnySelect
    next: AnySelect


def _entries_where(condition: ColumnElement[bool]) -> AnySelect:
    return (
        select(*COLUMNS, Notification.sort_id)
        .where(Notification.user_id == bindparam("user_id"), condition)
        .order_by(Notification.sort_id.desc())
    )


def pages_where(condition: ColumnElement[bool]) -> Pages:
    """The pages of one user's entries that meet a condition, `limit` at a time."""
    page = _entries_where(condition).limit(bindparam("limit", type_=Integer))
    return Pages(
        first=page.offset(bindparam("offset", type_=Integer)),
        next=page.where(Notification.sort_id < bindparam("after")),
    )


_PLAIN_PAGES = pages_where(ListFilter().condition())

# How many rows stands in the SQL: PostgreSQL, which would take a parameter for any number, then plans only once.
_ORDINARY = _entries_where(ListFilter().condition()).limit(literal_column(str(DEFAULT_PAGE_SIZE + 1)))
ORDINARY_PAGES = Pages(_ORDINARY, _ORDINARY.where(Notification.sort_id < bindparam("after")))
"""Pages of usual size without a filter, and one row more that says whether there is another."""


async def changes_since(session: AsyncSession, user_id: UUID, revision: int, *, limit: int) -> Sequence[AnyRow]:
    """The next changed entries after a revision, in order; rows hold `COLUMNS`, `born_revision` and `is_live`."""
    bound = {"user_id": user_id, "revision": revision, "limit": limit}
    return (await session.execute(changes_statement(), bound)).all()


@cache
def changes_statement() -> AnySelect:
    """One user's changed entries after a `revision`, `limit` at most."""
    return (
        select(*COLUMNS, Notification.born_revision, IS_LIVE.label("is_live"))
        .where(
            Notification.user_id == bindparam("user_id"), Notification.revision > bindparam("revision"), EVER_IN_INBOX
        )
        .order_by(Notification.revision)
        .limit(bindparam("limit", type_=Integer))
    )


@dataclass(frozen=True, slots=True)
class ChangePage:
    """Some of an inbox's changes, in order: `reached` is the revision a device is at once it has applied `rows`."""

    head: HeadView
    rows: Sequence[AnyRow] = ()
    reached: int = 0
    has_more: bool = False
    reset: ResetReason | None = None


async def page_of_changes(session: AsyncSession, user_id: UUID, since: Position, *, limit: int) -> ChangePage | None:
    """The changes after a position, or why there can be none; None when there is no such inbox.

    The counters are never older than the last change: a change committed between the two reads brings a newer head.
    """
    head = (await heads_of(session, [user_id])).get(user_id)
    if head is None:
        return None
    reset = reset_reason(head, since)
    if reset is not None:
        return ChangePage(head, reached=head.revision, reset=reset)
    found = await changes_since(session, user_id, since.revision, limit=limit + 1)
    newest = max(head.revision, found[-1].revision if found else 0)
    if newest > head.revision:
        newer = (await heads_of(session, [user_id])).get(user_id, head)
        head = replace(newer, epoch=head.epoch)
    has_more = len(found) > limit
    return ChangePage(head, found[:limit], found[limit - 1].revision if has_more else newest, has_more)


def reset_reason(head: HeadView, since: Position) -> ResetReason | None:
    """Why a device at this position must start over, None when it can go on."""
    if since.epoch != head.position.epoch:
        return ResetReason.EPOCH_CHANGED
    if since.revision > head.revision or since.shared > head.position.shared:
        return ResetReason.AHEAD
    return ResetReason.TOO_OLD if since.revision < head.floor else None


async def entry_of(session: AsyncSession, user_id: UUID, notification_id: UUID, *, live: bool) -> AnyRow:
    """One entry; `live` wants it in the inbox, otherwise one whose in-app channel was off is found too.

    Raises NotificationNotFound, also for somebody else's, a deleted and an expired one.
    """
    exists = (Notification.deleted_at.is_(None), Notification.expired_at.is_(None))
    found = await session.execute(
        select(*COLUMNS).where(
            Notification.user_id == user_id, Notification.id == notification_id, *([IS_LIVE] if live else exists)
        )
    )
    row = found.one_or_none()
    if row is None:
        raise NotificationNotFound()
    return row


async def external_id_of(session: AsyncSession, user_id: UUID) -> str | None:
    """The host's own name for a user."""
    return (await session.execute(select(User.external_id).where(User.id == user_id))).scalar_one_or_none()


async def summary_of(session: AsyncSession, user_id: UUID, *, now: datetime) -> Sequence[AnyRow]:
    """Counts of the listed entries by type and priority: (type code, priority, total, unread, in 7 and 30 days)."""
    statement = (
        select(
            Notification.type_code,
            Notification.priority,
            func.count().label("total"),
            count_where(Notification.read_at.is_(None)).label("unread"),
            count_where(Notification.created_at >= now - timedelta(days=7)).label("recent_7d"),
            count_where(Notification.created_at >= now - timedelta(days=30)).label("recent_30d"),
        )
        .where(Notification.user_id == user_id, IS_LISTED)
        .group_by(Notification.type_code, Notification.priority)
    )
    return (await session.execute(statement)).all()
