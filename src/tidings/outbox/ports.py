"""What the outbox asks of others: a message to send, a way to send it, and somebody to hear how it ended."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from tidings.channels.base import Outcome, Refused, Skip
from tidings.outbox.backoff import Backoff
from tidings.outbox.gates import Rate
from tidings.outbox.held import HeldDelivery


class LeaseLost(Exception):
    """This delivery is no longer this worker's to send."""


class Prepare(Protocol):
    """Makes the message of a delivery of one kind, or says why it is not to be sent any more, or can never be made.

    Called just before sending, with a session that only reads. What it raises counts as a failed attempt.
    Any: the message is the business of this port and the channel's sender; the outbox only carries it.
    """

    async def __call__(
        self, session: AsyncSession, delivery: HeldDelivery, now: datetime, /
    ) -> Any | Skip | Refused: ...


class Sender(Protocol):
    """Sends messages on one channel. Any: see Prepare."""

    def provider(self, message: Any, /) -> str:
        """Who would carry this message: the unit of rate limits and circuit breakers."""

    async def send(self, message: Any, /, *, handing_over: Callable[[], Awaitable[None]]) -> Outcome:
        """Send it and say what came of it.

        `handing_over` is awaited just before the point of no return; what it raises (LeaseLost: the delivery is
        somebody else's now) must end the attempt. What `send` raises counts as Retry before that point, and as
        Unknown after it.
        """


class Feedback(Protocol):
    """Hears how a delivery ended, in the transaction that records it, and so at most once.

    `outcome` is what the last attempt came to: Retry when the attempts were used up. If it raises, the failure is
    logged and the end of the delivery is recorded without it; what the database refuses it, or somebody's lock, only
    after some seconds.
    """

    async def __call__(
        self, session: AsyncSession, delivery: HeldDelivery, outcome: Outcome, /, *, now: datetime
    ) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelSetup:
    """One channel of a worker: who sends, for which kinds, and how much at once.

    Up to `concurrency` messages are sent at once, and as many of each kind are held ready behind them. An attempt
    that takes longer than `timeout_s` is given up. `rate` holds for each provider of the channel.
    """

    name: str
    sender: Sender
    kinds: frozenset[str]
    concurrency: int = 20
    timeout_s: float = 60.0
    backoff: Backoff = field(default_factory=Backoff)
    rate: Rate | None = None
