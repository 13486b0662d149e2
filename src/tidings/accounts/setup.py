"""The first administrator, made with a one-time token that only who starts the server sees."""

import hmac
from datetime import datetime

from sqlalchemy import delete, exists, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.audit.types import Actor
from tidings.accounts.errors import AlreadySetUp, TokenInvalid
from tidings.accounts.models import SetupToken, User
from tidings.accounts.types import AccessType, AccountState
from tidings.accounts.users import create_user
from tidings.kernel.crypto import digest, new_token

_ROW = 1


async def ensure_setup_token(session: AsyncSession, now: datetime) -> str | None:
    """A fresh setup token in place of any earlier one; None once there is an administrator."""
    if await _has_admin(session):
        return None
    token = new_token("tdi_")
    values = {"digest": digest(token), "created_at": now}
    insert = sqlite_insert if session.get_bind().dialect.name == "sqlite" else postgresql_insert
    await session.execute(
        insert(SetupToken).values(id=_ROW, **values).on_conflict_do_update(index_elements=["id"], set_=values)
    )
    return token


async def check_setup_token(session: AsyncSession, token: str) -> None:
    """Raises AlreadySetUp once there is an administrator, and TokenInvalid for any other token."""
    if await _has_admin(session):
        raise AlreadySetUp()
    stored = await session.scalar(select(SetupToken.digest))
    if stored is None or not hmac.compare_digest(stored, digest(token)):
        raise TokenInvalid()


async def create_first_admin(
    session: AsyncSession,
    token: str,
    *,
    username: str,
    email: str,
    name: str,
    password_hash: str,
    by: Actor,
    now: datetime,
) -> User:
    """The first administrator, active at once; the token is used up. Raises AlreadySetUp, TokenInvalid."""
    used = delete(SetupToken).where(SetupToken.digest == digest(token)).returning(SetupToken.id)
    if (await session.execute(used)).first() is None:
        raise AlreadySetUp() if await _has_admin(session) else TokenInvalid()
    if await _has_admin(session):
        raise AlreadySetUp()
    return await create_user(
        session,
        username=username,
        email=email,
        name=name,
        password_hash=password_hash,
        access_type=AccessType.ADMIN,
        state=AccountState.ACTIVE,
        by=by,
        now=now,
    )


async def _has_admin(session: AsyncSession) -> bool:
    return bool(await session.scalar(select(exists().where(User.access_type == AccessType.ADMIN))))
