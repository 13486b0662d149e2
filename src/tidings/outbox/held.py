"""A delivery as the worker that leased it sees it, and how far that worker has come with it."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from tidings.outbox.types import DeliveryId, DeliveryState

MAX_ATTEMPTS_KEPT = 20


@dataclass(frozen=True, slots=True)
class HeldDelivery:
    """What a claim returns of a row; the fields are those of the table."""

    user_id: UUID
    id: UUID
    kind: str
    channel: str
    key: str
    event_id: UUID | None
    notification_id: UUID | None
    address_id: UUID | None
    destination: str | None
    language: str | None
    payload: dict[str, Any]
    state: DeliveryState
    priority: int
    due_at: datetime
    expires_at: datetime | None
    may_repeat: bool
    attempt: int
    started_at: datetime | None
    provider: str | None
    attempts: list[dict[str, Any]]
    created_at: datetime
    lease_token: UUID | None
    """Names the claim: every claim has a token of its own, so that a worker that was late is late to itself too."""
    reason: str | None = None

    @property
    def identity(self) -> DeliveryId:
        return DeliveryId(self.user_id, self.id)

    def begun(self, now: datetime) -> Self:
        """The same delivery with one more attempt charged."""
        return replace(self, attempt=self.attempt + 1, started_at=now, state=DeliveryState.SENDING)

    def with_attempt(self, at: datetime, outcome: str, provider: str | None, detail: str) -> list[dict[str, Any]]:
        """The record of its attempts with one more, the last twenty."""
        entry = {
            "at": at.isoformat().replace("+00:00", "Z"),
            "outcome": outcome,
            "provider": provider,
            "detail": detail,
        }
        return [*self.attempts, entry][-MAX_ATTEMPTS_KEPT:]

    def interrupted(self) -> Self:
        """The same delivery, its record saying, once, that the present attempt ended with its worker."""
        attempts = self.with_attempt(self.started_at or self.due_at, "interrupted", None, "")
        return self if self.attempts[-1:] == attempts[-1:] else replace(self, attempts=attempts)


@dataclass(slots=True, eq=False)
class Work:
    """One held delivery, and how far its attempt has come in this process."""

    delivery: HeldDelivery
    is_begun: bool = False
    is_handed_over: bool = False
