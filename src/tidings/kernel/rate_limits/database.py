"""Counts in the database: one for all processes, at the price of a small transaction a request."""

from datetime import timedelta

from limits.aio.storage import Storage
from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.exc import SQLAlchemyError

from tidings.kernel.clock import Clock
from tidings.kernel.db import Database
from tidings.kernel.rate_limits.models import RateCount


class DatabaseCounts(Storage):
    """Each count is one row, and counting one statement, so that processes that count at once lose nothing."""

    STORAGE_SCHEME = ["async+tidings-database"]  # noqa: RUF012 - the library asks for a list on the class

    def __init__(self, database: Database, clock: Clock) -> None:
        super().__init__(wrap_exceptions=True)
        self._database = database
        self._clock = clock

    @property
    def base_exceptions(self) -> tuple[type[Exception], ...]:
        """What a database that does not answer raises."""
        return (SQLAlchemyError, OSError, TimeoutError)

    async def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Count, in a transaction of its own, and return how many there are now."""
        insert = sqlite_insert if self._database.is_sqlite else postgresql_insert
        expires_at = self._clock.now() + timedelta(seconds=expiry)
        counted = insert(RateCount).values(key=key, used=amount, expires_at=expires_at)
        counted = counted.on_conflict_do_update(index_elements=["key"], set_={"used": RateCount.used + amount})
        async with self._database.write() as session:
            return (await session.execute(counted.returning(RateCount.used))).scalar_one()

    async def get(self, key: str) -> int:
        """How many there are."""
        async with self._database.read() as session:
            return await session.scalar(select(RateCount.used).where(RateCount.key == key)) or 0

    async def get_expiry(self, key: str) -> float:
        """When the count may be forgotten, in seconds of the epoch."""
        async with self._database.read() as session:
            expires_at = await session.scalar(select(RateCount.expires_at).where(RateCount.key == key))
        return (expires_at or self._clock.now()).timestamp()

    async def check(self) -> bool:
        """Whether the table answers."""
        await self.get("")
        return True

    async def reset(self) -> int | None:
        """Forget everything; returns how many counts there were."""
        async with self._database.write() as session:
            return len((await session.execute(delete(RateCount).returning(RateCount.key))).all())

    async def clear(self, key: str) -> None:
        """Forget one count."""
        async with self._database.write() as session:
            await session.execute(delete(RateCount).where(RateCount.key == key))
