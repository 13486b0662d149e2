"""Compare every inbox's kept counters with a count of its rows: they must never differ."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from tidings.kernel.db import AnySelect
from tidings.notifications.conditions import IS_LISTED, IS_UNREAD, IS_UNSEEN, count_where
from tidings.notifications.models import Inbox, Notification


@dataclass(frozen=True, slots=True)
class Miscount:
    """An inbox whose head says something else than its rows: (unread, unseen, total) each."""

    user_id: UUID
    kept: tuple[int, int, int]
    counted: tuple[int, int, int]


async def find_miscounts(session: AsyncSession, *, limit: int = 1_000) -> Sequence[Miscount]:
    """The inboxes whose counters are wrong, in one statement."""
    found = await session.execute(_miscounts().limit(limit))
    return [Miscount(row[0], tuple(row[1:4]), tuple(row[4:7])) for row in found]


async def mend_counters(session: AsyncSession) -> int:
    """Set wrong counters to what the rows say, under their heads; returns how many inboxes were mended."""
    wrong = await find_miscounts(session)
    for each in sorted(wrong, key=lambda miscount: miscount.user_id):
        await session.execute(select(Inbox.user_id).where(Inbox.user_id == each.user_id).with_for_update())
        row = (await session.execute(_miscounts().where(Inbox.user_id == each.user_id))).one_or_none()
        if row is not None:
            values = {"unread": row[4], "unseen": row[5], "total": row[6], "revision": Inbox.revision + 1}
            await session.execute(update(Inbox).where(Inbox.user_id == each.user_id).values(values))
    return len(wrong)


def _miscounts() -> AnySelect:
    counted = (
        select(
            Notification.user_id,
            count_where(IS_UNREAD).label("unread"),
            count_where(IS_UNSEEN).label("unseen"),
            count_where(IS_LISTED).label("total"),
        )
        .group_by(Notification.user_id)
        .subquery("counted")
    )
    pairs = [
        (getattr(Inbox, name), func.coalesce(counted.c[name], 0).label(f"counted_{name}"))
        for name in ("unread", "unseen", "total")
    ]
    return (
        select(Inbox.user_id, *(kept for kept, _ in pairs), *(count for _, count in pairs))
        .outerjoin(counted, counted.c.user_id == Inbox.user_id)
        .where(or_(*(kept != count for kept, count in pairs)))
        .order_by(Inbox.user_id)
    )
