"""Each person's switches: one per channel, and one per type and channel where they differ."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.models import User
from tidings.kernel.bindings import bound
from tidings.notifications.addresses import ADDRESS_COLUMNS, lacks_of
from tidings.notifications.explaining import decisions_json
from tidings.notifications.models import Event, Notification, Preferences
from tidings.notifications.plan import ALL_ON, ChannelSwitches, Facts, plan, read_plan, wish_of
from tidings.notifications.rules import Rules
from tidings.notifications.types import Channel

PREVIEWED = timedelta(days=7)
MAX_PREVIEWED = 500
_COLUMNS = tuple(column.key for column in Preferences.__table__.columns)


def default_preferences(user_id: UUID, *, now: datetime) -> Preferences:
    """What holds for somebody who never chose: everything on."""
    return Preferences(
        user_id=user_id,
        in_app_enabled=True,
        email_enabled=True,
        push_enabled=True,
        type_preferences={},
        created_at=now,
        updated_at=now,
    )


async def preferences_of(session: AsyncSession, user_id: UUID, *, now: datetime) -> Preferences:
    """The person's preferences, the defaults (not stored) when they never chose."""
    return await session.get(Preferences, user_id) or default_preferences(user_id, now=now)


async def save_preferences(
    session: AsyncSession, user_id: UUID, changes: Mapping[str, Any], *, now: datetime
) -> Preferences:
    """Change what `changes` names (columns of Preferences) and keep the rest."""
    current = await preferences_of(session, user_id, now=now)
    values = {name: getattr(current, name) for name in _COLUMNS} | dict(changes)
    values |= {"user_id": user_id, "updated_at": now}
    insert = sqlite_insert if session.get_bind().dialect.name == "sqlite" else postgresql_insert
    changed = {**changes, "updated_at": now}  # alone: what somebody else has just changed stays
    saved = await session.scalars(
        insert(Preferences)
        .values(values)
        .on_conflict_do_update(index_elements=[Preferences.user_id], set_=changed)
        .returning(Preferences)
        .execution_options(populate_existing=True)
    )
    return saved.one()


def switches_of(
    in_app: bool | None, email: bool | None, push: bool | None, types: Mapping[str, Mapping[str, bool]] | None
) -> ChannelSwitches:
    """The planner's view of stored preferences; None everywhere (no row) is everything on."""
    if in_app is None or email is None or push is None:
        return ALL_ON
    return ChannelSwitches(
        channels={Channel.IN_APP: in_app, Channel.EMAIL: email, Channel.PUSH: push},
        types={key: {Channel(name): on for name, on in each.items()} for key, each in (types or {}).items()},
    )


async def preview_of(
    session: AsyncSession, user_id: UUID, wanted: Mapping[str, Any], *, now: datetime
) -> list[dict[str, Any]]:
    """The entries of the last seven days (500 at most) whose plan would have been another under these preferences."""
    rules = bound(session, Rules)
    switches = switches_of(
        wanted["in_app_enabled"], wanted["email_enabled"], wanted["push_enabled"], wanted["type_preferences"]
    )
    address = (await session.execute(select(*ADDRESS_COLUMNS).where(User.id == user_id))).one()
    facts = Facts(switches=switches, lacks=lacks_of(*address))
    recent = await session.execute(
        select(Notification.id, Notification.plan, Notification.type_code, Event.payload)
        .join_from(Notification, Event, Event.id == Notification.event_id)
        .where(Notification.user_id == user_id, Notification.created_at >= now - PREVIEWED)
        .order_by(Notification.sort_id.desc())
        .limit(MAX_PREVIEWED)
    )
    changed = []
    for entry_id, stored, type_code, payload in recent:
        kind = rules.types.with_code(type_code)
        if kind is None:  # no longer declared: nothing says what it asks for
            continue
        requested = payload.get("channels")
        wish = wish_of(kind, None if requested is None else frozenset(map(Channel, requested)))
        before = read_plan(stored)
        after = plan(wish, facts, channels_set_up=rules.channels_set_up)
        if after != before:
            changed.append(
                {"notification_id": entry_id, "before": decisions_json(before), "after": decisions_json(after)}
            )
    return changed
