"""The words of rate limits, and the headers that tell them (draft-ietf-httpapi-ratelimit-headers)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limit:
    """So many in each window of so many seconds, everybody's windows by the same clock. 0: no limit."""

    name: str
    amount: int
    window_s: int = 60


@dataclass(frozen=True, slots=True)
class Standing:
    """Where somebody stands after one more: how many in this window, and the seconds until the next."""

    limit: Limit
    used: int
    resets_in_s: int

    @property
    def is_over(self) -> bool:
        return self.used > self.limit.amount

    @property
    def headers(self) -> dict[str, str]:
        """What every answer says of the limit."""
        limit = self.limit
        return {
            "RateLimit-Policy": f'"{limit.name}";q={limit.amount};w={limit.window_s}',
            "RateLimit": f'"{limit.name}";r={max(0, limit.amount - self.used)};t={self.resets_in_s}',
        }
