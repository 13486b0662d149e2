"""What rate limits refuse."""

from tidings.kernel.errors import TidingsError
from tidings.kernel.rate_limits.types import Standing


class RateLimited(TidingsError):
    """Too many requests; wait as long as Retry-After says."""

    code = "rate_limited"
    status = 429

    def __init__(self, standing: Standing) -> None:
        super().__init__(headers={**standing.headers, "Retry-After": str(standing.resets_in_s)})


class StoreDown(Exception):
    """What is counted cannot be read or written now."""
