"""An event with nothing against it, and its row: written with others in one statement, unless its key is taken."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Executable, Integer, Uuid, select
from sqlalchemy import Text as TextType
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.types import Language
from tidings.kernel.db import Rows, UtcDateTime, as_json, rows
from tidings.kernel.ids import new_id
from tidings.notifications.audience import Audience
from tidings.notifications.content import NewEvent, Text
from tidings.notifications.entries import Entry, Group
from tidings.notifications.grouping import entries_of, groups_of
from tidings.notifications.models import Event
from tidings.notifications.rules import Rules
from tidings.notifications.writing import stored_entries


@dataclass(frozen=True, slots=True)
class Draft:
    """An event that may be written, what it says in each language, and the entries it will have at once."""

    id: UUID
    event: NewEvent
    audience: Audience
    texts: Mapping[Language, Text]
    entries: list[Entry]

    def groups(self, rules: Rules, *, now: datetime) -> list[Group]:
        """What each of its recipients is told."""
        people, actor = self.audience.recipients, self.audience.shown_actor
        return groups_of(self.id, self.event, people, self.entries, actor, self.texts, rules, now=now)

    def columns(self, now: datetime) -> tuple[Any, ...]:
        """The values of `_COLUMNS`."""
        stored = stored_entries(self.entries)
        return (
            self.id,
            self.event.source,
            self.event.dedupe_key,
            self.event.type.code,
            self.audience.actor.id if self.audience.actor else None,
            msgspec.json.encode(_payload(self.event)).decode(),
            stored["accepted"],
            msgspec.json.encode(stored["entries"]).decode(),
            now,
        )


_COLUMNS: dict[str, Any] = {
    "id": Uuid,
    "source": TextType,
    "dedupe_key": TextType,
    "type_code": Integer,
    "actor_id": Uuid,
    "payload": TextType,
    "accepted": Integer,
    "entries": TextType,
    "created_at": UtcDateTime,
}


def draft_of(event: NewEvent, audience: Audience, texts: Mapping[Language, Text]) -> Draft:
    """The event under a new id."""
    event_id = new_id()
    return Draft(event_id, event, audience, texts, entries_of(event_id, audience.recipients))


async def insert_events(session: AsyncSession, drafts: Iterable[Draft], *, now: datetime) -> set[UUID]:
    """Write the rows of these events; one whose dedupe key is taken is left out. Returns the ids of the others.

    Waits for a transaction that has just taken one of these keys and not ended yet.
    """
    connection = await session.connection()
    statement, new = _insertion(connection.dialect.name)
    # Sorted, so that two transactions that write the same keys wait for each other in the same order.
    ordered = sorted(drafts, key=lambda draft: (draft.event.source, draft.event.dedupe_key or ""))
    inserted = await connection.execute(statement, new.bind(draft.columns(now) for draft in ordered))
    return set(inserted.scalars())


@cache
def _insertion(dialect: str) -> tuple[Executable, Rows]:
    new = rows(dialect, "new", **_COLUMNS)
    columns = {name: new.c[name] for name in _COLUMNS}
    columns |= {name: as_json(dialect, new.c[name]) for name in ("payload", "entries")}
    # The condition is always true; without one SQLite reads ON CONFLICT as part of the join (sqlite.org/lang_upsert).
    source = select(*columns.values()).where(new.c.id.is_not(None))
    insert = sqlite_insert if dialect == "sqlite" else postgresql_insert
    statement = insert(Event).from_select([*columns], source)
    unless_taken = statement.on_conflict_do_nothing(index_elements=[Event.source, Event.dedupe_key])
    return unless_taken.returning(Event.id), new


def _payload(event: NewEvent) -> dict[str, Any]:
    """What was asked for, for explanations and for planning again."""
    asked = {
        "title": event.title,
        "message": event.message,
        "data": dict(event.data) or None,
        "channels": sorted(event.channels) if event.channels is not None else None,
        "collapse_key": event.collapse_key,
        "group_key": event.group_key,
    }
    return {name: value for name, value in asked.items() if value is not None}
