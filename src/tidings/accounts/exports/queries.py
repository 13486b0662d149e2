"""Reads of exports."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.exports.errors import ExportNotFound
from tidings.accounts.exports.models import Export
from tidings.accounts.exports.types import ExportState


async def export_of(session: AsyncSession, user_id: UUID, *, now: datetime) -> Export:
    """This person's export, as far as it has come. Raises ExportNotFound also for one that is no longer kept."""
    export = await session.get(Export, user_id)
    if export is None or export.expires_at <= now:
        raise ExportNotFound()
    return export


async def archive_of(session: AsyncSession, user_id: UUID, *, now: datetime) -> bytes:
    """The archive of this person's export. Raises ExportNotFound unless it is ready and still kept."""
    is_kept = (Export.state == ExportState.READY, Export.expires_at > now)
    archive = await session.scalar(select(Export.content).where(Export.user_id == user_id, *is_kept))
    if archive is None:
        raise ExportNotFound()
    return archive
