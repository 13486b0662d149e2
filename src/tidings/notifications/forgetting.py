"""What events keep of a user who is deleted: the words that were for them alone, and their place among the recipients.

The events stay, because a `dedupe_key` never expires. What was told to others is theirs and stays with them.
"""

from sqlalchemy import select, text, union, update
from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.events import UserDeleting
from tidings.notifications.models import CollapsedEvent, Event, Notification

_OTHERS = {
    "sqlite": """
        (SELECT json_group_array(json(entry.value)) FROM json_each(tidings_events.entries) AS entry
         WHERE json_extract(entry.value, '$[1]') <> :owner)
    """,
    "postgresql": """
        (SELECT COALESCE(jsonb_agg(entry ORDER BY place), '[]')
         FROM jsonb_array_elements(tidings_events.entries) WITH ORDINALITY AS listed(entry, place)
         WHERE entry ->> 1 <> :owner)
    """,
}


async def forget_in_events(session: AsyncSession, event: UserDeleting) -> None:
    """Two statements, however much they were told; call it while their entries are still there."""
    told = union(
        *(select(table.event_id).where(table.user_id == event.user_id) for table in (Notification, CollapsedEvent))
    )
    theirs = update(Event).where(Event.id.in_(told)).execution_options(synchronize_session=False)
    await session.execute(theirs.where(Event.accepted == 1).values(payload={}))
    others = text(_OTHERS[session.get_bind().dialect.name]).bindparams(owner=str(event.user_id))
    await session.execute(theirs.values(entries=others))
