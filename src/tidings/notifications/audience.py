"""Who an event is for: names, inline people and roles become users with the facts the planner needs."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from uuid import UUID

from sqlalchemy import select
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
from tidings.accounts.types import AccountState, Language
from tidings.kernel.db import AnyRow, AnySelect, Rows
from tidings.kernel.errors import Fault
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

REACHABLE = frozenset({AccountState.RECIPIENT, AccountState.ACTIVE})
_COLUMNS = (
    User.id,
    User.external_id,
    User.username,
    User.name.label("full_name"),
    User.email,
    User.state,
    User.preferred_language,
    Preferences.in_app_enabled,
    Preferences.email_enabled,
    Preferences.push_enabled,
    Preferences.type_preferences,
)


@dataclass(frozen=True, slots=True)
class Recipient:
    """One person an event is for, and what the planner may know of them."""

    user_id: UUID
    external_id: str | None
    language: Language
    facts: Facts


@dataclass(frozen=True, slots=True)
class Audience:
    """Everybody an event is for, each once, in the order named; strangers and changes are still to be written."""

    recipients: tuple[Recipient, ...]
    actor: Actor | None
    strangers: tuple[NewRecipient, ...] = ()
    changes: tuple[NewRecipient, ...] = ()

    @property
    def languages(self) -> tuple[Language, ...]:
        """Every language somebody in it reads."""
        known = {person.language: None for person in self.recipients}
        return tuple(known | {person.language: None for person in self.strangers})


async def find_audience(session: AsyncSession, event: NewEvent) -> Audience:
    """Resolve every name of the event, reading only.

    Raises UnknownRecipient (with all of them), UnknownActor, RecipientIsAccount, RecipientDiffers, EmailTaken or
    TooManyRecipients.
    """
    names = [to if isinstance(to, str) else to.id for to in event.to if not isinstance(to, Everyone)]
    found = await _find(session, [*names, event.actor] if event.actor is not None else names)
    actor = _actor(event, found)
    strangers, changes = await _inline_people(session, event, found)
    members = [row for to in event.to if isinstance(to, Everyone) for row in await _everyone(session, to)]
    recipients = {row.id: _recipient(row) for row in [*(found[name] for name in names if name in found), *members]}
    if len(recipients) + len(strangers) > MAX_RECIPIENTS:
        raise TooManyRecipients()
    return Audience(tuple(recipients.values()), actor, strangers, changes)


async def admit_strangers(session: AsyncSession, audience: Audience, *, now: datetime) -> Audience:
    """Write the strangers and changes of an audience; the result has everybody as a recipient."""
    await update_recipients(session, audience.changes, now=now)
    ids = await create_recipients(session, audience.strangers, now=now)
    admitted = [
        Recipient(ids[person.external_id], person.external_id, person.language, Facts())
        for person in audience.strangers
    ]
    return Audience((*audience.recipients, *admitted), audience.actor)


async def find_user(session: AsyncSession, name: str) -> UUID:
    """Whose id or `external_id` this is. Raises UnknownRecipient."""
    found = await _find(session, [name])
    if name not in found:
        raise UnknownRecipient(f"{name!r} is not known here.")
    user_id: UUID = found[name].id
    return user_id


async def _find(session: AsyncSession, names: Sequence[str]) -> dict[str, AnyRow]:
    """The user of each known name, with preferences, in one statement."""
    if not names:
        return {}
    statement, named = _by_names(session.get_bind().dialect.name)
    found: dict[str, AnyRow] = {}
    for row in await session.execute(statement, named.bind(as_rows(names))):
        if row.name not in found or str(row.id) == row.name.lower():  # an id is meant before an external_id
            found[row.name] = row
    return found


@cache
def _by_names(dialect: str) -> tuple[AnySelect, Rows]:
    matches, named = matching_names(dialect)
    statement = (
        select(matches.c.name, *_COLUMNS)
        .join_from(matches, User, User.id == matches.c.user_id)
        .outerjoin(Preferences, Preferences.user_id == User.id)
    )
    return statement, named


async def _everyone(session: AsyncSession, group: Everyone) -> Iterable[AnyRow]:
    statement: AnySelect = (
        select(*_COLUMNS)
        .outerjoin(Preferences, Preferences.user_id == User.id)
        .where(User.access_type == group.access_type, User.state == AccountState.ACTIVE)
        .order_by(User.id)
        .limit(MAX_RECIPIENTS + 1)
    )
    return (await session.execute(statement)).all()


def _recipient(row: AnyRow) -> Recipient:
    switches = switches_of(row.in_app_enabled, row.email_enabled, row.push_enabled, row.type_preferences)
    return Recipient(row.id, row.external_id, row.preferred_language, Facts(row.state in REACHABLE, switches))


def _actor(event: NewEvent, found: dict[str, AnyRow]) -> Actor | None:
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


async def _inline_people(
    session: AsyncSession, event: NewEvent, found: dict[str, AnyRow]
) -> tuple[tuple[NewRecipient, ...], tuple[NewRecipient, ...]]:
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
    await _refuse_foreign_emails(session, [*inline.strangers.values(), *inline.changes.values()])
    return tuple(inline.strangers.values()), tuple(inline.changes.values())


def _sort_out(
    inline: _Inline, index: int, to: str | Somebody, found: dict[str, AnyRow], *, create_missing: bool
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
