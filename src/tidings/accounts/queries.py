"""Reads of users."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.errors import UserNotFound
from tidings.accounts.models import User
from tidings.accounts.schemas import UserOut, UserPage, UserPublic
from tidings.accounts.types import AccessType, AccountState
from tidings.kernel.crypto import Keyring
from tidings.kernel.pages import cursor_after, read_cursor


@dataclass(frozen=True, slots=True, kw_only=True)
class UserFilter:
    """Which users a list shows. `public`: what every signed-in user may see, active people found by name."""

    public: bool
    search: str | None = None
    state: AccountState | None = None
    access_type: AccessType | None = None

    @property
    def scope(self) -> str:
        """Names the list this filter makes, so that a cursor of one list is none of another."""
        return f"users:{json.dumps([self.public, self.search, self.state, self.access_type])}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Which part of a list: after a cursor, or the numbered page (from 1) that older clients ask for."""

    size: int
    number: int = 1
    cursor: str | None = None


async def get_user(session: AsyncSession, user_id: UUID) -> User:
    """The user with this id. Raises UserNotFound."""
    user = await session.get(User, user_id)
    if user is None:
        raise UserNotFound()
    return user


async def page_of_users(session: AsyncSession, users: UserFilter, page: Page, *, keyring: Keyring) -> UserPage:
    """Users by username, those without one last. Raises InvalidCursor for another list's cursor."""
    total = await session.scalar(_matching(select(func.count()).select_from(User), users)) or 0
    if page.cursor is None:
        rows = await _users_from(session, users, (page.number - 1) * page.size, total, limit=page.size + 1)
    else:
        position = json.loads(read_cursor(keyring, users.scope, page.cursor))
        rows = await _users_after(session, users, *position, limit=page.size + 1)
    shown = rows[: page.size]
    return UserPage(
        total=total,
        num_records=page.size,
        page_number=page.number,
        records=[_shown(user, users) for user in shown],
        next_cursor=cursor_after(keyring, users.scope, _position(shown[-1])) if len(rows) > len(shown) else None,
    )


def _shown(user: User, users: UserFilter) -> UserOut | UserPublic:
    return UserPublic.model_validate(user) if users.public else UserOut.model_validate(user)


def _position(user: User) -> str:
    return json.dumps([user.username, str(user.id)])


async def _users_from(
    session: AsyncSession, users: UserFilter, start: int, total: int, *, limit: int
) -> Sequence[User]:
    if start >= total:  # to pass over all of them takes longer than to count them
        return []
    found = _matching(select(User), users).order_by(User.username.asc().nulls_last(), User.id)
    return (await session.scalars(found.offset(start).limit(limit))).all()


async def _users_after(
    session: AsyncSession, users: UserFilter, username: str | None, user_id: str, *, limit: int
) -> Sequence[User]:
    # First who has a username, then who has none: each is sought in an index, which the two with OR would not be.
    found = _matching(select(User), users)
    unnamed = found.where(User.username.is_(None)).order_by(User.id)
    if username is None:
        return (await session.scalars(unnamed.where(User.id > UUID(user_id)).limit(limit))).all()
    named = (await session.scalars(found.where(User.username > username).order_by(User.username).limit(limit))).all()
    if len(named) == limit:
        return named
    return [*named, *await session.scalars(unnamed.limit(limit - len(named)))]


def _matching(statement: Select[Any], users: UserFilter) -> Select[Any]:  # Any: the same rows, whatever is selected
    if users.search:
        statement = statement.where(_holding(users.search, users))
    if users.public:
        statement = statement.where(User.state == AccountState.ACTIVE)
    if users.state is not None:
        statement = statement.where(User.state == users.state)
    if users.access_type is not None:
        statement = statement.where(User.access_type == users.access_type)
    return statement


def _holding(text: str, users: UserFilter) -> ColumnElement[bool]:
    """Every row is looked through: so the text is made lower case once, and user names and addresses are it already."""
    escaped = re.sub(r"([%_/])", r"/\1", text)
    pattern = select(func.lower(f"%{escaped}%")).scalar_subquery()
    in_public, in_full = [User.username, func.lower(User.name)], [User.email, func.lower(User.external_id)]
    searched = in_public if users.public else in_public + in_full
    return or_(*(column.like(pattern, escape="/") for column in searched))


async def first_users(
    session: AsyncSession, *, search: str | None, state: AccountState | None, limit: int
) -> Sequence[User]:
    """The first users by username whose names or e-mail hold the text, and who are in the state, if one is given."""
    found = _matching(select(User), UserFilter(public=False, search=search, state=state))
    return (await session.scalars(found.order_by(User.username.asc().nulls_last(), User.id).limit(limit))).all()
