"""The vocabulary of the outbox."""

from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

NOBODY = UUID(int=0)
"""Stands in `user_id` where no user stands behind an address."""

MAX_PRIORITY = 3
"""Priorities are 0 (low) to 3 (urgent)."""


class DeliveryKind(StrEnum):
    """What made a delivery, and so who prepares its message. A newer release may know more."""

    NOTIFICATION = "notification"
    DIGEST = "digest"
    FANOUT = "fanout"
    ACCOUNT = "account"
    WEBHOOK = "webhook"
    EXPORT = "export"


class DeliveryState(StrEnum):
    """Where a delivery stands: waiting; leased to a worker; or finished, with how it ended."""

    SCHEDULED = "scheduled"
    SENDING = "sending"
    HANDING_OVER = "handing_over"
    SENT = "sent"
    DELIVERED = "delivered"
    SKIPPED = "skipped"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"
    DEAD = "dead"


CANCELLED = "cancelled"
"""The reason of a delivery that was withdrawn: it is cancelled, or will be once its attempt has come back."""

LEASED = frozenset({DeliveryState.SENDING, DeliveryState.HANDING_OVER})
RETRYABLE = frozenset({DeliveryState.DEAD, DeliveryState.UNKNOWN, DeliveryState.CANCELLED, DeliveryState.SKIPPED})


class DeliveryId(NamedTuple):
    """The primary key of a delivery."""

    user_id: UUID
    id: UUID
