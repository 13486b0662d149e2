"""Reads of pictures."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.photos.errors import PhotoNotFound
from tidings.accounts.photos.models import LoginPhoto, Photo


async def photo_of(session: AsyncSession, user_id: UUID) -> Photo:
    """This user's photo. Raises PhotoNotFound."""
    photo = await session.get(Photo, user_id)
    if photo is None:
        raise PhotoNotFound()
    return photo


async def photo_with_id(session: AsyncSession, photo_id: UUID) -> Photo | LoginPhoto:
    """The picture at this unguessable address, whosever it is. Raises PhotoNotFound."""
    photo = await session.scalar(select(Photo).where(Photo.id == photo_id))
    shown = photo or await session.scalar(select(LoginPhoto).where(LoginPhoto.id == photo_id))
    if shown is None:
        raise PhotoNotFound()
    return shown
