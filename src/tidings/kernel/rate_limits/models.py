"""The table of counts, for servers that count in the database."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from tidings.kernel.db import Base
from tidings.kernel.purging import purge


class RateCount(Base):
    """How often somebody did something in one window."""

    __tablename__ = "tidings_rate_counts"

    key: Mapped[str] = mapped_column(primary_key=True)
    used: Mapped[int]
    expires_at: Mapped[datetime] = mapped_column(index=True)


async def purge_rate_counts(session: AsyncSession, *, now: datetime) -> int:
    """Remove a slice of the counts of windows that are over; returns how many."""
    return await purge(session, RateCount, RateCount.expires_at <= now)
