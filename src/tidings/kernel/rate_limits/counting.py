"""Counting one more, wherever counts are kept."""

from dataclasses import dataclass
from datetime import datetime

from limits.aio.storage import Storage
from limits.errors import StorageError

from tidings.kernel.rate_limits.errors import StoreDown
from tidings.kernel.rate_limits.memory import MemoryCounts
from tidings.kernel.rate_limits.types import Limit, Standing

_NONE = Limit("none", 0)


@dataclass(frozen=True, slots=True)
class RateLimits:
    """Every limit of the API, and where it is counted."""

    storage: Storage
    sign_in: Limit
    user: Limit
    key: Limit
    program: Limit = _NONE
    upload: Limit = _NONE

    @property
    def asks_elsewhere(self) -> bool:
        """Whether counting waits for what may not answer, or writes: nobody must hold a connection meanwhile."""
        return not isinstance(self.storage, MemoryCounts)

    async def count(self, limit: Limit, who: str, *, now: datetime) -> Standing | None:
        """Where `who` stands after one more; None when there is no limit. Raises StoreDown."""
        if limit.amount == 0:
            return None
        window, elapsed = divmod(int(now.timestamp()), limit.window_s)
        try:
            used = await self.storage.incr(f"{limit.name}:{who}:{window}", limit.window_s)
        except StorageError as error:
            raise StoreDown(f"{type(error.storage_error).__name__}: {error.storage_error}") from error
        return Standing(limit, used, limit.window_s - elapsed)
