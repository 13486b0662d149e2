"""What crosses the wire about deliveries (API.md, Notifications)."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import ConfigDict

from tidings.kernel.http.schemas import Answer
from tidings.outbox.types import DeliveryState


class DeliveryOut(Answer):
    """A delivery as operators see it: everything but its payload."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    user_id: UUID
    kind: str
    channel: str
    key: str
    event_id: UUID | None
    notification_id: UUID | None
    address_id: UUID | None
    destination: str | None
    state: DeliveryState
    priority: int
    due_at: datetime
    expires_at: datetime | None
    attempt: int
    attempts: list[dict[str, Any]]
    provider: str | None
    provider_ref: str | None
    reason: str | None
    last_error: str | None
    created_at: datetime
    finished_at: datetime | None
    opened_at: datetime | None
    clicked_at: datetime | None


class DeliveryPage(Answer):
    """Newest first."""

    deliveries: list[DeliveryOut]
    next_cursor: str | None
