"""`notify()`: one event, written in the caller's transaction, planned and rendered for everybody it is for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, select
from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.types import Language
from tidings.kernel.bindings import bound
from tidings.kernel.db import AnyRow
from tidings.kernel.errors import Conflict, InvalidCharacter, TidingsError
from tidings.kernel.nul import holds_nul
from tidings.notifications.audience import (
    Audience,
    admit_strangers,
    find_audience,
    find_people,
    named_audience,
    names_in,
)
from tidings.notifications.content import Everyone, NewEvent, Somebody, Text
from tidings.notifications.drafting import Draft, draft_of, insert_events
from tidings.notifications.entries import Entry
from tidings.notifications.grouping import render_texts
from tidings.notifications.models import Event, Fanout
from tidings.notifications.postponing import is_later, postpone
from tidings.notifications.rules import Rules
from tidings.notifications.types import Channel, NotificationType, Priority
from tidings.notifications.writing import PendingEvent, queue, queued_event


@dataclass(slots=True)
class SentEvent:
    """What `notify()` gives back. Where the event went is final once `write_pending` or the commit has run.

    An event that `is_postponed` is written by a worker: at its time, or because it is for many, slice by slice.
    """

    id: UUID
    deduplicated: bool
    _stored: Sequence[Entry]
    _accepted: int
    _pending: PendingEvent | None
    is_postponed: bool = False

    @property
    def accepted(self) -> int:
        """How many people it reaches, as far as that is known."""
        return len(self._pending.entries) if self._pending else self._accepted

    @property
    def entries(self) -> Sequence[Entry]:
        """Where it went: all entries of an event just written, the first hundred of an earlier or postponed one."""
        return self._pending.entries if self._pending else self._stored


async def notify(
    session: AsyncSession,
    type: NotificationType | str,
    *,
    to: str | UUID | Somebody | Everyone | Sequence[str | UUID | Somebody | Everyone],
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
    nothing. With `send_at` in the future it is written then, and with more than a thousand recipients after the
    commit; both by a worker. Raises UnknownType, UnknownRecipient, TextMissing, InvalidCharacter and the
    other errors of this package.
    """
    rules = bound(session, Rules)
    several = [to] if isinstance(to, str | UUID | Somebody | Everyone) else to
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
    _check_texts(event)
    return await send_event(session, event, now=rules.clock.now())


def _check_texts(event: NewEvent) -> None:
    """What a request is checked for before anybody looks at it. Raises InvalidCharacter."""
    people = [(each.id, each.email, each.name) for each in event.to if isinstance(each, Somebody)]
    if holds_nul(people) or holds_nul([getattr(event, each.name) for each in fields(event)]):
        raise InvalidCharacter()


async def send_event(session: AsyncSession, event: NewEvent, *, now: datetime) -> SentEvent:
    """Write the event's row and queue its entries; a repeat of its dedupe key returns the first result.

    One whose time is still to come, or that is for many, is left to a worker once all that can be refused is checked.
    """
    try:
        later = is_later(event, now=now)
        audience = await find_audience(session, event, later=later)
        texts = render_texts(event, audience.languages, audience.shown_actor)
    except TidingsError:
        # A repeat is answered with the first result even when, by now, it could not be sent again.
        if event.dedupe_key is not None and (earlier := await _earlier(session, event)):
            return earlier
        raise
    if audience.strangers or audience.changes:
        if event.dedupe_key is not None and (earlier := await _earlier(session, event)):
            return earlier
        audience = await admit_strangers(session, audience, now=now)
        texts = render_texts(event, audience.languages, audience.shown_actor)
    if later or audience.is_large:
        return await _postpone(session, event, audience, now=now)
    return await _write(session, event, audience, texts, now=now)


async def send_events(session: AsyncSession, events: Sequence[NewEvent], *, now: datetime) -> list[SentEvent | None]:
    """Send several at once, as `send_event` would send each, with one statement of each kind for all of them.

    Only to people named and known, who are told now: None for one that is refused, that repeats another, or that names
    somebody unknown. Nothing of it is written, and `send_event` says what is the matter.
    """
    people = await find_people(session, {name for event in events for name in names_in(event)})
    drafts = [_draft(event, people, now=now) for event in events]
    new = await insert_events(session, filter(None, drafts), now=now)
    return [None if draft is None or draft.id not in new else _queue(session, draft, now=now) for draft in drafts]


def _draft(event: NewEvent, people: Mapping[str, AnyRow], *, now: datetime) -> Draft | None:
    try:
        is_later(event, now=now)
        audience = named_audience(event, people)
        texts = render_texts(event, audience.languages, audience.shown_actor)
    except TidingsError:
        return None
    return draft_of(event, audience, texts)


async def _write(
    session: AsyncSession, event: NewEvent, audience: Audience, texts: Mapping[Language, Text], *, now: datetime
) -> SentEvent:
    draft = draft_of(event, audience, texts)
    if not await insert_events(session, [draft], now=now):
        return await _first(session, event)
    return _queue(session, draft, now=now)


async def _postpone(session: AsyncSession, event: NewEvent, audience: Audience, *, now: datetime) -> SentEvent:
    draft = draft_of(event, replace(audience, recipients=()), {})
    if not await insert_events(session, [draft], now=now):
        return await _first(session, event)
    known = await postpone(session, draft.id, event, audience, now=now)
    return SentEvent(draft.id, False, (), known, None, is_postponed=True)


def _queue(session: AsyncSession, draft: Draft, *, now: datetime) -> SentEvent:
    """Have the entries of an event written whose row is there."""
    pending = PendingEvent(
        draft.id,
        draft.groups(bound(session, Rules), now=now),
        draft.entries,
        collapses=draft.event.collapse_key is not None,
        in_savepoint=session.in_nested_transaction(),
    )
    queue(session, pending)
    return SentEvent(draft.id, False, (), 0, pending)


async def _first(session: AsyncSession, event: NewEvent) -> SentEvent:
    earlier = await _earlier(session, event)
    if earlier is None:  # events are never removed, so what was in the way is there
        raise Conflict()
    return earlier


async def _earlier(session: AsyncSession, event: NewEvent) -> SentEvent | None:
    """The event that took this dedupe key first, in this transaction or before."""
    row = (
        await session.execute(
            select(Event.id, Event.accepted, Event.entries, Fanout.event_id.label("fanout"), Fanout.recipients)
            .outerjoin(Fanout, and_(Fanout.event_id == Event.id, Fanout.written_at.is_(None)))
            .where(Event.source == event.source, Event.dedupe_key == event.dedupe_key)
        )
    ).one_or_none()
    if row is None:
        return None
    if row.fanout is not None:  # not all written yet: what was answered first still holds
        return SentEvent(row.id, True, (), row.recipients or 0, None, is_postponed=True)
    stored = [Entry(UUID(entry[0]), UUID(entry[1]), entry[2]) for entry in row.entries]
    return SentEvent(row.id, True, stored, row.accepted, queued_event(session, row.id))
