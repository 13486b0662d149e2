"""People as somebody at a terminal names them: by id, by the host's name for them, or by user name."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.errors import UserNotFound
from tidings.accounts.models import User
from tidings.accounts.recipients import as_id


async def as_recipients(session: AsyncSession, names: Sequence[str]) -> list[str]:
    """The same names, with user names that are nothing else turned to ids."""
    return [await _as_recipient(session, name) for name in names]


async def user_named(session: AsyncSession, name: str) -> UUID:
    """Whom a name means, user names before the host's own. Raises UserNotFound."""
    known = select(User.id).where(or_(User.id == as_id(name), User.username == name.lower(), User.external_id == name))
    by_user_name = (User.username == name.lower()).desc().nulls_last()
    user_id = await session.scalar(known.order_by(by_user_name).limit(1))
    if user_id is None:
        raise UserNotFound(f"Nobody is called {name!r}; `tidings user list` shows everybody.")
    return user_id


async def _as_recipient(session: AsyncSession, name: str) -> str:
    known = select(User.id).where(or_(User.id == as_id(name), User.external_id == name))
    if (await session.execute(known)).first() is not None:
        return name
    user_id = await session.scalar(select(User.id).where(User.username == name.lower()))
    return name if user_id is None else str(user_id)
