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
    """Dismiss these users' entries of an event and cancel what of it was not sent yet; without such an event nothing.

    In one statement for all of them, when the transaction's inboxes are written. An event with a collapse key cannot
    be resolved so: its entries may be another's.
    """
    event_id = await session.scalar(select(Event.id).where(Event.source == source, Event.dedupe_key == dedupe_key))
    if event_id is None:
        return
    await cancel_event(session, event_id, now=now)
    users = sorted(set(user_ids))
    entries = [entry_id(event_id, user_id) for user_id in users]
    queue(session, PendingChange(users, actions.dismiss, Notification.id.in_(entries)))
