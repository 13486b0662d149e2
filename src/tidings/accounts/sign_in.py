"""Signing in with a password: checked before any transaction opens, admitted inside one."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.errors import InvalidCredentials
from tidings.accounts.models import User
from tidings.accounts.passwords import hash_password, is_correct, is_outdated
from tidings.accounts.types import AccountState
from tidings.accounts.users import locked_user
from tidings.kernel.db import Database
from tidings.kernel.errors import Busy


@dataclass(frozen=True, slots=True)
class Verified:
    """Whose password was right, the hash it was right for, and a better hash if that one is outdated."""

    user_id: UUID
    password_hash: str
    rehashed: str | None


async def verify_password(database: Database, login: str, password: str) -> Verified:
    """The active user with this username or e-mail and this password; no transaction is open meanwhile.

    Raises InvalidCredentials for every other case, after the same work.
    """
    async with database.read() as session:
        user = await _user_by_login(session, login)
    stored = user.password_hash if user else None
    correct = await is_correct(password, stored)
    if not correct or user is None or stored is None or user.state is not AccountState.ACTIVE:
        raise InvalidCredentials()
    return Verified(user.id, stored, await hash_password(password) if is_outdated(stored) else None)


async def admit(session: AsyncSession, verified: Verified) -> User:
    """The verified user, locked, with their hash brought up to date.

    Raises InvalidCredentials when the account changed in between, Busy when only the hash did.
    """
    user = await locked_user(session, verified.user_id)
    if user.state is not AccountState.ACTIVE:
        raise InvalidCredentials()
    if user.password_hash != verified.password_hash:  # a new password, or another sign-in's better hash
        raise Busy(headers={"Retry-After": "1"})
    if verified.rehashed is not None:
        user.password_hash = verified.rehashed
        await session.flush()
    return user


async def _user_by_login(session: AsyncSession, login: str) -> User | None:
    # A username has no @ and an address does, so one text can never name two users.
    name = login.lower()
    return await session.scalar(select(User).where(or_(User.username == name, User.email == name)))
