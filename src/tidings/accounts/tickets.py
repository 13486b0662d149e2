"""Tickets: one-use passes into a stream, for clients that can send neither headers nor a cookie there."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.callers import Caller, Credential
from tidings.accounts.errors import NotAuthenticated
from tidings.accounts.models import SigningSecret, Ticket, User, UserSession
from tidings.accounts.types import NEVER_SIGNED_IN, AccountState
from tidings.kernel.crypto import digest, new_token
from tidings.kernel.purging import purge

LIFE = timedelta(seconds=30)


async def create_ticket(session: AsyncSession, caller: Caller, *, now: datetime) -> str:
    """A ticket that opens one stream within 30 s, for as long as the credential it was made with lasts.

    Raises NotAuthenticated for a caller whose access has no owner or no end: only a person's has both.
    """
    if caller.user_id is None or caller.credential_id is None or caller.expires_at is None:
        raise NotAuthenticated()
    await session.execute(delete(Ticket).where(Ticket.user_id == caller.user_id, Ticket.expires_at <= now))
    ticket = new_token("tdt_")
    session.add(
        Ticket(
            user_id=caller.user_id,
            digest=digest(ticket),
            credential_id=caller.credential_id,
            credential_expires_at=caller.expires_at,
            expires_at=now + LIFE,
        )
    )
    await session.flush()
    return ticket


async def redeem_ticket(session: AsyncSession, ticket: str, *, now: datetime) -> Caller | None:
    """Whose ticket this is; it is used up whatever the answer. The session must be one that commits."""
    used = await session.execute(
        delete(Ticket)
        .where(Ticket.digest == digest(ticket))
        .returning(Ticket.user_id, Ticket.credential_id, Ticket.credential_expires_at, Ticket.expires_at)
    )
    row = used.one_or_none()
    if row is None:
        return None
    user_id, credential_id, credential_expires_at, expires_at = row
    access_type = await session.scalar(select(User.access_type).where(User.id == user_id, _still_holds(credential_id)))
    if access_type is None or expires_at <= now or credential_expires_at <= now:
        return None
    return Caller(
        credential=Credential.TICKET,
        user_id=user_id,
        access_type=access_type,
        credential_id=credential_id,
        expires_at=credential_expires_at,
    )


async def purge_tickets(session: AsyncSession, *, now: datetime) -> int:
    """Remove a slice of the tickets nobody used; returns how many."""
    return await purge(session, Ticket, Ticket.expires_at <= now)


def _still_holds(credential_id: UUID) -> ColumnElement[bool]:
    signed_in = exists().where(UserSession.user_id == User.id, UserSession.id == credential_id)
    signed_for = exists().where(SigningSecret.id == credential_id)
    return or_(
        and_(User.state == AccountState.ACTIVE, signed_in),
        and_(User.state.in_(NEVER_SIGNED_IN), signed_for),
    )
