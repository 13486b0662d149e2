"""Ending every session of somebody, or of everybody: they sign in anew. Keys are no sessions, and go on working."""

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, delete, func, select, union
from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.audit.recording import record, record_each
from tidings.accounts.audit.types import Actor, AuditAction
from tidings.accounts.events import AccessEnded, EveryAccessEnded
from tidings.accounts.locking import lock_users
from tidings.accounts.models import Ticket, User, UserSession
from tidings.accounts.pending_sign_ins.models import PendingSignIn
from tidings.accounts.sessions import end_all_access
from tidings.accounts.users import locked_user
from tidings.kernel.db import Database
from tidings.kernel.events import publish

AT_ONCE = 500
_REASON = "ended_by_admin"
_DETAIL = {"sessions": "all"}
_WAYS_IN = (PendingSignIn, UserSession, Ticket)


async def end_user_sessions(session: AsyncSession, user_id: UUID, *, by: Actor, now: datetime) -> User:
    """End every session of this user, with its tokens and open streams. Raises UserNotFound.

    A sign-in that is being finished meanwhile ends too: it holds the user's row, so it is waited for.
    """
    user = await locked_user(session, user_id)
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
            found = (await session.scalars(_next(last))).all()
            user_ids = await lock_users(session, found)  # who was deleted just now has no session any more
            if user_ids:
                await end_access_of_each(session, user_ids, but=None, reason=_REASON)
                await record_each(session, AuditAction.SESSION_ENDED, user_ids, by=by, now=now, detail=_DETAIL)
        ended += len(user_ids)
        on_progress(ended)
        if len(found) < AT_ONCE:
            return ended
        last = found[-1]


async def end_access_of_each(session: AsyncSession, user_ids: Sequence[UUID], *, but: UUID | None, reason: str) -> None:
    """End every session of these users but one, with every ticket and half-made sign-in, and say so. Hold their rows.

    In the order of `end_all_access`: what waits for a second factor, the sessions, their tickets.
    """
    ended: dict[UUID, list[UUID]] = {user_id: [] for user_id in user_ids}
    await session.execute(delete(PendingSignIn).where(PendingSignIn.user_id.in_(user_ids)))
    sessions, tickets = (delete(way).where(way.user_id.in_(user_ids)) for way in (UserSession, Ticket))
    if but is not None:
        sessions, tickets = sessions.where(UserSession.id != but), tickets.where(Ticket.credential_id != but)
    for user_id, session_id in await session.execute(sessions.returning(UserSession.user_id, UserSession.id)):
        ended[user_id].append(session_id)
    await session.execute(tickets)
    endings = (AccessEnded(user_id, (None, *session_ids), reason) for user_id, session_ids in ended.items())
    await publish(session, EveryAccessEnded(tuple(endings)))


def _next(last: UUID | None) -> Select[UUID]:
    """The next users, by id. Each table gives its own first ones: their keys begin with the user."""
    parts = []
    for way in _WAYS_IN:
        found = select(way.user_id).distinct().order_by(way.user_id).limit(AT_ONCE)
        part = (found if last is None else found.where(way.user_id > last)).subquery()
        parts.append(select(part.c.user_id))
    everybody = union(*parts).subquery()
    return select(everybody.c.user_id).order_by(everybody.c.user_id).limit(AT_ONCE)
