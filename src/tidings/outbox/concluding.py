"""What an outcome makes of a delivery: a pure function of the delivery, the outcome and the channel's backoff."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tidings.channels.base import Delivered, Gone, Outcome, Refused, Retry, Sent, Skip, Unknown
from tidings.kernel.logging import redact
from tidings.outbox.backoff import Backoff
from tidings.outbox.held import HeldDelivery
from tidings.outbox.types import DeliveryState

EXPIRED = "expired"
ADDRESS_GONE = "address_gone"
_MAX_DETAIL = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Conclusion:
    """The row as it will be; `outcome` is None when it only goes back to the queue."""

    delivery: HeldDelivery
    outcome: Outcome | None
    state: DeliveryState
    due_at: datetime
    attempt: int
    attempts: list[dict[str, Any]]
    provider: str | None = None
    provider_ref: str | None = None
    reason: str | None = None
    last_error: str | None = None
    finished_at: datetime | None = None


def conclude(
    delivery: HeldDelivery,
    outcome: Outcome,
    *,
    now: datetime,
    backoff: Backoff,
    draw: Callable[[], float],
    provider: str | None = None,
) -> Conclusion:
    """What becomes of a delivery whose attempt came to this.

    Retry, and Unknown where it may repeat, go again until the attempts are used up or it expires.
    """
    detail = plain(outcome)
    attempts = delivery.attempts
    if not isinstance(outcome, Skip):
        attempts = delivery.with_attempt(now, type(outcome).__name__.lower(), provider, detail)
    state, due_at, reason = _state(delivery, outcome, now=now, backoff=backoff, draw=draw)
    return Conclusion(
        delivery=delivery,
        outcome=outcome,
        state=state,
        due_at=due_at,
        attempt=delivery.attempt,
        attempts=attempts,
        provider=provider or delivery.provider,
        provider_ref=outcome.provider_ref if isinstance(outcome, Sent | Delivered) else None,
        reason=reason,
        last_error=detail or None,
        finished_at=None if state is DeliveryState.SCHEDULED else now,
    )


def put_back(delivery: HeldDelivery, *, due_at: datetime, uncharge: bool = False) -> Conclusion:
    """Back to the queue without an outcome; `uncharge` takes back the attempt that was begun."""
    return Conclusion(
        delivery=delivery,
        outcome=None,
        state=DeliveryState.SCHEDULED,
        due_at=due_at,
        attempt=delivery.attempt - uncharge,
        attempts=delivery.attempts,
        provider=delivery.provider,
    )


def plain(outcome: Outcome) -> str:
    """What the outcome says in words, without secrets and fit for a row."""
    words = outcome.reason if isinstance(outcome, Skip) else getattr(outcome, "detail", "")
    return str(redact(words)).replace("\0", "\N{REPLACEMENT CHARACTER}")[:_MAX_DETAIL]


def _state(
    delivery: HeldDelivery, outcome: Outcome, *, now: datetime, backoff: Backoff, draw: Callable[[], float]
) -> tuple[DeliveryState, datetime, str | None]:
    match outcome:
        case Sent():
            return DeliveryState.SENT, delivery.due_at, None
        case Delivered():
            return DeliveryState.DELIVERED, delivery.due_at, None
        case Skip(reason):
            return DeliveryState.SKIPPED, delivery.due_at, reason
        case Gone():
            return DeliveryState.DEAD, delivery.due_at, ADDRESS_GONE
        case Refused():
            return DeliveryState.DEAD, delivery.due_at, None
        case Unknown() if not delivery.may_repeat:
            return DeliveryState.UNKNOWN, delivery.due_at, None
        case Retry() | Unknown():
            return _again(delivery, outcome, now=now, backoff=backoff, draw=draw)


def _again(
    delivery: HeldDelivery, outcome: Retry | Unknown, *, now: datetime, backoff: Backoff, draw: Callable[[], float]
) -> tuple[DeliveryState, datetime, str | None]:
    if backoff.is_exhausted(delivery.attempt):
        last = DeliveryState.UNKNOWN if isinstance(outcome, Unknown) else DeliveryState.DEAD
        return last, delivery.due_at, None
    after = outcome.after if isinstance(outcome, Retry) else None
    due_at = now + backoff.delay(delivery.attempt, after, draw)
    if delivery.expires_at is not None and due_at >= delivery.expires_at:
        return DeliveryState.SKIPPED, delivery.due_at, EXPIRED
    return DeliveryState.SCHEDULED, due_at, None
