"""Tables of notifications. Every per-user table begins its primary key with `user_id`."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    SmallInteger,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from tidings.accounts.models import User
from tidings.kernel.db import Base, Json


class Epoch(Base):
    """One row. Its value is part of every cursor and changes when the database is restored from elsewhere."""

    __tablename__ = "tidings_epoch"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    value: Mapped[str]

    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)


class Inbox(Base):
    """The head of one user's inbox: the position of its last change and its exact counters."""

    __tablename__ = "tidings_inboxes"

    user_id: Mapped[UUID] = mapped_column(ForeignKey(User.id, ondelete="CASCADE"), primary_key=True)
    revision: Mapped[int] = mapped_column(BigInteger, default=0, server_default=text("0"))
    floor: Mapped[int] = mapped_column(BigInteger, default=0, server_default=text("0"))
    unread: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    unseen: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    total: Mapped[int] = mapped_column(default=0, server_default=text("0"))


class Event(Base):
    """One call of `notify()`. `(source, dedupe_key)` is unique for ever."""

    __tablename__ = "tidings_events"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    source: Mapped[str]
    dedupe_key: Mapped[str | None]
    type_code: Mapped[int]
    actor_id: Mapped[UUID | None]
    payload: Mapped[dict[str, Any]] = mapped_column(Json)
    accepted: Mapped[int]
    entries: Mapped[list[list[str | None]]] = mapped_column(Json)
    """The first hundred entries: notification id, user id, external id."""
    created_at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("source", "dedupe_key"),)


class Fanout(Base):
    """An event that is written later, or a slice at a time: what was asked for, and how far it has come.

    Whether it waits, runs or has failed is what the delivery of its next slice says.
    """

    __tablename__ = "tidings_fanouts"

    event_id: Mapped[UUID] = mapped_column(ForeignKey(Event.id, ondelete="CASCADE"), primary_key=True)
    request: Mapped[dict[str, Any]] = mapped_column(Json)
    user_ids: Mapped[list[str]] = mapped_column(Json)
    """Everybody who was named, in order; emptied, like the request, once all is written."""
    access_types: Mapped[list[str]] = mapped_column(Json)
    """Whose active members at the time of writing follow, in the order of their ids."""
    recipients: Mapped[int | None]
    """How many people it is for, when that is known beforehand."""
    send_at: Mapped[datetime | None]
    position: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    """How many slices are written; the delivery of a slice names it, so that none is written twice."""
    after: Mapped[UUID | None]
    """The last member that was looked at."""
    cancelled_at: Mapped[datetime | None]
    written_at: Mapped[datetime | None]


class Notification(Base):
    """The entry one event makes in one user's inbox; kept, uncounted, when its in-app channel is off."""

    __tablename__ = "tidings_notifications"

    user_id: Mapped[UUID] = mapped_column(ForeignKey(Inbox.user_id, ondelete="CASCADE"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    event_id: Mapped[UUID]
    sort_id: Mapped[UUID]
    revision: Mapped[int] = mapped_column(BigInteger)
    born_revision: Mapped[int] = mapped_column(BigInteger)
    type_code: Mapped[int]
    priority: Mapped[int] = mapped_column(SmallInteger)
    title: Mapped[str]
    message: Mapped[str]
    data: Mapped[dict[str, Any]] = mapped_column(Json)
    actor: Mapped[dict[str, Any] | None] = mapped_column(Json)
    action_url: Mapped[str | None]
    action_text: Mapped[str | None]
    icon: Mapped[str | None]
    image_url: Mapped[str | None]
    group_key: Mapped[str | None]
    collapse_key: Mapped[str | None]
    why: Mapped[str | None]
    plan: Mapped[str]
    in_inbox: Mapped[bool]
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime | None]
    read_at: Mapped[datetime | None]
    dismissed_at: Mapped[datetime | None]
    snoozed_until: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    expired_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]
    next_change_at: Mapped[datetime | None]
    """When time itself next changes this entry: the earlier of `snoozed_until` and `expires_at`."""


# SQLite takes a partial index only for a query that repeats its condition to the letter, and there truth is `= 1`.
_LIVE = "in_inbox{} AND deleted_at IS NULL AND expired_at IS NULL"
Index(
    "ix_tidings_notifications_listed",
    Notification.user_id,
    Notification.sort_id,
    # What the statistics ask of every entry, so that they read the index alone.
    postgresql_include=["type_code", "priority", "created_at", "read_at", "dismissed_at", "snoozed_until"],
    postgresql_where=text(_LIVE.format("")),
    sqlite_where=text(_LIVE.format(" = 1")),
)
_EVER_IN_INBOX = text("revision > 0")
Index(
    "ix_tidings_notifications_changed",
    Notification.user_id,
    Notification.revision,
    postgresql_where=_EVER_IN_INBOX,
    sqlite_where=_EVER_IN_INBOX,
)
_UNREAD = (
    "in_inbox{} AND read_at IS NULL AND dismissed_at IS NULL AND snoozed_until IS NULL "
    "AND deleted_at IS NULL AND expired_at IS NULL"
)
Index(
    "ix_tidings_notifications_unread",
    Notification.user_id,
    Notification.sort_id,
    postgresql_where=text(_UNREAD.format("")),
    sqlite_where=text(_UNREAD.format(" = 1")),
)
_COLLAPSIBLE = text("collapse_key IS NOT NULL AND deleted_at IS NULL AND expired_at IS NULL")
Index(
    "uq_tidings_notifications_collapse_key",
    Notification.user_id,
    Notification.collapse_key,
    unique=True,
    postgresql_where=_COLLAPSIBLE,
    sqlite_where=_COLLAPSIBLE,
)
_TIMED = text("next_change_at IS NOT NULL")
Index(
    "ix_tidings_notifications_next_change_at",
    Notification.next_change_at,
    postgresql_where=_TIMED,
    sqlite_where=_TIMED,
)


class CollapsedEvent(Base):
    """Which events a collapsed entry has gathered: the last one has no successor, the others were superseded."""

    __tablename__ = "tidings_collapsed_events"

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    event_id: Mapped[UUID] = mapped_column(primary_key=True)
    notification_id: Mapped[UUID]
    superseded_by: Mapped[UUID | None]
    plan: Mapped[str]

    __table_args__ = (
        ForeignKeyConstraint(
            ["user_id", "notification_id"], [Notification.user_id, Notification.id], ondelete="CASCADE"
        ),
        Index("ix_tidings_collapsed_events_notification", "user_id", "notification_id"),
    )


class Preferences(Base):
    """What one person wants to be told, and where. No row means every default."""

    __tablename__ = "tidings_preferences"

    user_id: Mapped[UUID] = mapped_column(ForeignKey(User.id, ondelete="CASCADE"), primary_key=True)
    in_app_enabled: Mapped[bool]
    email_enabled: Mapped[bool]
    push_enabled: Mapped[bool]
    type_preferences: Mapped[dict[str, Any]] = mapped_column(Json)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
