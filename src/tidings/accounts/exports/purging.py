"""Exports are kept for a week and no longer."""

from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.exports.models import Export


async def purge_exports(session: AsyncSession, *, now: datetime) -> int:
    """Remove exports whose time is over; returns how many."""
    gone = await session.execute(delete(Export).where(Export.expires_at <= now).returning(Export.user_id))
    return len(gone.all())
