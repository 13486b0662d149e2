"""People as somebody at a terminal names them: by id, by the host's name for them, or by user name."""

from collections.abc import Sequence

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.models import User
from tidings.accounts.recipients import as_id


async def as_recipients(session: AsyncSession, names: Sequence[str]) -> list[str]:
    """The same names, with user names that are nothing else turned to ids."""
    return [await _as_recipient(session, name) for name in names]


async def _as_recipient(session: AsyncSession, name: str) -> str:
    known = select(User.id).where(or_(User.id == as_id(name), User.external_id == name))
    if (await session.execute(known)).first() is not None:
        return name
    user_id = await session.scalar(select(User.id).where(User.username == name.lower()))
    return name if user_id is None else str(user_id)
