"""Apply one action to the entries of held inboxes: three set-based statements, whatever their number."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, Connection, Uuid, and_, func, select, update

from tidings.kernel.db import Rows, rows
from tidings.kernel.ids import id_at
from tidings.notifications.actions import Action
from tidings.notifications.conditions import EVER_IN_INBOX, IS_LISTED, IS_LIVE, IS_UNREAD, IS_UNSEEN, count_where
from tidings.notifications.heads import Head, Heads
from tidings.notifications.models import Notification

_COUNTERS = (count_where(IS_UNREAD), count_where(IS_UNSEEN), count_where(IS_LISTED))


def apply_action(
    connection: Connection, heads: Iterable[Head], action: Action, scope: ColumnElement[bool]
) -> dict[UUID, int]:
    """Change the entries of these heads that are in scope and that the action applies to; returns how many, by user.

    Each changed entry takes one revision, in the order of its last change, so a reader resumes at any of them.
    """
    held = {head.user_id: head for head in heads}
    picked = rows(connection.dialect.name, "held", user_id=Uuid, base=BigInteger)
    bound = picked.bind((head.user_id, head.revision) for head in held.values())
    chosen = and_(Notification.user_id == picked.c.user_id, action.applies, scope)
    before = connection.execute(
        select(Notification.user_id, func.count(), *_COUNTERS).where(chosen).group_by(Notification.user_id), bound
    ).all()
    if not before:
        return {}
    _update(connection, picked, bound, chosen, action)
    after = connection.execute(
        select(Notification.user_id, *_COUNTERS)
        .where(Notification.user_id == picked.c.user_id, Notification.revision > picked.c.base, EVER_IN_INBOX)
        .group_by(Notification.user_id),
        bound,
    ).all()
    counters = {user_id: tuple(counts) for user_id, *counts in after}
    for user_id, count, *counts in before:
        held[user_id].take(count)
        held[user_id].move(*(new - old for new, old in zip(counters[user_id], counts, strict=True)))
    return {user_id: count for user_id, count, *_ in before}


def _update(
    connection: Connection, picked: Rows, bound: dict[str, object], chosen: ColumnElement[bool], action: Action
) -> None:
    numbered = (
        select(
            Notification.user_id,
            Notification.id,
            (
                picked.c.base
                + func.row_number().over(partition_by=Notification.user_id, order_by=Notification.revision)
            ).label("revision"),
        )
        .where(chosen)
        .subquery("numbered")
    )
    connection.execute(
        update(Notification)
        .values(revision=numbered.c.revision, **action.values)
        .where(Notification.user_id == numbered.c.user_id, Notification.id == numbered.c.id),
        bound,
    )


def wake(
    connection: Connection, heads: Heads, *, due_by: datetime, ordinals: Iterator[int], now: datetime
) -> dict[UUID, int]:
    """End the snoozes that are over: the entry comes back on top, unread and unseen, as if it had just arrived."""
    over = and_(IS_LIVE, Notification.snoozed_until <= due_by)
    held = rows(connection.dialect.name, "held", user_id=Uuid)
    found = connection.execute(
        select(Notification.user_id, Notification.id)
        .where(Notification.user_id == held.c.user_id, over)
        .order_by(Notification.user_id, Notification.snoozed_until, Notification.revision),
        held.bind((user_id,) for user_id in heads),
    ).all()
    woken: dict[UUID, int] = {}
    places = []
    for user_id, entry_id in found:
        head = heads[user_id]
        places.append((user_id, entry_id, id_at(now, next(ordinals)), head.take(1) + 1))
        head.move(unread=1, unseen=1, total=1)  # a snoozed entry counted as nothing
        woken[user_id] = woken.get(user_id, 0) + 1
    if places:
        _surface(connection, places)
    return woken


def _surface(connection: Connection, places: list[tuple[UUID, UUID, UUID, int]]) -> None:
    place = rows(connection.dialect.name, "place", user_id=Uuid, id=Uuid, sort_id=Uuid, revision=BigInteger)
    connection.execute(
        update(Notification)
        .values(
            sort_id=place.c.sort_id,
            revision=place.c.revision,
            born_revision=place.c.revision,
            snoozed_until=None,
            read_at=None,
            seen_at=None,
            next_change_at=Notification.expires_at,
        )
        .where(Notification.user_id == place.c.user_id, Notification.id == place.c.id),
        place.bind(places),
    )
