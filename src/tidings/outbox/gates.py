"""What stands between a worker and a provider: a rate (token bucket) and a circuit breaker. Pure: time is handed in.

Kept in memory by each worker: what they protect from is too much at once, not too much in all.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NewType

Term = NewType("Term", int)
"""What a breaker lets somebody through under; over when it opens."""


@dataclass(frozen=True, slots=True)
class Rate:
    """So many a second in the long run, and at most `burst` at once."""

    per_second: float
    burst: int = 1


class TokenBucket:
    """Spaces out what is sent to keep within a rate (GCRA, the same as a bucket that drips full)."""

    def __init__(self, rate: Rate) -> None:
        self._interval = timedelta(seconds=1 / rate.per_second)
        self._tolerance = self._interval * (rate.burst - 1)
        self._full_at: datetime | None = None

    def next_turn(self, now: datetime) -> datetime:
        """When the next one may go."""
        return now if self._full_at is None else max(now, self._full_at - self._tolerance)

    def take(self, now: datetime) -> datetime:
        """Take that turn; returns when it is."""
        turn = self.next_turn(now)
        self._full_at = max(now, self._full_at or now) + self._interval
        return turn


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakerLimits:
    """After `failures` outages in a row the breaker opens for `pause`, twice as long each further time up to `cap`."""

    failures: int = 5
    pause: timedelta = timedelta(seconds=30)
    cap: timedelta = timedelta(minutes=10)
    probe: timedelta = timedelta(seconds=30)
    """How long a probe may take before another is let through."""


class Breaker:
    """Closed it lets everything through, open nothing; when its pause is over, one probe decides.

    Who is let through tells how it went, under the term it was let through in: whoever left in an earlier term says
    nothing about the present one by failing, but whoever is answered opens the way for all.
    """

    def __init__(self, limits: BreakerLimits | None = None) -> None:
        self._limits = limits or BreakerLimits()
        self._outages = 0
        self._openings = 0
        self._term = Term(0)
        self._closed_until: datetime | None = None

    @property
    def is_open(self) -> bool:
        return self._closed_until is not None

    def refuses_until(self, now: datetime) -> datetime | None:
        """None when one may go now, else when to ask again. Changes nothing."""
        return self._closed_until if self._closed_until is not None and now < self._closed_until else None

    def admit(self, now: datetime) -> Term:
        """Let one through that is not refused: the probe, while the breaker is open."""
        if self.is_open:
            self._closed_until = now + self._limits.probe
        return self._term

    def answered(self) -> None:
        """The provider answered, whatever it said."""
        self._outages = self._openings = 0
        self._closed_until = None

    def failed(self, now: datetime, term: Term) -> None:
        """The provider did not answer, or said that it cannot work now."""
        if term != self._term:
            return
        self._outages += 1
        if self.is_open or self._outages >= self._limits.failures:
            pause = min(self._limits.cap, self._limits.pause * 2 ** min(self._openings, 20))
            if not self.is_open:
                self._term = Term(self._term + 1)
            self._closed_until = now + pause
            self._openings += 1

    def stood_down(self, now: datetime, term: Term) -> None:
        """Who was let through did not go after all: if it was a probe, the next one may."""
        if self.is_open and term == self._term:
            self._closed_until = now


class Gate:
    """Both, for one provider."""

    def __init__(self, rate: Rate | None, limits: BreakerLimits | None = None) -> None:
        self.bucket = None if rate is None else TokenBucket(rate)
        self.breaker = Breaker(limits)
