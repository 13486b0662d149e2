"""Reads of second factors."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.mfa.models import Passkey, RecoveryCode


async def list_passkeys(session: AsyncSession, user_id: UUID) -> Sequence[Passkey]:
    """Somebody's passkeys, oldest first."""
    return (await session.scalars(select(Passkey).where(Passkey.user_id == user_id).order_by(Passkey.id))).all()


async def count_recovery_codes(session: AsyncSession, user_id: UUID) -> int:
    """How many recovery codes are left."""
    return await session.scalar(select(func.count()).where(RecoveryCode.user_id == user_id)) or 0
