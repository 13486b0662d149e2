"""Inviting and accepting."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.asked_letters import mail_link
from tidings.accounts.audit.recording import record
from tidings.accounts.audit.types import Actor, ActorKind, AuditAction
from tidings.accounts.errors import EmailTaken, TokenInvalid
from tidings.accounts.invitations.models import Invitation
from tidings.accounts.mail_tokens.tokens import (
    forget_every_mail_token,
    may_go_back_to,
    owner_of_mail_token,
    use_mail_token,
)
from tidings.accounts.mail_tokens.types import MailPurpose
from tidings.accounts.models import ApiKey, User
from tidings.accounts.state import move
from tidings.accounts.types import AccessType, AccountState, Scope
from tidings.accounts.users import create_user, locked_user, save
from tidings.kernel.crypto import Keyring
from tidings.kernel.errors import Fault

_LETTER = "invitation"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAccount:
    """What somebody who accepts chooses; the username in canonical form."""

    username: str
    name: str
    password_hash: str


async def invite(
    session: AsyncSession,
    email: str,
    *,
    access_type: AccessType,
    name: str | None,
    keyring: Keyring,
    by: Actor,
    now: datetime,
) -> User:
    """Mail an invitation to this address. Inviting it again mails a new one, and what it promises now holds.

    Somebody only a host knows becomes an account by accepting, and stays the same person. Raises EmailTaken when the
    address is an account's.
    """
    user = await session.scalar(
        select(User)
        .where(User.email == email)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    if user is None:
        user = await _create_invited(session, email, name, by, now)
    elif user.state is AccountState.RECIPIENT:
        await move(session, user, AccountState.INVITED, by=by, now=now, reason="invited")
    elif user.state is not AccountState.INVITED:
        raise _email_taken()
    await _promise(session, user.id, access_type, by, now)
    detail = {"access_type": access_type}
    await record(session, AuditAction.ACCOUNT_INVITED, by=by, now=now, target_id=user.id, detail=detail)
    inviter = await _name_of(session, by)
    purpose = MailPurpose.INVITATION
    await mail_link(session, user, purpose, _LETTER, to=email, keyring=keyring, now=now, invited_by=inviter)
    return user


async def who_is_invited(session: AsyncSession, token: str, *, now: datetime) -> tuple[User, AccessType]:
    """Who may accept with this token, which stays usable, and with which rights. Raises TokenInvalid."""
    user_id = await owner_of_mail_token(session, token, MailPurpose.INVITATION, now=now)
    user, promised = await session.get(User, user_id), await session.get(Invitation, user_id)
    if user is None or promised is None or user.state is not AccountState.INVITED:
        raise TokenInvalid()
    return user, await _rights(session, promised, now)


async def accept_invitation(
    session: AsyncSession, token: str, account: NewAccount, *, by: Actor, now: datetime
) -> User:
    """The invited person has an account, active at once: whoever has the token reads the mail it was sent to.

    An administrator only if who invited them may make administrators now. Raises TokenInvalid, and UsernameTaken,
    after which the token can still be used.
    """
    used = await use_mail_token(session, token, MailPurpose.INVITATION, now=now)
    user = await locked_user(session, used.user_id)
    promised = await session.get(Invitation, user.id)
    if user.email != used.email or promised is None or user.state is not AccountState.INVITED:
        raise TokenInvalid()
    user.username = account.username
    user.name = account.name
    user.password_hash = account.password_hash
    user.access_type = await _rights(session, promised, now)
    user.email_verified = True
    await save(session, user)
    await move(session, user, AccountState.ACTIVE, by=by, now=now, reason="invitation_accepted")
    await session.execute(delete(Invitation).where(Invitation.user_id == user.id))
    await forget_every_mail_token(session, user.id)
    return user


async def _create_invited(session: AsyncSession, email: str, name: str | None, by: Actor, now: datetime) -> User:
    if await may_go_back_to(session, email, now=now):
        raise _email_taken()
    return await create_user(
        session,
        username=None,
        email=email,
        name=name,
        password_hash=None,
        access_type=AccessType.REGULAR,
        state=AccountState.INVITED,
        email_verified=False,
        by=by,
        now=now,
    )


async def _promise(session: AsyncSession, user_id: UUID, access_type: AccessType, by: Actor, now: datetime) -> None:
    insert = sqlite_insert if session.get_bind().dialect.name == "sqlite" else postgresql_insert
    values = {"access_type": access_type, "inviter_kind": by.kind, "inviter_id": by.id, "created_at": now}
    await session.execute(
        insert(Invitation)
        .values(user_id=user_id, **values)
        .on_conflict_do_update(index_elements=[Invitation.user_id], set_=values)
    )


async def _rights(session: AsyncSession, promised: Invitation, now: datetime) -> AccessType:
    """What was promised, as far as who promised it could give it now."""
    is_promised = promised.access_type is AccessType.ADMIN
    return AccessType.ADMIN if is_promised and await _may_make_admins(session, promised, now) else AccessType.REGULAR


async def _may_make_admins(session: AsyncSession, promised: Invitation, now: datetime) -> bool:
    if promised.inviter_kind is ActorKind.SERVER:
        return True
    inviter_id = promised.inviter_id
    if promised.inviter_kind is ActorKind.KEY:
        key = await session.get(ApiKey, promised.inviter_id, populate_existing=True)
        is_alive = key is not None and key.revoked_at is None and (key.expires_at is None or key.expires_at > now)
        if key is None or not is_alive or Scope.ADMIN not in key.scopes:
            return False
        if key.owner_user_id is None:
            return True
        inviter_id = key.owner_user_id
    inviter = await session.get(User, inviter_id, populate_existing=True)
    return inviter is not None and inviter.is_active and inviter.access_type is AccessType.ADMIN


async def _name_of(session: AsyncSession, by: Actor) -> str:
    """Who invites, as the letter says; a key and the command line speak for the house."""
    inviter = await session.get(User, by.id) if by.kind is ActorKind.USER else None
    return "" if inviter is None else inviter.name or inviter.username or ""


def _email_taken() -> EmailTaken:
    return EmailTaken(faults=[Fault("/email", EmailTaken.code, EmailTaken.title())])
