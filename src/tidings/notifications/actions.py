"""What may happen to an entry once it is in an inbox: which entries an action changes, and into what.

Places exclude one another: an entry is in the list, dismissed or snoozed. Whatever a person does to an entry means
they saw it. An action that would change nothing applies to no row, so repeating it writes nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, null, or_

from tidings.notifications.conditions import IS_LIVE, IS_UNREAD, IS_UNSEEN
from tidings.notifications.models import Notification

Values = dict[str, Any]  # Any: column values are literals or SQL


@dataclass(frozen=True, slots=True)
class Action:
    """`applies` picks the entries it changes, `values` says what they become."""

    name: str
    applies: ColumnElement[bool]
    values: Values


def read(now: datetime) -> Action:
    """Mark as read; the first reading time stays."""
    return Action("read", and_(IS_LIVE, Notification.read_at.is_(None)), {"read_at": now, "seen_at": _seen(now)})


def read_listed(now: datetime) -> Action:
    """Reading everything at once leaves what is dismissed or snoozed alone."""
    return Action("read", IS_UNREAD, {"read_at": now, "seen_at": _seen(now)})


def unread(now: datetime) -> Action:
    """Make unread again; it stays seen."""
    return Action("unread", and_(IS_LIVE, Notification.read_at.is_not(None)), {"read_at": None})


def see(now: datetime) -> Action:
    """Mark as seen."""
    return Action("seen", IS_UNSEEN, {"seen_at": now})


def dismiss(now: datetime) -> Action:
    """Take out of the list."""
    return Action(
        "dismiss",
        and_(IS_LIVE, Notification.dismissed_at.is_(None)),
        {
            "dismissed_at": now,
            "snoozed_until": None,
            "seen_at": _seen(now),
            "next_change_at": Notification.expires_at,
        },
    )


def restore(now: datetime) -> Action:
    """Bring back what is dismissed or snoozed."""
    return Action(
        "restore",
        and_(IS_LIVE, or_(Notification.dismissed_at.is_not(None), Notification.snoozed_until.is_not(None))),
        {"dismissed_at": None, "snoozed_until": None, "next_change_at": Notification.expires_at},
    )


def snooze_until(until: datetime) -> Callable[[datetime], Action]:
    """Hide an entry until a later time, when it comes back as new."""

    def snooze(now: datetime) -> Action:
        earlier_expiry = and_(Notification.expires_at.is_not(None), Notification.expires_at < until)
        return Action(
            "snooze",
            and_(IS_LIVE, Notification.snoozed_until.is_distinct_from(until)),
            {
                "snoozed_until": until,
                "dismissed_at": None,
                "seen_at": _seen(now),
                "next_change_at": case((earlier_expiry, Notification.expires_at), else_=until),
            },
        )

    return snooze


def delete(now: datetime) -> Action:
    """Remove for its owner; a tombstone tells other devices."""
    return Action("delete", IS_LIVE, {"deleted_at": now, "next_change_at": null()})


def expire(now: datetime) -> Action:
    """Remove what is past its time."""
    return Action(
        "expire", and_(IS_LIVE, Notification.expires_at <= now), {"expired_at": now, "next_change_at": null()}
    )


def _seen(now: datetime) -> ColumnElement[datetime | None]:
    return func.coalesce(Notification.seen_at, now)
