"""Exports are kept for a week and no longer, or until their owner no longer wants them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.audit.recording import record
from tidings.accounts.audit.types import Actor, AuditAction
from tidings.accounts.exports.models import Export
from tidings.accounts.users import locked_user
from tidings.kernel.purging import purge


async def remove_export(session: AsyncSession, user_id: UUID, *, by: Actor, now: datetime) -> None:
    """Remove this person's export; one that is being made ends with its next step. Without one nothing happens.

    Raises UserNotFound.
    """
    await locked_user(session, user_id)
    gone = await session.execute(delete(Export).where(Export.user_id == user_id).returning(Export.user_id))
    if gone.first() is not None:
        await record(session, AuditAction.EXPORT_REMOVED, by=by, now=now, target_id=user_id)


async def purge_exports(session: AsyncSession, *, now: datetime) -> int:
    """Remove a slice of the exports whose time is over; returns how many."""
    return await purge(session, Export, Export.expires_at <= now, at_most=10)  # each is a whole archive
