"""Deliveries as operators see them: with the person and the words that the outbox does not know."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.errors import UserNotFound
from tidings.accounts.models import User
from tidings.accounts.recipients import as_id
from tidings.console.schemas import DeliveryDetail, RecipientOut
from tidings.kernel.bindings import bound
from tidings.kernel.db import AnyRow
from tidings.notifications.models import Notification
from tidings.notifications.rules import Rules
from tidings.outbox.schemas import DeliveryOut


async def describe(session: AsyncSession, deliveries: Sequence[DeliveryOut]) -> list[DeliveryDetail]:
    """The same deliveries in the same order, each with its recipient and its notification's type and title.

    Two statements for any number of them.
    """
    people = await _people(session, {each.user_id for each in deliveries})
    entries = await _entries(session, {(each.user_id, each.notification_id) for each in deliveries})
    types = bound(session, Rules).types
    described = []
    for each in deliveries:
        entry = entries.get((each.user_id, each.notification_id))
        described.append(
            DeliveryDetail(
                **dict(each),
                recipient=people.get(each.user_id),
                type=types.key_of(entry.type_code) if entry else None,
                title=entry.title if entry else None,
            )
        )
    return described


async def user_named(session: AsyncSession, name: str) -> UUID:
    """Whose deliveries a filter means: an id, also of somebody removed or of nobody, or a known `external_id`.

    Raises UserNotFound.
    """
    spelled = as_id(name)
    if spelled is not None:
        return spelled
    found = await session.scalar(select(User.id).where(User.external_id == name))
    if found is None:
        raise UserNotFound()
    return found


async def _people(session: AsyncSession, ids: set[UUID]) -> Mapping[UUID, RecipientOut]:
    found = await session.execute(select(User.id, User.name, User.username, User.external_id).where(User.id.in_(ids)))
    return {row.id: RecipientOut.model_validate(row) for row in found}


async def _entries(
    session: AsyncSession, keys: set[tuple[UUID, UUID | None]]
) -> Mapping[tuple[UUID, UUID | None], AnyRow]:
    is_one = tuple_(Notification.user_id, Notification.id).in_([key for key in keys if key[1] is not None])
    columns = (Notification.user_id, Notification.id, Notification.type_code, Notification.title)
    found = await session.execute(select(*columns).where(is_one))
    return {(row.user_id, row.id): row for row in found}
