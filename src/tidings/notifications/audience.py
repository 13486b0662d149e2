"""Who an event is for: names, inline people and roles become users with the facts the planner needs."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, select
from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.errors import RecipientIsAccount
from tidings.accounts.models import User
from tidings.accounts.recipients import (
    NewRecipient,
    as_rows,
    create_recipients,
    matching_names,
    owners_of_emails,
    update_recipients,
)
from tidings.accounts.types import AccessType, AccountState, Language
from tidings.kernel.db import AnyRow, AnySelect, Rows, rows
from tidings.kernel.errors import Fault
from tidings.notifications.addresses import ADDRESS_COLUMNS, lacks_of
from tidings.notifications.content import MAX_RECIPIENTS, Actor, Everyone, NewEvent, Somebody
from tidings.notifications.errors import (
    EmailTaken,
    RecipientDiffers,
    TooManyRecipients,
    UnknownActor,
    UnknownRecipient,
)
from tidings.notifications.models import Preferences
from tidings.notifications.plan import Facts
from tidings.notifications.preferences import switches_of

SLICE = 1_000
"""How many people one transaction writes to at most; beyond that a worker writes, a slice after another."""
REACHABLE = frozenset({AccountState.RECIPIENT, AccountState.INVITED, AccountState.ACTIVE})
"""Who is told things: an invitation that waits takes nothing from whom a host knows already."""
PERSON = (
    User.id,
    User.external_id,
    User.username,
    User.name.label("full_name"),
    *ADDRESS_COLUMNS,
    User.state,
    User.preferred_language,
    Preferences.in_app_enabled,
    Preferences.email_enabled,
    Preferences.push_enabled,
    Preferences.type_preferences,
)
"""Whatever is read of a person who may be told something, their preferences joined."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """One person an event is for, and what the planner may know of them."""

    user_id: UUID
    external_id: str | None
    language: Language
    facts: Facts


@dataclass(frozen=True, slots=True)
class Audience:
    """Everybody an event is for, each once, in the order named; strangers and changes are still to be written.

    `roles` are those whose members are left to the worker: they are too many, or to be looked up later.
    """

    recipients: tuple[Recipient, ...]
    actor: Actor | None
    strangers: tuple[NewRecipient, ...] = ()
    changes: tuple[NewRecipient, ...] = ()
    roles: tuple[AccessType, ...] = ()

    @property
    def is_large(self) -> bool:
        """Whether one transaction does not write to all of them."""
        return bool(self.roles) or len(self.recipients) + len(self.strangers) > SLICE

    @property
    def shown_actor(self) -> Mapping[str, Any] | None:
        """Who did it, as shown."""
        return self.actor.shown() if self.actor else None

    @property
    def languages(self) -> tuple[Language, ...]:
        """Every language somebody in it reads, or may read."""
        if self.roles:
            return tuple(Language)
        known = {person.language: None for person in self.recipients}
        return tuple(known | {person.language: None for person in self.strangers})


async def find_audience(session: AsyncSession, event: NewEvent, *, later: bool = False) -> Audience:
    """Resolve every name of the event, reading only; the members of its roles unless that is for `later`.

    Raises UnknownRecipient (with all of them), UnknownActor, RecipientIsAccount, RecipientDiffers, EmailTaken or
    TooManyRecipients.
    """
    if len(event.to) > MAX_RECIPIENTS:
        raise TooManyRecipients()
    named = named_audience(event, await find_people(session, names_in(event)))
    await _refuse_foreign_emails(session, [*named.strangers, *named.changes])
    roles = tuple(dict.fromkeys(to.access_type for to in event.to if isinstance(to, Everyone)))
    if not roles:
        return named
    known = {each.user_id: each for each in named.recipients}
    members = {} if later else {each.user_id: each for each in await members_of(session, roles, limit=SLICE + 1)}
    if later or len(known | members) + len(named.strangers) > SLICE:
        return replace(named, roles=roles)
    return replace(named, recipients=tuple((known | members).values()))


def names_in(event: NewEvent) -> list[str]:
    """Everybody it names, as it names them; its actor comes last."""
    names = [to if isinstance(to, str) else to.id for to in event.to if not isinstance(to, Everyone)]
    return names if event.actor is None else [*names, event.actor]


def named_audience(event: NewEvent, people: Mapping[str, AnyRow]) -> Audience:
    """Whom the event names, among `people` by name; what it says of somebody's address is not checked here.

    Raises UnknownRecipient (with all of them), UnknownActor, RecipientIsAccount or RecipientDiffers.
    """
    actor = _actor(event, people)
    inline = _inline_people(event, people)
    found = (people.get(to if isinstance(to, str) else to.id) for to in event.to if not isinstance(to, Everyone))
    named = {row.id: _recipient(row) for row in found if row is not None}
    return Audience(tuple(named.values()), actor, tuple(inline.strangers.values()), tuple(inline.changes.values()))


async def admit_strangers(session: AsyncSession, audience: Audience, *, now: datetime) -> Audience:
    """Write the strangers and changes of an audience; the result has everybody as a recipient. Raises EmailTaken."""
    await update_recipients(session, audience.changes, now=now)
    ids = await create_recipients(session, audience.strangers, now=now)
    if any(person.external_id not in ids for person in audience.strangers):
        raise EmailTaken()
    addressed = {person.external_id: facts_of_stranger(person) for person in audience.changes if person.email}
    known = [
        replace(person, facts=replace(person.facts, lacks=addressed[person.external_id].lacks))
        if person.external_id in addressed
        else person
        for person in audience.recipients
    ]
    admitted = [
        Recipient(ids[person.external_id], person.external_id, person.language, facts_of_stranger(person))
        for person in audience.strangers
    ]
    return Audience((*known, *admitted), audience.actor, roles=audience.roles)


def facts_of_stranger(person: NewRecipient) -> Facts:
    """What is known of somebody whom the host has just named; it vouches for the address."""
    return Facts(lacks=lacks_of(person.email, True, None))


async def find_user(session: AsyncSession, name: str) -> UUID:
    """Whose id or `external_id` this is. Raises UnknownRecipient."""
    found = await find_people(session, [name])
    if name not in found:
        raise UnknownRecipient(f"{name!r} is not known here.")
    user_id: UUID = found[name].id
    return user_id


async def find_people(session: AsyncSession, names: Collection[str]) -> dict[str, AnyRow]:
    """The user of each known name, with preferences, in one statement."""
    if not names:
        return {}
    await session.flush()  # the caller may just have made them
    connection = await session.connection()
    statement, named = _by_names(connection.dialect.name)
    found: dict[str, AnyRow] = {}
    for row in await connection.execute(statement, named.bind(as_rows(names))):
        if row.name not in found or str(row.id) == row.name.lower():  # an id is meant before an external_id
            found[row.name] = row
    return found


@cache
def _by_names(dialect: str) -> tuple[AnySelect, Rows]:
    matches, named = matching_names(dialect)
    statement = (
        select(matches.c.name, *PERSON)
        .join_from(matches, User, User.id == matches.c.user_id)
        .outerjoin(Preferences, Preferences.user_id == User.id)
    )
    return statement, named


async def members_of(
    session: AsyncSession, roles: Iterable[AccessType], *, limit: int, after: UUID | None = None
) -> list[Recipient]:
    """The next active users who have one of these access types now, in the order of their ids."""
    statement: AnySelect = (
        select(*PERSON)
        .outerjoin(Preferences, Preferences.user_id == User.id)
        .where(User.access_type.in_(tuple(roles)), User.state == AccountState.ACTIVE)
        .order_by(User.id)
        .limit(limit)
    )
    if after is not None:
        statement = statement.where(User.id > after)
    return [_recipient(row) for row in await session.execute(statement)]


async def people_shown(session: AsyncSession, audience: Audience) -> list[Recipient]:
    """Its recipients, and of roles that are left to the worker the first thousand members."""
    members = await members_of(session, audience.roles, limit=SLICE) if audience.roles else []
    everybody = {person.user_id: person for person in [*audience.recipients, *members]}
    return list(everybody.values())


async def people_with(session: AsyncSession, user_ids: Sequence[UUID]) -> list[Recipient]:
    """These users as they are now, in this order; those who are gone are left out."""
    statement, wanted = _by_ids(session.get_bind().dialect.name)
    found = await session.execute(statement, wanted.bind((user_id,) for user_id in user_ids))
    people = {row.id: _recipient(row) for row in found}
    return [people[user_id] for user_id in user_ids if user_id in people]


@cache
def _by_ids(dialect: str) -> tuple[AnySelect, Rows]:
    wanted = rows(dialect, "wanted", id=Uuid)
    statement = (
        select(*PERSON)
        .join_from(wanted.source, User, User.id == wanted.c.id)
        .outerjoin(Preferences, Preferences.user_id == User.id)
    )
    return statement, wanted


def facts_of(row: AnyRow) -> Facts:
    """What the planner may know of a person; the row holds `PERSON`."""
    switches = switches_of(row.in_app_enabled, row.email_enabled, row.push_enabled, row.type_preferences)
    lacks = lacks_of(row.email, row.email_verified, row.undeliverable_email)
    return Facts(_is_reachable(row), switches, lacks)


def _is_reachable(row: AnyRow) -> bool:
    # Whom a host knows is told things while a sign-up of theirs waits for an administrator, as before it.
    waits = row.state is AccountState.REGISTERED and row.external_id is not None
    return waits or row.state in REACHABLE


def _recipient(row: AnyRow) -> Recipient:
    return Recipient(row.id, row.external_id, row.preferred_language, facts_of(row))


def _actor(event: NewEvent, found: Mapping[str, AnyRow]) -> Actor | None:
    if event.actor is None:
        return None
    if event.actor not in found:
        raise UnknownActor(faults=[Fault("/actor", "unknown_actor", f"{event.actor!r} is not known here.")])
    row = found[event.actor]
    return Actor(row.id, row.external_id, row.full_name, row.username)


@dataclass(slots=True)
class _Inline:
    strangers: dict[str, NewRecipient] = field(default_factory=dict)
    changes: dict[str, NewRecipient] = field(default_factory=dict)
    unknown: list[Fault] = field(default_factory=list)
    accounts: list[Fault] = field(default_factory=list)


def _inline_people(event: NewEvent, found: Mapping[str, AnyRow]) -> _Inline:
    """Who must be made and who must be changed before this event can be written."""
    inline = _Inline()
    for index, to in enumerate(event.to):
        if not isinstance(to, Everyone):
            _sort_out(inline, index, to, found, create_missing=event.create_missing)
    if inline.unknown:
        raise UnknownRecipient(faults=inline.unknown)
    if inline.accounts:
        raise RecipientIsAccount(faults=inline.accounts)
    if inline.changes and not event.may_write_users:
        raise RecipientDiffers()
    return inline


def _sort_out(
    inline: _Inline, index: int, to: str | Somebody, found: Mapping[str, AnyRow], *, create_missing: bool
) -> None:
    name = to if isinstance(to, str) else to.id
    row = found.get(name)
    if isinstance(to, str):
        if row is None and create_missing:
            inline.strangers.setdefault(name, NewRecipient(name))
        elif row is None:
            inline.unknown.append(Fault(f"/to/{index}", "unknown_recipient", f"{name!r} is not known here."))
    elif row is None and (to.says_something or name not in inline.strangers):
        inline.strangers[name] = NewRecipient(name, to.email, to.name)
    elif row is not None and _differs(to, row):
        if row.state is not AccountState.RECIPIENT or row.external_id is None:
            inline.accounts.append(Fault(f"/to/{index}", "recipient_is_account", f"{name!r} signs in here."))
        else:
            inline.changes[row.external_id] = NewRecipient(row.external_id, to.email, to.name)


def _differs(to: Somebody, row: AnyRow) -> bool:
    return (to.email is not None and to.email != row.email) or (to.name is not None and to.name != row.full_name)


async def _refuse_foreign_emails(session: AsyncSession, people: Sequence[NewRecipient]) -> None:
    wanted = {person.email: person.external_id for person in people if person.email is not None}
    if len(wanted) < sum(person.email is not None for person in people):
        raise EmailTaken("Two recipients were given the same e-mail address.")
    for email, owner in (await owners_of_emails(session, list(wanted))).items():
        if owner.external_id == wanted[email]:
            continue
        raise RecipientIsAccount() if owner.has_credential else EmailTaken()
