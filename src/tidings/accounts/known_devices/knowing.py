"""Knowing a device again by the token it was given; the database holds digests."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, exists, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.known_devices.models import UNKNOWN_DEVICE, KnownDevice
from tidings.kernel.crypto import digest, new_token
from tidings.kernel.purging import purge

LIFE = timedelta(days=400)
"""As long as browsers keep a cookie (draft-ietf-httpbis-rfc6265bis §5.5); each sign-in begins it anew."""
MAX_DEVICES = 100
"""Of one user; a new one takes the place of the one that was not seen for longest."""


async def device_of(session: AsyncSession, user_id: UUID | None, token: str | None) -> UUID:
    """Which of this user's known devices has this token, or UNKNOWN_DEVICE; for a user that is none, as slowly."""
    if token is None:
        return UNKNOWN_DEVICE
    known = await session.get(KnownDevice, (user_id or UNKNOWN_DEVICE, digest(token)))
    return UNKNOWN_DEVICE if known is None else _name(token)


async def remember_device(session: AsyncSession, user_id: UUID, token: str | None, *, now: datetime) -> str | None:
    """Know the device with this token from now on; None if it was known to this user before, else its token.

    Hold the user's row.
    Only a token that we gave to somebody is taken over, so that nobody can plant one of their own making.
    """
    if token is not None:
        seen = await session.execute(
            update(KnownDevice)
            .where(KnownDevice.user_id == user_id, KnownDevice.digest == digest(token))
            .values(last_seen_at=now)
            .returning(KnownDevice.digest)
        )
        if seen.first() is not None:
            return None
        if not await session.scalar(select(exists().where(KnownDevice.digest == digest(token)))):
            token = None
    token = token or new_token("tdd_")
    await _make_room(session, user_id)
    session.add(KnownDevice(user_id=user_id, digest=digest(token), created_at=now, last_seen_at=now))
    await session.flush()
    return token


async def forget_devices(session: AsyncSession, user_id: UUID, *, but: str | None = None) -> None:
    """Know none of this user's devices any more, but the one with this token."""
    gone = delete(KnownDevice).where(KnownDevice.user_id == user_id)
    await session.execute(gone if but is None else gone.where(KnownDevice.digest != digest(but)))


async def purge_known_devices(session: AsyncSession, *, now: datetime) -> int:
    """Remove a slice of the devices that were not seen for 400 days; returns how many."""
    return await purge(session, KnownDevice, KnownDevice.last_seen_at < now - LIFE)


async def _make_room(session: AsyncSession, user_id: UUID) -> None:
    mine = KnownDevice.user_id == user_id
    newest = select(KnownDevice.digest).where(mine).order_by(KnownDevice.last_seen_at.desc(), KnownDevice.digest)
    beyond = (await session.scalars(newest.offset(MAX_DEVICES - 1))).all()
    if beyond:
        await session.execute(delete(KnownDevice).where(mine, KnownDevice.digest.in_(beyond)))


def _name(token: str) -> UUID:
    return UUID(bytes=digest(token)[:16])
