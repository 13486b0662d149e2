"""Access and refresh tokens: pairs that follow one another within a session (RFC 9700 §4.14.2).

A refresh token has exactly one successor. Requests that refresh with it at the same time, or within 30 s
because an answer was lost, all get that successor; later it is a replay, and the whole family ends.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import and_, bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.audit.recording import record
from tidings.accounts.audit.types import Actor, ActorKind, AuditAction
from tidings.accounts.callers import Caller, Credential, Proof
from tidings.accounts.errors import InvalidRefreshToken
from tidings.accounts.models import TokenPair, User, UserSession
from tidings.accounts.owing import MUST_CHANGE_PASSWORD, MUST_SET_UP_MFA, owed_by
from tidings.accounts.sessions import IDLE_LIFE, end_session
from tidings.accounts.types import AccountState
from tidings.kernel.crypto import Keyring, digest, new_token
from tidings.kernel.errors import RememberedRefusal
from tidings.kernel.ids import new_id
from tidings.kernel.purging import in_slice, purge

ACCESS_PREFIX = "tda_"
ACCESS_LIFE = timedelta(minutes=15)
GRACE = timedelta(seconds=30)
REPLAYS_KNOWN = timedelta(days=30)


class RefreshTokenReplayed(RememberedRefusal):
    """The refresh token was used before; its session has been ended."""

    code = "refresh_token_replayed"
    status = 401

    def __init__(self, user_id: UUID, session_id: UUID, by: Actor, now: datetime) -> None:
        super().__init__(headers=InvalidRefreshToken().headers)
        self.user_id = user_id
        self.session_id = session_id
        self.by = by
        self.now = now

    async def record(self, session: AsyncSession) -> None:
        """End the family, and note it once: one of the two who hold this token stole it."""
        if await end_session(session, self.user_id, self.session_id, reason="replayed"):
            detail = {"session": str(self.session_id)}
            action = AuditAction.REFRESH_TOKEN_REPLAYED
            await record(session, action, by=self.by, now=self.now, target_id=self.user_id, detail=detail)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """What a client is handed."""

    access_token: str
    refresh_token: str
    access_expires_at: datetime
    session_id: UUID


async def issue_tokens(session: AsyncSession, user_session: UserSession, *, now: datetime) -> Tokens:
    """The next pair of this session; the database keeps digests."""
    tokens = Tokens(
        access_token=new_token(ACCESS_PREFIX),
        refresh_token=new_token("tdr_"),
        access_expires_at=min(now + ACCESS_LIFE, user_session.expires_at),
        session_id=user_session.id,
    )
    session.add(
        TokenPair(
            id=new_id(),
            user_id=user_session.user_id,
            session_id=user_session.id,
            access_digest=digest(tokens.access_token),
            access_expires_at=tokens.access_expires_at,
            refresh_digest=digest(tokens.refresh_token),
        )
    )
    await session.flush()
    return tokens


async def refresh_tokens(
    session: AsyncSession, refresh_token: str, *, keyring: Keyring, now: datetime, ip: str | None = None
) -> Tokens:
    """The one successor of this refresh token, which somebody at this address showed.

    Raises InvalidRefreshToken, and RefreshTokenReplayed, which ends the session, if used over 30 s ago.
    """
    user_session = await _locked_session(session, refresh_token, now)
    pair = await _pair(session, refresh_token)
    if pair is None:
        raise InvalidRefreshToken()
    if pair.refreshed_at is None:
        return await _succeed(session, user_session, pair, keyring, now)
    if pair.successor is None or pair.refreshed_at + GRACE < now:
        raise RefreshTokenReplayed(pair.user_id, pair.session_id, Actor(kind=ActorKind.NOBODY, ip=ip), now)
    return _unseal(pair, pair.successor, pair.refreshed_at, user_session, keyring)


_OWNER_OF_ACCESS_TOKEN = (
    select(
        TokenPair.user_id,
        TokenPair.session_id,
        TokenPair.access_expires_at,
        User.access_type,
        MUST_CHANGE_PASSWORD,
        MUST_SET_UP_MFA,
    )
    .join(User, User.id == TokenPair.user_id)
    .join(
        UserSession,
        (UserSession.user_id == TokenPair.user_id) & (UserSession.id == TokenPair.session_id),
    )
    .where(
        TokenPair.access_digest == bindparam("digest"),
        TokenPair.access_expires_at > bindparam("now"),
        UserSession.expires_at > bindparam("now"),
        User.state == AccountState.ACTIVE,
    )
)


async def prove_access_token(session: AsyncSession, token: str, *, now: datetime) -> Proof | None:
    """Whose access token this is, while it and its session live and its user is active."""
    found = await session.execute(_OWNER_OF_ACCESS_TOKEN, {"digest": digest(token), "now": now})
    row = found.first()
    if row is None:
        return None
    caller = Caller(
        credential=Credential.ACCESS_TOKEN,
        user_id=row.user_id,
        access_type=row.access_type,
        credential_id=row.session_id,
        expires_at=row.access_expires_at,
        owes=owed_by(row),
    )
    return Proof(caller)


async def purge_tokens(session: AsyncSession, *, now: datetime) -> int:
    """Remove a slice of the pairs that were refreshed over thirty days ago; returns how many.

    A token of one that is gone is refused like any other, but no longer ends its session.
    """
    return await purge(session, TokenPair, TokenPair.refreshed_at < now - REPLAYS_KNOWN)


async def forget_successors(session: AsyncSession, *, now: datetime) -> int:
    """Forget a slice of the sealed successors whose 30 s are over, so that nobody is handed them; returns how many."""
    is_over = and_(TokenPair.successor.is_not(None), TokenPair.refreshed_at < now - GRACE)
    connection = await session.connection()
    forgotten = await connection.execute(update(TokenPair).where(in_slice(TokenPair, is_over)).values(successor=None))
    return forgotten.rowcount


async def _locked_session(session: AsyncSession, refresh_token: str, now: datetime) -> UserSession:
    # The session's row, not the pair's, so that a refresh and the end of its session take turns: the end
    # locks the session and then cascades to the pairs, the refresh adds a pair that points at the session.
    pair = await _pair(session, refresh_token)
    if pair is None:
        raise InvalidRefreshToken()
    user_session = await session.scalar(
        select(UserSession)
        .join(User, User.id == UserSession.user_id)
        .where(
            UserSession.user_id == pair.user_id,
            UserSession.id == pair.session_id,
            UserSession.idle_expires_at > now,
            UserSession.expires_at > now,
            User.state == AccountState.ACTIVE,
        )
        .with_for_update(of=UserSession, key_share=True)
    )
    if user_session is None:
        raise InvalidRefreshToken()
    return user_session


async def _pair(session: AsyncSession, refresh_token: str) -> TokenPair | None:
    return await session.scalar(
        select(TokenPair)
        .where(TokenPair.refresh_digest == digest(refresh_token))
        .execution_options(populate_existing=True)
    )


async def _succeed(
    session: AsyncSession, user_session: UserSession, pair: TokenPair, keyring: Keyring, now: datetime
) -> Tokens:
    tokens = await issue_tokens(session, user_session, now=now)
    await session.execute(
        update(TokenPair)
        .where(
            TokenPair.user_id == pair.user_id,
            TokenPair.session_id == pair.session_id,
            TokenPair.refreshed_at < now - GRACE,
            TokenPair.successor.is_not(None),
        )
        .values(successor=None)
    )
    pair.refreshed_at = now
    pair.successor = keyring.seal(f"{tokens.access_token} {tokens.refresh_token}".encode(), place=_place(pair))
    user_session.last_used_at = now
    user_session.idle_expires_at = now + IDLE_LIFE
    return tokens


def _unseal(
    pair: TokenPair, successor: str, refreshed_at: datetime, user_session: UserSession, keyring: Keyring
) -> Tokens:
    access_token, refresh_token = keyring.unseal(successor, place=_place(pair)).decode().split()
    return Tokens(
        access_token=access_token,
        refresh_token=refresh_token,
        access_expires_at=min(refreshed_at + ACCESS_LIFE, user_session.expires_at),
        session_id=pair.session_id,
    )


def _place(pair: TokenPair) -> str:
    return f"tidings_token_pairs.successor:{pair.id}"
