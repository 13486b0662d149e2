"""Whether somebody proved lately who they are: a session that lies open must not be enough to take an account over."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.audit.recording import record
from tidings.accounts.audit.types import Actor, ActorKind, AuditAction
from tidings.accounts.callers import Caller, Credential
from tidings.accounts.errors import ConfirmationRequired, NotAuthenticated
from tidings.accounts.failures.attempts import Attempt
from tidings.accounts.failures.counting import note_success
from tidings.accounts.models import TokenPair, UserSession
from tidings.accounts.sessions import rotate_cookie
from tidings.accounts.tokens import Tokens, issue_tokens
from tidings.accounts.types import SessionKind

RECENT = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    """What replaces the credential that was sent, a cookie's token or tokens, and until when it counts as fresh."""

    until: datetime
    cookie: str | None = None
    tokens: Tokens | None = None


async def check_recent(session: AsyncSession, caller: Caller, *, now: datetime) -> None:
    """Let whoever signed in or confirmed in this session within five minutes change a credential.

    Raises ConfirmationRequired otherwise: always for API keys and recipient tokens, which have no session.
    """
    if caller.credential not in {Credential.COOKIE, Credential.ACCESS_TOKEN}:
        raise ConfirmationRequired()
    confirmed_at = await session.scalar(
        select(UserSession.confirmed_at).where(
            UserSession.user_id == caller.user_id, UserSession.id == caller.credential_id
        )
    )
    if confirmed_at is None or confirmed_at + RECENT < now:
        raise ConfirmationRequired()


async def confirm_session(session: AsyncSession, caller: Caller, attempt: Attempt, *, now: datetime) -> Confirmation:
    """Let the session of a caller who just proved who they are count as fresh, under a new token; the old one dies.

    Raises NotAuthenticated when the session ended meanwhile, and TooManyAttempts as any sign-in.
    """
    await note_success(session, attempt, is_complete=True, had_two_factors=False)
    user_session = await session.scalar(
        select(UserSession)
        .where(UserSession.user_id == caller.user_id, UserSession.id == caller.credential_id)
        .with_for_update(key_share=True)
    )
    if user_session is None:
        raise NotAuthenticated()
    user_session.confirmed_at = now
    await session.flush()
    by = Actor(kind=ActorKind.USER, id=user_session.user_id, ip=attempt.by.ip)
    await record(session, AuditAction.SIGN_IN_CONFIRMED, by=by, now=now, target_id=user_session.user_id)
    if user_session.kind is SessionKind.BROWSER:
        cookie = await rotate_cookie(session, user_session.user_id, user_session.id)
        return Confirmation(until=now + RECENT, cookie=cookie)
    await session.execute(
        delete(TokenPair).where(TokenPair.user_id == user_session.user_id, TokenPair.session_id == user_session.id)
    )
    return Confirmation(until=now + RECENT, tokens=await issue_tokens(session, user_session, now=now))
