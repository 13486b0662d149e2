"""Signing up with the address of somebody who has no credential: whoever reads it may make that very account theirs.

It is an invitation that nobody gave: the link leads to the same page, and promises no more than a sign-up does. The
account is what it was until the link is used, so no stranger can take anything from somebody whom a host knows.
"""

from datetime import datetime
from uuid import NAMESPACE_URL, UUID, uuid5

from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.asked_letters import mail_link
from tidings.accounts.audit.types import Actor, ActorKind
from tidings.accounts.invitations.models import Invitation
from tidings.accounts.invitations.promising import promise
from tidings.accounts.mail_tokens.tokens import waiting_mail_token
from tidings.accounts.mail_tokens.types import MailPurpose
from tidings.accounts.models import User
from tidings.accounts.types import AccessType, AccountState
from tidings.accounts.usernames.holding import UNVERIFIED_LIFE
from tidings.kernel.crypto import Keyring

_LETTER = "take_over"


async def may_be_taken_over(session: AsyncSession, user: User, *, now: datetime) -> bool:
    """Whether this person has no credential, and no invitation that still waits for them."""
    if user.state is not AccountState.INVITED:
        return user.state is AccountState.RECIPIENT
    if await is_taken_over(session, user.id):
        return True
    return await waiting_mail_token(session, user.id, MailPurpose.INVITATION, now=now) is None


async def is_taken_over(session: AsyncSession, user_id: UUID) -> bool:
    """Whether somebody signed up with this person's address, and nobody invited them since."""
    promised = await session.get(Invitation, user_id)
    return promised is not None and promised.inviter_kind is ActorKind.NOBODY


async def mail_take_over(
    session: AsyncSession, user: User, username: str, *, keyring: Keyring, by: Actor, now: datetime
) -> None:
    """Mail the link, and remember which name was asked for, so that who uses the link may have it. Hold the row."""
    asked_for = Actor(kind=ActorKind.NOBODY, id=_stand_in(username), ip=by.ip)
    await promise(session, user.id, AccessType.REGULAR, by=asked_for, now=now)
    await mail_take_over_again(session, user, keyring=keyring, now=now)


async def mail_take_over_again(session: AsyncSession, user: User, *, keyring: Keyring, now: datetime) -> None:
    """Mail a fresh link; the one before is dead. Hold the row."""
    if user.email is not None:
        await mail_link(session, user, MailPurpose.INVITATION, _LETTER, to=user.email, keyring=keyring, now=now)


def is_held_for(promised: Invitation, username: str, *, now: datetime) -> bool:
    """Whether it was this sign-up that asked for the name, and still holds it."""
    is_asked_for = promised.inviter_kind is ActorKind.NOBODY and promised.inviter_id == _stand_in(username)
    return is_asked_for and now < promised.created_at + UNVERIFIED_LIFE


def _stand_in(username: str) -> UUID:
    return uuid5(NAMESPACE_URL, f"tidings:username:{username}")
