"""What an entry counts as, as SQL: the one definition that lists, counters, sweeps and the recount share."""

from sqlalchemy import ColumnElement, Integer, and_, case, func, literal_column

from tidings.notifications.models import Notification

IS_LIVE: ColumnElement[bool] = and_(
    Notification.in_inbox, Notification.deleted_at.is_(None), Notification.expired_at.is_(None)
)
"""In the inbox at all: neither deleted nor expired, and its in-app channel was not off."""

IS_LISTED: ColumnElement[bool] = and_(
    IS_LIVE, Notification.dismissed_at.is_(None), Notification.snoozed_until.is_(None)
)
"""What the list shows by default, and `total` counts."""

IS_UNREAD: ColumnElement[bool] = and_(IS_LISTED, Notification.read_at.is_(None))
IS_UNSEEN: ColumnElement[bool] = and_(IS_UNREAD, Notification.seen_at.is_(None))

EVER_IN_INBOX: ColumnElement[bool] = Notification.revision > literal_column("0")
"""Whether it is part of the inbox's log; no parameter, because the partial index asks for this very number."""


def count_where(condition: ColumnElement[bool]) -> ColumnElement[int]:
    """How many rows of a group meet the condition, 0 for none."""
    return func.coalesce(func.sum(case((condition, 1), else_=0), type_=Integer), 0)
