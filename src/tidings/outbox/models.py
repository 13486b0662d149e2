"""Tables of the outbox: deliveries, and the fires of recurring tasks."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, SmallInteger, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from tidings.kernel.db import Base, Json, text_enum
from tidings.outbox.types import MAX_PRIORITY, DeliveryState


class Delivery(Base):
    """One thing on one channel to one address: the queue's row and the permanent record of its attempts.

    No foreign key to users: `user_id` is NOBODY where no user stands behind the address.
    """

    __tablename__ = "tidings_deliveries"

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    channel: Mapped[str]
    key: Mapped[str]
    """What this is, so that it exists once: event + channel + address, digest + local date, …"""
    event_id: Mapped[UUID | None]
    notification_id: Mapped[UUID | None]
    address_id: Mapped[UUID | None]
    destination: Mapped[str | None]
    language: Mapped[str | None]
    payload: Mapped[dict[str, Any]] = mapped_column(Json)
    state: Mapped[DeliveryState] = mapped_column(text_enum(DeliveryState))
    priority: Mapped[int] = mapped_column(SmallInteger)
    due_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    may_repeat: Mapped[bool]
    """Whether it goes again, under the same identity, when nobody knows whether it was accepted."""
    attempt: Mapped[int] = mapped_column(SmallInteger, default=0, server_default=text("0"))
    """How many attempts were begun since it was scheduled, the present one included."""
    lease_token: Mapped[UUID | None]
    lease_until: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    """When the present attempt was charged; null while the row is merely held."""
    lapses: Mapped[int] = mapped_column(SmallInteger, default=0, server_default=text("0"))
    """How many workers went away while they merely held it."""
    provider: Mapped[str | None]
    provider_ref: Mapped[str | None]
    reason: Mapped[str | None]
    """Why it was skipped, as a stable code."""
    last_error: Mapped[str | None]
    attempts: Mapped[list[dict[str, Any]]] = mapped_column(Json)
    """The last twenty: at, outcome, provider, detail."""
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    opened_at: Mapped[datetime | None]
    clicked_at: Mapped[datetime | None]

    __table_args__ = (
        UniqueConstraint("user_id", "key"),
        # A claim asks for each priority by itself, so that rows due later are never walked over.
        CheckConstraint(f"priority BETWEEN 0 AND {MAX_PRIORITY}", name="known_priority"),
    )


_SCHEDULED = text("state = 'scheduled'")
Index(
    "ix_tidings_deliveries_scheduled",
    Delivery.kind,
    Delivery.channel,
    Delivery.priority,
    Delivery.due_at,
    postgresql_where=_SCHEDULED,
    sqlite_where=_SCHEDULED,
)
# Charging an attempt leaves it alone (PostgreSQL: HOT). Read in its order, so that what has died in it is passed by.
_LEASED = text("state IN ('sending', 'handing_over')")
Index(
    "ix_tidings_deliveries_leased",
    Delivery.lease_until,
    postgresql_where=_LEASED,
    sqlite_where=_LEASED,
)
Index("ix_tidings_deliveries_state_id", Delivery.state, Delivery.id)
_OF_EVENT = text("event_id IS NOT NULL")
Index(
    "ix_tidings_deliveries_event",
    Delivery.event_id,
    Delivery.user_id,
    postgresql_where=_OF_EVENT,
    sqlite_where=_OF_EVENT,
)
_OF_NOTIFICATION = text("notification_id IS NOT NULL")
Index(
    "ix_tidings_deliveries_notification",
    Delivery.user_id,
    Delivery.notification_id,
    postgresql_where=_OF_NOTIFICATION,
    sqlite_where=_OF_NOTIFICATION,
)


class RecurringRun(Base):
    """One fire of one recurring task. The row is the claim: whoever inserts it runs the task."""

    __tablename__ = "tidings_recurring_runs"

    task: Mapped[str] = mapped_column(primary_key=True)
    fire_at: Mapped[datetime] = mapped_column(primary_key=True)
    outcome: Mapped[str]
    detail: Mapped[str | None]
    attempt: Mapped[int] = mapped_column(SmallInteger)
    lease_token: Mapped[UUID | None]
    lease_until: Mapped[datetime | None]
    """Until then nobody else runs it: the present run's lease, or the pause after a failure."""
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
