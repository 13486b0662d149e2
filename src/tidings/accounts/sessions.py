"""Sessions: opaque tokens whose digests the database holds, with an idle and an absolute end.

Using one is noted at most every five minutes, after the answer, in a transaction of its own
(`authentication.note_use`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Delete, bindparam, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.callers import Caller, Credential, Proof
from tidings.accounts.events import AccessEnded
from tidings.accounts.models import Ticket, User, UserSession
from tidings.accounts.owing import MUST_CHANGE_PASSWORD, MUST_SET_UP_MFA, owed_by
from tidings.accounts.pending_sign_ins.waiting import end_pending
from tidings.accounts.types import AccountState, SessionKind
from tidings.kernel.crypto import digest, new_token
from tidings.kernel.db import AnyRow
from tidings.kernel.events import publish
from tidings.kernel.ids import new_id
from tidings.kernel.purging import purge

IDLE_LIFE = timedelta(days=14)
LIFE = timedelta(days=90)
NOTED_EVERY = timedelta(minutes=5)
MAX_USER_AGENT = 500
MAX_SESSIONS = 100
"""Of one user. A list of them stays short, and no script that signs in for every call fills the table."""


@dataclass(frozen=True, slots=True)
class Device:
    """What a request says of the device it came from."""

    user_agent: str | None = None
    ip: str | None = None
    token: str | None = None
    """What this device was given when somebody last signed in on it (`known_devices`)."""

    def __post_init__(self) -> None:
        """Hand nobody more than is kept: a thousand patterns run over it, in a transaction too."""
        if self.user_agent is not None:
            object.__setattr__(self, "user_agent", self.user_agent[:MAX_USER_AGENT])


async def start_browser_session(session: AsyncSession, user_id: UUID, *, device: Device, now: datetime) -> str:
    """A new session; returns its cookie's token, which is stored nowhere. Hold the user's row.

    Of a hundred that there are already, the one that was not used for longest ends.
    """
    token = new_token("tdb_")
    await _start(session, user_id, SessionKind.BROWSER, digest(token), device, now)
    return token


async def start_token_session(session: AsyncSession, user_id: UUID, *, device: Device, now: datetime) -> UserSession:
    """A new session that tokens can hang on, as above."""
    return await _start(session, user_id, SessionKind.TOKEN, None, device, now)


OWNER_OF_COOKIE = (
    select(
        UserSession.user_id,
        UserSession.id,
        UserSession.expires_at,
        UserSession.last_used_at,
        User.access_type,
        MUST_CHANGE_PASSWORD,
        MUST_SET_UP_MFA,
    )
    .join(User, User.id == UserSession.user_id)
    .where(
        UserSession.digest == bindparam("digest"),
        UserSession.idle_expires_at > bindparam("now"),
        UserSession.expires_at > bindparam("now"),
        User.state == AccountState.ACTIVE,
    )
)
"""The session a cookie's token belongs to, while it lives and its user is active; built once, asked all the time."""


async def prove_cookie(session: AsyncSession, token: str, *, now: datetime) -> Proof | None:
    """Whose cookie this is, while its session lives and its user is active."""
    found = await session.execute(OWNER_OF_COOKIE, {"digest": digest(token), "now": now})
    row = found.first()
    return None if row is None else proof_of_session(row)


def proof_of_session(row: AnyRow) -> Proof:
    """What a row of `OWNER_OF_COOKIE` proves."""
    caller = Caller(
        credential=Credential.COOKIE,
        user_id=row.user_id,
        access_type=row.access_type,
        credential_id=row.id,
        expires_at=row.expires_at,
        owes=owed_by(row),
    )
    return Proof(caller, row.last_used_at)


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


async def rotate_cookie(session: AsyncSession, user_id: UUID, session_id: UUID) -> str:
    """Another token for the cookie of this session; the old one opens nothing any more."""
    token = new_token("tdb_")
    await session.execute(
        update(UserSession)
        .where(UserSession.user_id == user_id, UserSession.id == session_id)
        .values(digest=digest(token))
    )
    return token


async def list_sessions(session: AsyncSession, user_id: UUID, *, now: datetime) -> Sequence[UserSession]:
    """Where this user is signed in at this moment, last used first."""
    found = await session.scalars(
        select(UserSession)
        .where(UserSession.user_id == user_id, UserSession.idle_expires_at > now, UserSession.expires_at > now)
        .order_by(UserSession.last_used_at.desc(), UserSession.id)
    )
    return found.all()


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


async def end_other_sessions(session: AsyncSession, user_id: UUID, *, but: UUID, reason: str) -> int:
    """End every session of this user but one, with tokens and tickets, and say so; returns how many.

    A sign-in that waits for its second factor ends too.
    """
    await end_pending(session, user_id)
    others = delete(UserSession).where(UserSession.user_id == user_id, UserSession.id != but)
    ended = (await session.scalars(others.returning(UserSession.id))).all()
    await session.execute(delete(Ticket).where(Ticket.user_id == user_id, Ticket.credential_id.in_(ended)))
    if ended:
        await publish(session, AccessEnded(user_id, tuple(ended), reason))
    return len(ended)


async def end_all_access(session: AsyncSession, user_id: UUID, *, reason: str) -> None:
    """End every session, ticket and half-made sign-in of this user, and say so."""
    await end_pending(session, user_id)
    sessions = delete(UserSession).where(UserSession.user_id == user_id).returning(UserSession.id)
    ended = (await session.scalars(sessions)).all()
    await session.execute(delete(Ticket).where(Ticket.user_id == user_id))
    await publish(session, AccessEnded(user_id, (None, *ended), reason))


async def purge_sessions(session: AsyncSession, *, now: datetime) -> int:
    """Remove a slice of the sessions that reached an end, and their tokens; returns how many."""
    is_over = or_(UserSession.idle_expires_at <= now, UserSession.expires_at <= now)
    return await purge(session, UserSession, is_over, at_most=100)  # a session can have thousands of tokens


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
        confirmed_at=now,
        last_used_at=now,
        idle_expires_at=now + IDLE_LIFE,
        expires_at=now + LIFE,
        user_agent=device.user_agent or None,
        ip=device.ip,
    )
    await _make_room(session, user_id)
    session.add(row)
    await session.flush()
    return row


_BEYOND = (
    select(UserSession.id)
    .where(UserSession.user_id == bindparam("user_id"))
    .order_by(UserSession.last_used_at.desc(), UserSession.id.desc())
    .offset(MAX_SESSIONS - 1)
)
"""What must go before another session begins: as a rule nothing, so it is asked first. Built once."""


async def _make_room(session: AsyncSession, user_id: UUID) -> None:
    connection = await session.connection()
    for session_id in (await connection.execute(_BEYOND, {"user_id": user_id})).scalars().all():
        await end_session(session, user_id, session_id, reason="too_many_sessions")


async def _end(session: AsyncSession, statement: Delete, reason: str) -> bool:
    ended = await session.execute(statement.returning(UserSession.user_id, UserSession.id))
    row = ended.one_or_none()
    if row is None:
        return False
    user_id, session_id = row
    await session.execute(delete(Ticket).where(Ticket.user_id == user_id, Ticket.credential_id == session_id))
    await publish(session, AccessEnded(user_id, (session_id,), reason))
    return True
