"""Sign-ins while they wait for their second factor."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.errors import TokenInvalid
from tidings.accounts.pending_sign_ins.models import PendingSignIn
from tidings.accounts.types import SessionKind
from tidings.kernel.crypto import digest, new_token
from tidings.kernel.purging import purge

LIFE = timedelta(minutes=10)


async def start_pending(session: AsyncSession, user_id: UUID, *, kind: SessionKind, device: UUID, now: datetime) -> str:
    """The token of a sign-in that waits for its second factor, for ten minutes; stored nowhere."""
    token = new_token("tdf_")
    session.add(
        PendingSignIn(
            user_id=user_id, digest=digest(token), kind=kind, device=device, created_at=now, expires_at=now + LIFE
        )
    )
    await session.flush()
    return token


async def find_pending(session: AsyncSession, token: str, *, now: datetime) -> PendingSignIn:
    """The sign-in that waits under this token. Raises TokenInvalid."""
    pending = await session.scalar(
        select(PendingSignIn).where(PendingSignIn.digest == digest(token), PendingSignIn.expires_at > now)
    )
    if pending is None:
        raise TokenInvalid()
    return pending


async def use_pending(session: AsyncSession, pending: PendingSignIn) -> None:
    """Take this sign-in, which nobody can take twice. Raises TokenInvalid when somebody did or it was ended."""
    taken = delete(PendingSignIn).where(
        PendingSignIn.user_id == pending.user_id, PendingSignIn.digest == pending.digest
    )
    if (await session.execute(taken.returning(PendingSignIn.digest))).first() is None:
        raise TokenInvalid()


async def end_pending(session: AsyncSession, user_id: UUID) -> None:
    """End every sign-in of this user that waits: what proved its first factor no longer does."""
    await session.execute(delete(PendingSignIn).where(PendingSignIn.user_id == user_id))


async def purge_pending_sign_ins(session: AsyncSession, *, now: datetime) -> int:
    """Remove a slice of those that waited for too long; returns how many."""
    return await purge(session, PendingSignIn, PendingSignIn.expires_at <= now)
