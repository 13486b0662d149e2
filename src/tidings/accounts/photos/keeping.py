"""Keeping one photo of each person, and one of the sign-in page; a new one takes the old one's place."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.audit.recording import record
from tidings.accounts.audit.types import Actor, AuditAction
from tidings.accounts.models import User
from tidings.accounts.photos.models import LoginPhoto, Photo
from tidings.accounts.photos.types import Rendered
from tidings.accounts.server_settings.changing import locked_server_settings
from tidings.accounts.users import locked_user


async def put_photo(session: AsyncSession, user_id: UUID, rendered: Rendered, *, by: Actor, now: datetime) -> User:
    """The user with this photo, at an address that nobody can guess. Raises UserNotFound."""
    user = await locked_user(session, user_id)
    photo = await session.merge(Photo(user_id=user_id, **_columns(rendered, now)))
    await _point_at(session, user, photo.id, by=by, now=now)
    return user


async def remove_photo(session: AsyncSession, user_id: UUID, *, by: Actor, now: datetime) -> User:
    """The user without a photo; repeating it changes nothing. Raises UserNotFound."""
    user = await locked_user(session, user_id)
    if user.photo_id is not None:
        await session.execute(delete(Photo).where(Photo.user_id == user_id))
        await _point_at(session, user, None, by=by, now=now)
    return user


async def put_login_photo(session: AsyncSession, rendered: Rendered, *, by: Actor, now: datetime) -> LoginPhoto:
    """The picture of the sign-in page from now on."""
    settings = await locked_server_settings(session)
    photo = await session.merge(LoginPhoto(number=1, **_columns(rendered, now)))
    settings.login_photo_id, settings.updated_at = photo.id, now
    await session.flush()
    await record(session, AuditAction.SETTINGS_CHANGED, by=by, now=now, detail={"changed": ["login_photo"]})
    return photo


async def remove_login_photo(session: AsyncSession, *, by: Actor, now: datetime) -> None:
    """Leave the sign-in page without a picture; repeating it changes nothing."""
    settings = await locked_server_settings(session)
    if settings.login_photo_id is not None:
        await session.execute(delete(LoginPhoto))
        settings.login_photo_id, settings.updated_at = None, now
        await session.flush()
        await record(session, AuditAction.SETTINGS_CHANGED, by=by, now=now, detail={"changed": ["login_photo"]})


async def _point_at(session: AsyncSession, user: User, photo_id: UUID | None, *, by: Actor, now: datetime) -> None:
    user.photo_id, user.updated_at = photo_id, now
    await session.flush()
    await record(session, AuditAction.ACCOUNT_CHANGED, by=by, now=now, target_id=user.id, detail={"changed": ["photo"]})


def _columns(rendered: Rendered, now: datetime) -> dict[str, Any]:  # Any: each column's own type
    # Version 4: 122 random bits. Version 7 would say when it was made, and so narrow the guessing.
    size = {"width": rendered.width, "height": rendered.height}
    return {"id": uuid4(), "content": rendered.content, **size, "created_at": now}
