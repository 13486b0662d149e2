"""Ending every session of somebody, or of everybody: they sign in anew. Keys are no sessions, and go on working."""

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, delete, func, select, union
from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.audit.recording import record, record_each
from tidings.accounts.audit.types import Actor, AuditAction
from tidings.accounts.events import AccessEnded, EveryAccessEnded
from tidings.accounts.models import Ticket, User, UserSession
from tidings.accounts.pending_sign_ins.models import PendingSignIn
from tidings.accounts.queries import get_user
from tidings.accounts.sessions import end_all_access
from tidings.kernel.db import Database
from tidings.kernel.events import publish

AT_ONCE = 500
_REASON = "ended_by_admin"
_DETAIL = {"sessions": "all"}
_WAYS_IN = (PendingSignIn, UserSession, Ticket)


async def end_user_sessions(session: AsyncSession, user_id: UUID, *, by: Actor, now: datetime) -> User:
    """End every session of this user, with its tokens and open streams. Raises UserNotFound."""
    user = await get_user(session, user_id)
    await end_all_access(session, user_id, reason=_REASON)
    await record(session, AuditAction.SESSION_ENDED, by=by, now=now, target_id=user_id, detail=_DETAIL)
    return user


async def count_signed_in(session: AsyncSession) -> int:
    """How many users `end_everybodys_sessions` would find."""
    everybody = union(*(select(way.user_id) for way in _WAYS_IN)).subquery()
    return await session.scalar(select(func.count()).select_from(everybody)) or 0


async def end_everybodys_sessions(
    database: Database, *, by: Actor, now: datetime, on_progress: Callable[[int], None] = lambda _done: None
) -> int:
    """End every session there is, some hundred users in each transaction; returns how many users had one.

    Who signs in anew meanwhile may stay. Stopped half way, it has ended those it came to.
    """
    ended, last = 0, None
    while True:
        async with database.write() as session:
            user_ids = (await session.scalars(_next(last))).all()
            if user_ids:
                await _end(session, user_ids, by=by, now=now)
        ended += len(user_ids)
        on_progress(ended)
        if len(user_ids) < AT_ONCE:
            return ended
        last = user_ids[-1]


def _next(last: UUID | None) -> Select[UUID]:
    """The next users, by id. Each table gives its own first ones: their keys begin with the user."""
    parts = []
    for way in _WAYS_IN:
        found = select(way.user_id).distinct().order_by(way.user_id).limit(AT_ONCE)
        part = (found if last is None else found.where(way.user_id > last)).subquery()
        parts.append(select(part.c.user_id))
    everybody = union(*parts).subquery()
    return select(everybody.c.user_id).order_by(everybody.c.user_id).limit(AT_ONCE)


async def _end(session: AsyncSession, user_ids: Sequence[UUID], *, by: Actor, now: datetime) -> None:
    ended: dict[UUID, list[UUID]] = {user_id: [] for user_id in user_ids}
    sessions = delete(UserSession).where(UserSession.user_id.in_(user_ids))
    for user_id, session_id in await session.execute(sessions.returning(UserSession.user_id, UserSession.id)):
        ended[user_id].append(session_id)
    for way in (PendingSignIn, Ticket):
        await session.execute(delete(way).where(way.user_id.in_(user_ids)))
    await record_each(session, AuditAction.SESSION_ENDED, user_ids, by=by, now=now, detail=_DETAIL)
    endings = (AccessEnded(user_id, (None, *session_ids), _REASON) for user_id, session_ids in ended.items())
    await publish(session, EveryAccessEnded(tuple(endings)))
