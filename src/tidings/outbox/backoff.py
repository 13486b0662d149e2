"""When to try again: exponential backoff with full jitter, and the provider's own word where it gave one.

https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

LONGEST_WISH = timedelta(days=1)
"""The most a provider's Retry-After (RFC 9110 §10.2.3) can hold a delivery back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Backoff:
    """How a channel retries; after `max_attempts` a delivery is dead. The defaults are those of mail."""

    base: timedelta = timedelta(seconds=2)
    cap: timedelta = timedelta(hours=1)
    max_attempts: int = 20

    def __post_init__(self) -> None:
        if not timedelta(0) < self.base <= self.cap or self.max_attempts < 1:
            raise ValueError("a backoff needs 0 < base <= cap and at least one attempt")

    def delay(self, attempt: int, after: timedelta | None, draw: Callable[[], float]) -> timedelta:
        """How long to wait once attempt number `attempt` (from 1) failed: `random(0, min(cap, base·2ⁿ))`, n from 0.

        Never less than what the provider asked for (`after`, taken as at most a day). `draw` gives a number in [0, 1).
        """
        asked = min(after, LONGEST_WISH) if after else timedelta(0)
        return max(self.longest(attempt) * draw(), asked)

    def longest(self, attempt: int) -> timedelta:
        """The upper end of the draw after attempt number `attempt`."""
        factor: int = 2 ** min(attempt - 1, 62)
        return self.cap if factor >= self.cap / self.base else self.base * factor

    def is_exhausted(self, attempt: int) -> bool:
        """Whether attempt number `attempt` was the last one."""
        return attempt >= self.max_attempts
