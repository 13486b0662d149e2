"""Making, using and forgetting mail tokens. The database holds digests; whoever has the token reads that mailbox."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.errors import TokenInvalid
from tidings.accounts.mail_tokens.models import MailToken
from tidings.accounts.mail_tokens.types import MailPurpose
from tidings.accounts.models import User
from tidings.kernel.crypto import digest, new_token
from tidings.kernel.purging import purge

LIVES = {
    MailPurpose.VERIFY_EMAIL: timedelta(hours=24),
    MailPurpose.RESET_PASSWORD: timedelta(hours=1),
    MailPurpose.CONFIRM_EMAIL: timedelta(hours=24),
    MailPurpose.UNDO_EMAIL: timedelta(hours=72),
    MailPurpose.INVITATION: timedelta(hours=72),
}


@dataclass(frozen=True, slots=True)
class UsedToken:
    """What a token that was just used up stood for."""

    user_id: UUID
    purpose: MailPurpose
    email: str
    created_at: datetime


def hours_of(purpose: MailPurpose) -> int:
    """How long a link for this purpose works, as its letter says."""
    return int(LIVES[purpose] / timedelta(hours=1))


async def issue_mail_token(
    session: AsyncSession, user_id: UUID, purpose: MailPurpose, email: str, *, now: datetime
) -> str:
    """A new token; the earlier ones for the same purpose are dead. The caller holds the user's row.

    The way back from a change of address is one for each address: a second change must not take the first one's.
    """
    earlier = delete(MailToken).where(MailToken.user_id == user_id, MailToken.purpose == purpose)
    if purpose is MailPurpose.UNDO_EMAIL:
        earlier = earlier.where(MailToken.email == email)
    await session.execute(earlier)
    token = new_token("tdm_")
    session.add(
        MailToken(
            user_id=user_id,
            digest=digest(token),
            purpose=purpose,
            email=email,
            created_at=now,
            expires_at=now + LIVES[purpose],
        )
    )
    await session.flush()
    return token


async def use_mail_token(session: AsyncSession, token: str, *purposes: MailPurpose, now: datetime) -> UsedToken:
    """Use up a token for one of these purposes: of many who try, one succeeds. Raises TokenInvalid for all others.

    The user's row is taken first, as whoever makes or forgets tokens does, and is held from then on.
    """
    named = MailToken.digest == digest(token), MailToken.purpose.in_(purposes), MailToken.expires_at > now
    owner = select(MailToken.user_id).where(*named).scalar_subquery()
    await session.execute(select(User.id).where(User.id == owner).with_for_update(key_share=True))
    used = await session.execute(
        delete(MailToken)
        .where(*named)
        .returning(MailToken.user_id, MailToken.purpose, MailToken.email, MailToken.created_at)
    )
    row = used.one_or_none()
    if row is None:
        raise TokenInvalid()
    return UsedToken(*row)


async def owner_of_mail_token(session: AsyncSession, token: str, purpose: MailPurpose, *, now: datetime) -> UUID:
    """Whose token this is, without using it. Raises TokenInvalid."""
    owner = await session.scalar(
        select(MailToken.user_id).where(
            MailToken.digest == digest(token), MailToken.purpose == purpose, MailToken.expires_at > now
        )
    )
    if owner is None:
        raise TokenInvalid()
    return owner


async def waiting_mail_token(
    session: AsyncSession, user_id: UUID, purpose: MailPurpose, *, now: datetime
) -> MailToken | None:
    """This user's token for a purpose that knows one at a time, while it can still be used."""
    mine = MailToken.user_id == user_id, MailToken.purpose == purpose
    return await session.scalar(select(MailToken).where(*mine, MailToken.expires_at > now))


async def take_mail_token_back(session: AsyncSession, user_id: UUID, purpose: MailPurpose) -> bool:
    """Whether there was such a token; it is dead now. The caller holds the user's row."""
    mine = MailToken.user_id == user_id, MailToken.purpose == purpose
    gone = await session.execute(delete(MailToken).where(*mine).returning(MailToken.user_id))
    return gone.first() is not None


async def forget_mail_tokens(session: AsyncSession, user_id: UUID) -> None:
    """After a change of password or address no link that was mailed before works any more.

    The ways back to earlier addresses stay: they are there for the owner whose password somebody else changed.
    """
    await session.execute(
        delete(MailToken).where(MailToken.user_id == user_id, MailToken.purpose != MailPurpose.UNDO_EMAIL)
    )


async def forget_later_ways_back(session: AsyncSession, user_id: UUID, *, since: datetime) -> None:
    """After going back to an address, those to the addresses that came after it are dead."""
    await session.execute(
        delete(MailToken).where(
            MailToken.user_id == user_id, MailToken.purpose == MailPurpose.UNDO_EMAIL, MailToken.created_at >= since
        )
    )


async def forget_every_mail_token(session: AsyncSession, user_id: UUID) -> None:
    """No link of this user works any more, the ways back included."""
    await session.execute(delete(MailToken).where(MailToken.user_id == user_id))


async def may_go_back_to(session: AsyncSession, email: str, *, now: datetime, besides: UUID | None = None) -> bool:
    """Whether somebody (`besides` this user) may still return to this address: nobody else may take it meanwhile."""
    way_back = exists().where(
        MailToken.purpose == MailPurpose.UNDO_EMAIL,
        MailToken.email == email,
        MailToken.expires_at > now,
        MailToken.user_id.is_distinct_from(besides),
    )
    return bool(await session.scalar(select(way_back)))


async def purge_mail_tokens(session: AsyncSession, *, now: datetime) -> int:
    """Remove a slice of the tokens that nobody used in time; returns how many."""
    return await purge(session, MailToken, MailToken.expires_at <= now)
