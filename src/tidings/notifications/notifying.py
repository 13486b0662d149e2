"""`notify()`: one event, written in the caller's transaction, planned and rendered for everybody it is for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Executable, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.types import Language
from tidings.kernel.bindings import bound
from tidings.kernel.errors import Conflict, TidingsError
from tidings.kernel.ids import new_id
from tidings.notifications.audience import Audience, admit_strangers, find_audience
from tidings.notifications.content import NewEvent, Somebody, Text, text_of
from tidings.notifications.entries import Content, Group, entry_id
from tidings.notifications.models import Event
from tidings.notifications.plan import ALL_ON, Facts, Plan, plan, sends, wish_of, write_plan
from tidings.notifications.rules import Rules
from tidings.notifications.types import Channel, NotificationType, Priority
from tidings.notifications.writing import Entry, PendingEvent, queue, queued_event, stored_entries


@dataclass(slots=True)
class SentEvent:
    """What `notify()` gives back. Where the event went is final once `write_pending` or the commit has run."""

    id: UUID
    deduplicated: bool
    _stored: Sequence[Entry]
    _accepted: int
    _pending: PendingEvent | None

    @property
    def accepted(self) -> int:
        """How many people it reaches."""
        return len(self._pending.entries) if self._pending else self._accepted

    @property
    def entries(self) -> Sequence[Entry]:
        """Where it went: all entries of an event just written, the first hundred of an earlier one."""
        return self._pending.entries if self._pending else self._stored


async def notify(
    session: AsyncSession,
    type: NotificationType | str,
    *,
    to: str | UUID | Somebody | Sequence[str | UUID | Somebody],
    title: str | None = None,
    message: str | None = None,
    data: Mapping[str, Any] | None = None,
    priority: Priority | str | None = None,
    actor: str | UUID | None = None,
    channels: Sequence[Channel | str] | None = None,
    dedupe_key: str | None = None,
    collapse_key: str | None = None,
    create_missing: bool = False,
    **more: Any,  # Any: the remaining fields of NewEvent, which checks their names
) -> SentEvent:
    """Tell people something, inside the transaction of `session`: committed with it, or not at all.

    `to` holds ids or the host's own names for users. Repeating a `dedupe_key` returns the first event and writes
    nothing. Raises UnknownType, UnknownRecipient, TextMissing and the other errors of this package.
    """
    rules = bound(session, Rules)
    several = [to] if isinstance(to, str | UUID | Somebody) else to
    event = NewEvent(
        type=rules.types.named(type.key if isinstance(type, NotificationType) else type),
        to=tuple(str(each) if isinstance(each, UUID) else each for each in several),
        title=title,
        message=message,
        data=data or {},
        priority=Priority(priority) if priority is not None else None,
        actor=None if actor is None else str(actor),
        channels=None if channels is None else frozenset(map(Channel, channels)),
        dedupe_key=dedupe_key,
        collapse_key=collapse_key,
        create_missing=create_missing,
        **more,
    )
    return await send_event(session, event, now=rules.clock.now())


async def send_event(session: AsyncSession, event: NewEvent, *, now: datetime) -> SentEvent:
    """Write the event's row and queue its entries; a repeat of its dedupe key returns the first result."""
    try:
        audience = await find_audience(session, event)
        texts = _texts(event, audience)
    except TidingsError:
        # A repeat is answered with the first result even when, by now, it could not be sent again.
        if event.dedupe_key is not None and (earlier := await _earlier(session, event)):
            return earlier
        raise
    if audience.strangers or audience.changes:
        if event.dedupe_key is not None and (earlier := await _earlier(session, event)):
            return earlier
        audience = await admit_strangers(session, audience, now=now)
        texts = _texts(event, audience)
    return await _write(session, event, audience, texts, now=now)


def plan_for(event: NewEvent, facts: Facts, rules: Rules) -> Plan:
    """What this event would do for a person of whom these facts hold."""
    return plan(wish_of(event.type, event.channels), facts, channels_set_up=rules.channels_set_up)


async def _write(
    session: AsyncSession, event: NewEvent, audience: Audience, texts: Mapping[Language, Text], *, now: datetime
) -> SentEvent:
    event_id = new_id()
    entries = [
        Entry(entry_id(event_id, person.user_id), person.user_id, person.external_id) for person in audience.recipients
    ]
    if not await _insert_event(session, event_id, event, audience, entries, now=now):
        return await _first(session, event)
    pending = PendingEvent(
        event_id,
        _groups(event_id, event, audience, texts, bound(session, Rules), now=now),
        entries,
        collapses=event.collapse_key is not None,
        in_savepoint=session.in_nested_transaction(),
    )
    queue(session, pending)
    return SentEvent(event_id, False, (), 0, pending)


def _texts(event: NewEvent, audience: Audience) -> dict[Language, Text]:
    """The text once per language that is needed."""
    return {language: text_of(event, audience.actor, language) for language in audience.languages}


def _groups(
    event_id: UUID,
    event: NewEvent,
    audience: Audience,
    texts: Mapping[Language, Text],
    rules: Rules,
    *,
    now: datetime,
) -> list[Group]:
    """Recipients who share a language and a plan share one content."""
    usual: dict[bool, Plan] = {}  # almost everybody has every switch on: they share two plans
    members: dict[tuple[Language, str, bool], list[UUID]] = {}
    for person in audience.recipients:
        facts = person.facts
        decisions = usual.get(facts.is_reachable) if facts.switches is ALL_ON else None
        if decisions is None:
            decisions = plan_for(event, facts, rules)
            if facts.switches is ALL_ON:
                usual[facts.is_reachable] = decisions
        key = (person.language, write_plan(decisions), sends(decisions, Channel.IN_APP))
        members.setdefault(key, []).append(person.user_id)
    return [
        Group(_content(event_id, event, audience, texts[language], stored, in_inbox, now=now), user_ids)
        for (language, stored, in_inbox), user_ids in members.items()
    ]


def _content(
    event_id: UUID, event: NewEvent, audience: Audience, text: Text, stored_plan: str, in_inbox: bool, *, now: datetime
) -> Content:
    kind = event.type
    expires_at = event.expires_at or (now + kind.expires_after if kind.expires_after else None)
    return Content(
        event_id=event_id,
        type_code=kind.code,
        priority=event.priority or kind.priority,
        title=text.title,
        message=text.message,
        data=dict(event.data),
        actor=audience.actor.shown() if audience.actor else None,
        action_url=event.action_url,
        action_text=event.action_text,
        icon=event.icon or kind.icon,
        image_url=event.image_url,
        group_key=event.group_key,
        collapse_key=event.collapse_key,
        why=text.why,
        plan=stored_plan,
        in_inbox=in_inbox,
        created_at=now,
        expires_at=expires_at,
    )


async def _insert_event(
    session: AsyncSession,
    event_id: UUID,
    event: NewEvent,
    audience: Audience,
    entries: Sequence[Entry],
    *,
    now: datetime,
) -> bool:
    inserted = await session.execute(
        _insertion(session.get_bind().dialect.name),
        {
            "id": event_id,
            "source": event.source,
            "dedupe_key": event.dedupe_key,
            "type_code": event.type.code,
            "actor_id": audience.actor.id if audience.actor else None,
            "payload": _payload(event),
            "created_at": now,
            **stored_entries(entries),
        },
    )
    return inserted.first() is not None


@cache
def _insertion(dialect: str) -> Executable:
    insert = sqlite_insert if dialect == "sqlite" else postgresql_insert
    unique = [Event.source, Event.dedupe_key]
    return insert(Event).on_conflict_do_nothing(index_elements=unique).returning(Event.id)


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


async def _first(session: AsyncSession, event: NewEvent) -> SentEvent:
    earlier = await _earlier(session, event)
    if earlier is None:  # events are never removed, so what was in the way is there
        raise Conflict()
    return earlier


async def _earlier(session: AsyncSession, event: NewEvent) -> SentEvent | None:
    """The event that took this dedupe key first, in this transaction or before."""
    row = (
        await session.execute(
            select(Event.id, Event.accepted, Event.entries).where(
                Event.source == event.source, Event.dedupe_key == event.dedupe_key
            )
        )
    ).one_or_none()
    if row is None:
        return None
    stored = [Entry(UUID(entry[0]), UUID(entry[1]), entry[2]) for entry in row.entries]
    return SentEvent(row.id, True, stored, row.accepted, queued_event(session, row.id))
