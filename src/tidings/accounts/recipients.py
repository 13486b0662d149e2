"""People known by the host's own names: found by id or `external_id`, and made when a sender may."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from uuid import UUID

from sqlalchemy import Subquery, Text, Uuid, select, union_all, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.events import UsersCreated
from tidings.accounts.models import User
from tidings.accounts.types import AccountState, Language
from tidings.kernel.db import Rows, rows
from tidings.kernel.events import publish
from tidings.kernel.ids import new_id

MAX_NAME_LENGTH = 250


@dataclass(frozen=True, slots=True)
class NewRecipient:
    """Somebody to make known under the host's name for them."""

    external_id: str
    email: str | None = None
    name: str | None = None
    language: Language = Language.ENGLISH_US


def as_id(name: str) -> UUID | None:
    """The UUID a name spells, if it does; any other name can only be an `external_id`."""
    try:
        return UUID(name)
    except ValueError:
        return None


@cache
def matching_names(dialect: str) -> tuple[Subquery, Rows]:
    """A subquery of (`name`, `user_id`) for every name that is a user's id or `external_id`, and the rows it reads.

    Two joins rather than one with OR, so that each uses its index. A name that is one user's id and another's
    `external_id` gives both. Bind the rows with `as_rows`.
    """
    names = rows(dialect, "names", name=Text, id=Uuid)
    found = select(names.c.name, User.id.label("user_id"))
    by_id = found.join_from(names.source, User, User.id == names.c.id)
    by_name = found.join_from(names.source, User, User.external_id == names.c.name)
    return union_all(by_id, by_name).subquery("matches"), names


def as_rows(names: Iterable[str]) -> Iterator[tuple[str, UUID | None]]:
    """Names as the rows that `matching_names` reads."""
    return ((name, as_id(name)) for name in names)


async def create_recipients(
    session: AsyncSession, recipients: Sequence[NewRecipient], *, now: datetime
) -> dict[str, UUID]:
    """Make these people known, in one statement; one that exists already is left alone. Returns ids by external id.

    Two senders that name the same stranger at once agree on one user: the second waits and finds the first's. That
    holds only if every unique index arbitrates: the one for addresses may be the first to see the other's row. Whose
    address somebody else got meanwhile is missing from the answer.
    """
    if not recipients:
        return {}
    values = [
        {
            "id": new_id(),
            "external_id": person.external_id,
            "email": person.email,
            "email_verified": person.email is not None,
            "name": person.name,
            "state": AccountState.RECIPIENT,
            "preferred_language": person.language,
            "created_at": now,
            "updated_at": now,
        }
        for person in sorted(recipients, key=lambda person: person.external_id)
    ]
    insert = sqlite_insert if session.get_bind().dialect.name == "sqlite" else postgresql_insert
    made = await session.execute(insert(User).on_conflict_do_nothing().returning(User.id), values)
    created = tuple(made.scalars())
    if created:
        await publish(session, UsersCreated(created))
    found = await session.execute(
        select(User.external_id, User.id).where(User.external_id.in_([person.external_id for person in recipients]))
    )
    return {name: user_id for name, user_id in found if name is not None}


async def update_recipients(session: AsyncSession, people: Sequence[NewRecipient], *, now: datetime) -> None:
    """Store what a host newly says of people it knows; what it leaves out stays."""
    for person in sorted(people, key=lambda person: person.external_id):
        said = {"email": person.email, "email_verified": person.email and True, "name": person.name}
        await session.execute(
            update(User)
            .where(User.external_id == person.external_id, User.state == AccountState.RECIPIENT)
            .values(updated_at=now, **{name: value for name, value in said.items() if value is not None})
        )


async def owners_of_emails(session: AsyncSession, emails: Sequence[str]) -> dict[str, User]:
    """Whose these addresses are, by address."""
    found = await session.scalars(select(User).where(User.email.in_(emails))) if emails else ()
    return {user.email: user for user in found if user.email is not None}
