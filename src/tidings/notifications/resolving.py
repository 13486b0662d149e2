"""What an event asked for has been done by somebody: whoever else was asked need not look at it any more."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from tidings.notifications import actions
from tidings.notifications.cancelling import cancel_event
from tidings.notifications.entries import entry_id
from tidings.notifications.models import Event, Notification
from tidings.notifications.writing import PendingChange, queue


async def resolve_event(
    session: AsyncSession, user_ids: Iterable[UUID], *, source: str, dedupe_key: str, now: datetime
) -> None:
    """Dismiss an event's entries and cancel what of it was not sent yet; without such an event nothing.

    Whom it was sent to is written at the event, as far as the first hundred; `user_ids` are whoever else may have it.
    In one statement for all of them, when the transaction's inboxes are written. An event with a collapse key cannot
    be resolved so: its entries may be another's.
    """
    found = await session.execute(
        select(Event.id, Event.entries).where(Event.source == source, Event.dedupe_key == dedupe_key)
    )
    event = found.one_or_none()
    if event is None:
        return
    await cancel_event(session, event.id, now=now)
    users = sorted({*user_ids, *(UUID(user_id) for _, user_id, _ in event.entries)})
    entries = [entry_id(event.id, user_id) for user_id in users]
    queue(session, PendingChange(users, actions.dismiss, Notification.id.in_(entries)))
