"""What is stored, counted: so that a refusal can be seen to have written nothing."""

from dataclasses import dataclass

from sqlalchemy import func, select

from tests.world import Person
from tidings import Tidings
from tidings.accounts.models import User
from tidings.kernel.db import Base
from tidings.notifications.models import CollapsedEvent, Event, Inbox, Notification, Preferences


@dataclass(frozen=True, slots=True)
class Stored:
    """How many rows of each kind there are, and how often inboxes changed."""

    users: int
    events: int
    notifications: int
    collapsed: int
    preferences: int
    revisions: int


async def stored(tidings: Tidings) -> Stored:
    """What the database holds now."""
    async with tidings.database.read() as session:

        async def rows_of(table: type[Base]) -> int:
            return await session.scalar(select(func.count()).select_from(table)) or 0

        return Stored(
            users=await rows_of(User),
            events=await rows_of(Event),
            notifications=await rows_of(Notification),
            collapsed=await rows_of(CollapsedEvent),
            preferences=await rows_of(Preferences),
            revisions=int(await session.scalar(select(func.sum(Inbox.revision))) or 0),
        )


async def delete_person(person: Person, by: Person) -> None:
    """An administrator removes somebody."""
    assert (await by.client.delete(f"/users/{person.id}")).status_code == 204
