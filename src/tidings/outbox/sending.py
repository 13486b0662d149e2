"""One attempt at one delivery: look again whether it may go, wait at the provider's gate, charge, send, record."""

import asyncio
import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncSession

from tidings.channels.base import Outcome, Refused, Retry, Skip, Unknown
from tidings.kernel.clock import Clock
from tidings.kernel.db import Database
from tidings.outbox.concluding import EXPIRED, Conclusion, conclude, plain, put_back
from tidings.outbox.gates import BreakerLimits, Gate
from tidings.outbox.held import HeldDelivery, Work
from tidings.outbox.journal import Conclude, Journal, database_now
from tidings.outbox.ports import ChannelSetup, LeaseLost, Prepare
from tidings.outbox.types import CANCELLED, DeliveryState

PATIENCE = timedelta(seconds=5)
"""How long a prepared message waits for its turn at a rate limit; beyond that it goes back to the queue."""
_SLICE_S = 0.25
_log = structlog.get_logger(__name__)


class Draining(Exception):
    """The worker is ending; what has not begun is given back."""


@dataclass(frozen=True, slots=True)
class Ready:
    """May go. Any: the message is the business of Prepare and Sender."""

    message: Any
    provider: str


@dataclass(frozen=True, slots=True)
class Settled:
    """Will not be sent now, and why; `charges` says whether that costs an attempt."""

    outcome: Outcome
    charges: bool = False


class NotNow:
    """Could not be prepared for a reason that is not its own."""


Prepared = Ready | Settled | NotNow


class Sending:
    """The attempts of one worker. What it learns of providers is kept here, in memory."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        journal: Journal,
        *,
        setups: Mapping[str, ChannelSetup],
        prepare: Mapping[str, Prepare],
        breaker: BreakerLimits,
        draw: Callable[[], float],
    ) -> None:
        self._database = database
        self._clock = clock
        self._journal = journal
        self._setups = setups
        self._prepare = prepare
        self._breaker = breaker
        self._draw = draw
        self._gates: dict[str, Gate] = {}
        self.is_draining = False

    async def prepare(self, group: Sequence[Work]) -> list[Prepared]:
        """What becomes of each, asked with one session, one after another."""
        try:
            async with self._database.read() as session:
                now = await database_now(session, self._clock)
                return [await self._prepare_one(session, work.delivery, now) for work in group]
        except Exception as error:  # noqa: BLE001 - the database is away: no delivery is charged for that
            _log.warning("prepare_failed", error=_words(error))
            return [NotNow()] * len(group)

    async def take_over(self, work: Work) -> None:
        """Go on where another worker went away; like `attempt`, but charged before it is even prepared.

        Should preparing it be what ends workers, it uses up its own attempts.
        """
        prepared: Prepared | None = self._settled_by_its_worker(work)
        if prepared is None:
            await self._begin(work)
            (prepared,) = await self.prepare([work])
        await self.attempt(work, prepared)

    async def attempt(self, work: Work, prepared: Prepared) -> None:
        """Carry it through to its record. Raises LeaseLost, and Draining for what has not begun by then."""
        match prepared:
            case NotNow():
                await self._shift(work, PATIENCE)
            case Settled(outcome, charges):
                if charges:
                    await self._begin(work)
                await self._end(work, outcome)
            case Ready(message, provider):
                await self._pass_and_send(work, message, provider)

    async def release(self, work: Work) -> None:
        """Give back what was not finished, uncharged unless it may already have been handed over."""
        with contextlib.suppress(LeaseLost):
            if work.is_handed_over and not work.delivery.may_repeat:
                await self._end(work, Unknown("its worker stopped after it had begun to hand it over"))
            else:
                uncharge = work.is_begun and not work.is_handed_over
                await self._record(work, lambda now: put_back(work.delivery, due_at=now, uncharge=uncharge))

    def _settled_by_its_worker(self, work: Work) -> Settled | None:
        """What ends a delivery whose worker went away while sending it; None when it may be tried again."""
        if work.delivery.state is DeliveryState.HANDING_OVER and not work.delivery.may_repeat:
            return Settled(Unknown("its worker stopped after it had begun to hand it over"))
        if self._setup(work).backoff.is_exhausted(work.delivery.attempt):
            return Settled(Retry(detail="its worker stopped during the last attempt"))
        if work.delivery.reason == CANCELLED:
            return Settled(Retry(detail="its worker stopped, and it was withdrawn"))
        return None

    async def _prepare_one(self, session: AsyncSession, delivery: HeldDelivery, now: datetime) -> Prepared:
        if delivery.expires_at is not None and delivery.expires_at <= now:
            return Settled(Skip(EXPIRED))
        try:
            message = await self._prepare[delivery.kind](session, delivery, now)
            if isinstance(message, Skip | Refused):
                return Settled(message, charges=isinstance(message, Refused))
            return Ready(message, self._setups[delivery.channel].sender.provider(message))
        except Exception as error:
            if _is_database_away(error):
                raise
            # This delivery's own code: it is retried, then dead with this reason.
            _log.warning("prepare_failed", delivery=str(delivery.id), error=_words(error), exc_info=error)
            return Settled(Retry(detail=_words(error)), charges=True)

    async def _pass_and_send(self, work: Work, message: Any, provider: str) -> None:
        gate = self._gates.setdefault(provider, Gate(self._setup(work).rate, self._breaker))
        pause = await self._wait_at(gate)
        if pause is not None:
            await self._shift(work, pause)
            return
        term = gate.breaker.admit(self._clock.now())
        try:
            await self._begin(work)
            outcome = await self._send(work, message)
        except BaseException:  # nothing was learned of the provider; the next one may try
            gate.breaker.stood_down(self._clock.now(), term)
            raise
        if isinstance(outcome, Retry | Unknown) and outcome.is_outage:
            gate.breaker.failed(self._clock.now(), term)
        else:
            gate.breaker.answered()
        await self._end(work, outcome, provider)

    async def _wait_at(self, gate: Gate) -> timedelta | None:
        """Wait for a turn; returns None to go now, or how long to stay away instead."""
        now = self._clock.now()
        refused_until = gate.breaker.refuses_until(now)
        if refused_until is not None:
            return refused_until - now
        if gate.bucket is not None:
            turn = gate.bucket.next_turn(now)
            if turn - now > PATIENCE:
                return turn - now
            gate.bucket.take(now)
            while (wait := (turn - self._clock.now()).total_seconds()) > 0:  # noqa: ASYNC110 - a clock has no event
                await asyncio.sleep(min(wait, _SLICE_S))
        now = self._clock.now()
        refused_until = gate.breaker.refuses_until(now)
        return None if refused_until is None else refused_until - now

    async def _begin(self, work: Work) -> None:
        if work.is_begun:
            return
        if self.is_draining:
            raise Draining
        if not await self._journal.begin(work.delivery):
            raise LeaseLost
        work.delivery = work.delivery.begun(self._clock.now())
        work.is_begun = True

    async def _send(self, work: Work, message: Any) -> Outcome:
        setup = self._setup(work)
        try:
            async with asyncio.timeout(setup.timeout_s):
                return await setup.sender.send(message, handing_over=partial(self._hand_over, work))
        except LeaseLost:
            raise
        except Exception as error:  # noqa: BLE001 - the channel's code, or its provider; it ends this attempt alone
            _log.warning("send_failed", delivery=str(work.delivery.id), error=_words(error))
            is_outage = isinstance(error, OSError)  # TimeoutError is one
            if work.is_handed_over:
                return Unknown(_words(error), is_outage)
            return Retry(detail=_words(error), is_outage=is_outage)

    async def _hand_over(self, work: Work) -> None:
        if not await self._journal.hand_over(work.delivery):
            raise LeaseLost
        work.is_handed_over = True

    async def _end(self, work: Work, outcome: Outcome, provider: str | None = None) -> None:
        def ended(now: datetime) -> Conclusion:
            backoff = self._setup(work).backoff
            return conclude(work.delivery, outcome, now=now, backoff=backoff, draw=self._draw, provider=provider)

        await self._record(work, ended)

    async def _shift(self, work: Work, pause: timedelta) -> None:
        """Back to the queue, uncharged, a little spread out so that not everything comes back at once.

        A pause, not a time: this machine's clock measures how long, the one that all nodes share says until when.
        """
        pause += pause / 4 * self._draw()
        await self._record(work, lambda now: put_back(work.delivery, due_at=now + pause, uncharge=work.is_begun))

    async def _record(self, work: Work, conclude: Conclude) -> None:
        if not await self._journal.finish(work.delivery, conclude):
            raise LeaseLost

    def _setup(self, work: Work) -> ChannelSetup:
        return self._setups[work.delivery.channel]


def _is_database_away(error: Exception) -> bool:
    return isinstance(error, PoolTimeout) or (isinstance(error, DBAPIError) and error.connection_invalidated)


def _words(error: Exception) -> str:
    return plain(Refused(f"{type(error).__name__}: {error}"))
