"""What notifications keep of a person, as sections of their export."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.audit.types import Actor
from tidings.accounts.contributors import Section, Slice
from tidings.accounts.exports.tables import rows_of
from tidings.notifications.importing import MAX_RECORDS, take_in_entries
from tidings.notifications.models import Notification
from tidings.notifications.preferences import preferences_of, save_preferences
from tidings.notifications.schemas import PreferencesPut

_KEPT = {"created_at", "updated_at"}


async def _read_preferences(session: AsyncSession, user_id: UUID, _after: str | None, /, *, now: datetime) -> Slice:
    stored = await preferences_of(session, user_id, now=now)
    return Slice([{name: getattr(stored, name) for name in PreferencesPut.model_fields if name not in _KEPT}])


async def _write_preferences(
    session: AsyncSession, user_id: UUID, records: Sequence[Mapping[str, Any]], /, *, by: Actor, now: datetime
) -> int:
    for record in records:
        values = PreferencesPut.model_validate(record).model_dump(mode="json", exclude=_KEPT)
        await save_preferences(session, user_id, values, now=now)
    return len(records)


EXPORTED: tuple[Section, ...] = (
    Section("preferences", _read_preferences, _write_preferences),
    Section(
        "notifications",
        rows_of(
            Notification.id,
            Notification.id,
            Notification.event_id,
            Notification.type_code,
            Notification.priority,
            Notification.title,
            Notification.message,
            Notification.data,
            Notification.actor,
            Notification.action_url,
            Notification.action_text,
            Notification.icon,
            Notification.image_url,
            Notification.group_key,
            Notification.why,
            Notification.in_inbox,
            Notification.created_at,
            Notification.seen_at,
            Notification.read_at,
            Notification.dismissed_at,
            Notification.snoozed_until,
            Notification.expires_at,
            Notification.deleted_at,
            belongs=lambda user_id: Notification.user_id == user_id,
        ),
        take_in_entries,
        at_most=MAX_RECORDS,
        may_be_left_out=True,
    ),
)
