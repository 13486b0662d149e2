"""Counts in the memory of one process: next to free, and each process counts for itself."""

import time

from limits.aio.storage import Storage

PRUNED_AT = 10_000
"""How many counts are kept before those that are over are thrown away."""


class MemoryCounts(Storage):
    """A dictionary. The storage of `limits` itself starts a task that walks over every count at each request."""

    STORAGE_SCHEME = ["async+tidings-memory"]  # noqa: RUF012 - the library asks for a list on the class

    def __init__(self) -> None:
        super().__init__(wrap_exceptions=True)
        self._counts: dict[str, tuple[int, float]] = {}
        self._pruned_at = PRUNED_AT

    @property
    def base_exceptions(self) -> type[Exception]:
        """Nothing can fail here."""
        return MemoryError

    async def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Count, and return how many there are now."""
        used, expires_at = self._counts.get(key) or (0, time.monotonic() + expiry)
        self._counts[key] = (used + amount, expires_at)
        if len(self._counts) > self._pruned_at:
            self._prune()
        return used + amount

    async def get(self, key: str) -> int:
        """How many there are."""
        return self._counts.get(key, (0, 0.0))[0]

    async def get_expiry(self, key: str) -> float:
        """When the count may be forgotten, in seconds of the epoch."""
        expires_at = self._counts.get(key, (0, time.monotonic()))[1]
        return time.time() + expires_at - time.monotonic()

    async def check(self) -> bool:
        """Always there."""
        return True

    async def reset(self) -> int | None:
        """Forget everything; returns how many counts there were."""
        count = len(self._counts)
        self._counts.clear()
        return count

    async def clear(self, key: str) -> None:
        """Forget one count."""
        self._counts.pop(key, None)

    def _prune(self) -> None:
        now = time.monotonic()
        self._counts = {key: count for key, count in self._counts.items() if count[1] > now}
        self._pruned_at = max(PRUNED_AT, 2 * len(self._counts))  # so that a crowd is not walked over at each request
