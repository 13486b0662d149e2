"""What every channel takes and answers: a message for an address, and one outcome of a closed set."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, TypeAlias, TypeVar
from uuid import UUID

# --- what goes in ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a channel reaches somebody: a mail address, an endpoint, a number; `name` is shown where it can be."""

    value: str
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What every message has; a channel's own kind of message adds its content.

    `delivery_id` stays the same over every attempt, so that whoever receives a message twice can tell.
    `date` is when the delivery was made, aware.
    """

    delivery_id: UUID
    to: Address
    date: datetime


# --- what comes out ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Sent:
    """The next system has taken responsibility; `provider_ref` is what it calls the message."""

    provider_ref: str | None = None


@dataclass(frozen=True, slots=True)
class Delivered:
    """It reached the address itself, for certain."""

    provider_ref: str | None = None


@dataclass(frozen=True, slots=True)
class Skip:
    """It must not be sent (any more); `reason` is a stable word."""

    reason: str


@dataclass(frozen=True, slots=True)
class Retry:
    """It was certainly not accepted, and may be later: not before `after`, or by the usual backoff when None.

    `is_outage`: the other system itself failed or turned us away, whatever the message and the address.
    """

    after: timedelta | None = None
    detail: str = ""
    is_outage: bool = False


@dataclass(frozen=True, slots=True)
class Gone:
    """Nobody is at `address`, says its own system: it is to be removed."""

    detail: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """This message will never be accepted for this address, which may be fine for others."""

    detail: str = ""


@dataclass(frozen=True, slots=True)
class Unknown:
    """It may have been accepted, and nobody can tell: sending again may show it twice. `is_outage` as in Retry."""

    detail: str = ""
    is_outage: bool = False


Outcome: TypeAlias = Sent | Delivered | Skip | Retry | Gone | Refused | Unknown


# --- the contract ------------------------------------------------------------------------------------------

HandingOver: TypeAlias = Callable[[], Awaitable[None]]
"""Records durably that the message is about to leave; from its call on, a crash may have sent it."""

MessageT_contra = TypeVar("MessageT_contra", bound=Message, contravariant=True)


@dataclass(frozen=True, slots=True)
class Check:
    """What `tidings doctor` shows of a channel: whether it would work now, and what to do if not."""

    is_fine: bool
    detail: str
    what_to_do: str = ""


class Channel(Protocol[MessageT_contra]):
    """An address and a message, nothing more: retries, preferences and records are the caller's."""

    async def send(self, message: MessageT_contra, /, *, handing_over: HandingOver) -> Outcome:
        """Try once. Every failure of the other side is an outcome; what raises is an error of ours.

        `handing_over` is awaited at most once, and before anything that could make the other side accept the
        message: when it was not called, or when it raised, the message was not sent. What it raises is passed on.
        """

    async def check(self) -> Check:
        """Try everything that sending needs, and send nothing."""
