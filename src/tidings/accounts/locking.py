"""Holding many users at once, in the order in which every writer takes them."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import and_, select
from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.models import User
from tidings.accounts.types import AccessType, AccountState


async def lock_users(session: AsyncSession, user_ids: Collection[UUID]) -> Sequence[UUID]:
    """Those of them who are still there, as they are until this transaction ends.

    Administrators come first and then the others, each by id: whoever takes an administrator away holds all of them
    before the row of the one it is about (`users.py`).
    """
    is_admin = and_(User.access_type == AccessType.ADMIN, User.state == AccountState.ACTIVE)
    held = await session.scalars(
        select(User.id).where(User.id.in_(user_ids)).order_by(is_admin.desc(), User.id).with_for_update(key_share=True)
    )
    return held.all()
