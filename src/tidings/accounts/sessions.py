"""Sessions: opaque tokens whose digests the database holds, with an idle and an absolute end.

Using one is noted at most every five minutes, after the answer, in a transaction of its own
(`authentication.note_use`).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Delete, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.callers import Caller, Credential, Proof
from tidings.accounts.events import AccessEnded
from tidings.accounts.models import Ticket, User, UserSession
from tidings.accounts.types import AccountState, SessionKind
from tidings.kernel.crypto import digest, new_token
from tidings.kernel.events import publish
from tidings.kernel.ids import new_id

IDLE_LIFE = timedelta(days=14)
LIFE = timedelta(days=90)
NOTED_EVERY = timedelta(minutes=5)
MAX_USER_AGENT = 500


@dataclass(frozen=True, slots=True)
class Device:
    """What a request says of the device it came from."""

    user_agent: str | None = None
    ip: str | None = None


async def start_browser_session(session: AsyncSession, user_id: UUID, *, device: Device, now: datetime) -> str:
    """A new session; returns its cookie's token, which is stored nowhere."""
    token = new_token("tdb_")
    await _start(session, user_id, SessionKind.BROWSER, digest(token), device, now)
    return token


async def start_token_session(session: AsyncSession, user_id: UUID, *, device: Device, now: datetime) -> UserSession:
    """A new session that tokens can hang on."""
    return await _start(session, user_id, SessionKind.TOKEN, None, device, now)


async def prove_cookie(session: AsyncSession, token: str, *, now: datetime) -> Proof | None:
    """Whose cookie this is, while its session lives and its user is active."""
    found = await session.execute(
        select(UserSession, User.access_type)
        .join(User, User.id == UserSession.user_id)
        .where(
            UserSession.digest == digest(token),
            UserSession.idle_expires_at > now,
            UserSession.expires_at > now,
            User.state == AccountState.ACTIVE,
        )
    )
    row = found.first()
    if row is None:
        return None
    user_session, access_type = row
    caller = Caller(
        credential=Credential.COOKIE,
        user_id=user_session.user_id,
        access_type=access_type,
        credential_id=user_session.id,
        expires_at=user_session.expires_at,
    )
    return Proof(caller, user_session.last_used_at)


async def note_session_use(session: AsyncSession, user_id: UUID, session_id: UUID, *, now: datetime) -> None:
    """Move the idle end, unless somebody did within the last five minutes."""
    await session.execute(
        update(UserSession)
        .where(
            UserSession.user_id == user_id,
            UserSession.id == session_id,
            UserSession.last_used_at <= now - NOTED_EVERY,
        )
        .values(last_used_at=now, idle_expires_at=now + IDLE_LIFE)
    )


async def end_session(session: AsyncSession, user_id: UUID, session_id: UUID, *, reason: str) -> bool:
    """End one session with its tokens and tickets, and say so; False when there was none."""
    return await _end(
        session,
        delete(UserSession).where(UserSession.user_id == user_id, UserSession.id == session_id),
        reason,
    )


async def end_cookie_session(session: AsyncSession, token: str, *, reason: str) -> bool:
    """End the session this cookie belongs to; False when there was none."""
    return await _end(session, delete(UserSession).where(UserSession.digest == digest(token)), reason)


async def end_all_access(session: AsyncSession, user_id: UUID, *, reason: str) -> None:
    """End every session and ticket of this user, and say so."""
    await session.execute(delete(UserSession).where(UserSession.user_id == user_id))
    await session.execute(delete(Ticket).where(Ticket.user_id == user_id))
    await publish(session, AccessEnded(user_id, None, reason))


async def purge_sessions(session: AsyncSession, *, now: datetime) -> int:
    """Remove sessions that reached an end; returns how many."""
    is_over = or_(UserSession.idle_expires_at <= now, UserSession.expires_at <= now)
    gone = await session.execute(delete(UserSession).where(is_over).returning(UserSession.id))
    return len(gone.all())


async def _start(
    session: AsyncSession,
    user_id: UUID,
    kind: SessionKind,
    token: bytes | None,
    device: Device,
    now: datetime,
) -> UserSession:
    row = UserSession(
        id=new_id(),
        user_id=user_id,
        kind=kind,
        digest=token,
        created_at=now,
        last_used_at=now,
        idle_expires_at=now + IDLE_LIFE,
        expires_at=now + LIFE,
        user_agent=device.user_agent[:MAX_USER_AGENT] if device.user_agent else None,
        ip=device.ip,
    )
    session.add(row)
    await session.flush()
    return row


async def _end(session: AsyncSession, statement: Delete, reason: str) -> bool:
    ended = await session.execute(statement.returning(UserSession.user_id, UserSession.id))
    row = ended.one_or_none()
    if row is None:
        return False
    user_id, session_id = row
    await session.execute(delete(Ticket).where(Ticket.user_id == user_id, Ticket.credential_id == session_id))
    await publish(session, AccessEnded(user_id, session_id, reason))
    return True
