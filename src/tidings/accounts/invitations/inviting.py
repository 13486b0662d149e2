"""Inviting and accepting."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.asked_letters import mail_link
from tidings.accounts.audit.recording import record
from tidings.accounts.audit.types import Actor, ActorKind, AuditAction
from tidings.accounts.errors import EmailTaken, TokenInvalid
from tidings.accounts.events import ApprovalRequested
from tidings.accounts.invitations.models import Invitation
from tidings.accounts.invitations.promising import promise
from tidings.accounts.invitations.taking_over import is_held_for
from tidings.accounts.letter_limits.types import Cause
from tidings.accounts.mail_tokens.tokens import (
    forget_every_mail_token,
    may_go_back_to,
    owner_of_mail_token,
    use_mail_token,
)
from tidings.accounts.mail_tokens.types import MailPurpose
from tidings.accounts.models import User
from tidings.accounts.server_settings.reading import read_server_settings
from tidings.accounts.sessions import end_all_access
from tidings.accounts.state import move
from tidings.accounts.types import AccessType, AccountState
from tidings.accounts.usernames.holding import release_username
from tidings.accounts.users import create_user, locked_user, locked_user_with_email, save
from tidings.kernel.crypto import Keyring
from tidings.kernel.errors import Fault
from tidings.kernel.events import publish

_LETTER = "invitation"
_MAY_ACCEPT = frozenset({AccountState.RECIPIENT, AccountState.INVITED})


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
    address is an account's, and TooManyLetters.
    """
    user = await locked_user_with_email(session, email)
    if user is None:
        user = await _create_invited(session, email, name, by, now)
    elif user.state is AccountState.RECIPIENT:
        await move(session, user, AccountState.INVITED, by=by, now=now, reason="invited")
    elif user.state is not AccountState.INVITED:
        raise _email_taken()
    await promise(session, user.id, access_type, by=by, now=now)
    detail = {"access_type": access_type}
    await record(session, AuditAction.ACCOUNT_INVITED, by=by, now=now, target_id=user.id, detail=detail)
    await mail_link(
        session,
        user,
        MailPurpose.INVITATION,
        _LETTER,
        to=email,
        keyring=keyring,
        now=now,
        cause=Cause.ADMIN,
        invited_by=await _name_of(session, by),
    )
    return user


async def who_is_invited(session: AsyncSession, token: str, *, now: datetime) -> tuple[User, AccessType]:
    """Who may accept with this token, which stays usable, and with which rights. Raises TokenInvalid."""
    user_id = await owner_of_mail_token(session, token, MailPurpose.INVITATION, now=now)
    user, promised = await session.get(User, user_id), await session.get(Invitation, user_id)
    if user is None or promised is None or user.state not in _MAY_ACCEPT:
        raise TokenInvalid()
    return user, await _rights(session, promised)


async def accept_invitation(
    session: AsyncSession, token: str, account: NewAccount, *, by: Actor, now: datetime
) -> User:
    """The invited person has an account, active at once: whoever has the token reads the mail it was sent to.

    An administrator only if who invited them may make administrators now. Whom nobody invited, because they signed up
    with an address that was known without an account, waits for an administrator if sign-ups do. Raises TokenInvalid,
    and UsernameTaken, after which the token can still be used.
    """
    used = await use_mail_token(session, token, MailPurpose.INVITATION, now=now)
    user = await locked_user(session, used.user_id)
    promised = await session.get(Invitation, user.id)
    if user.email != used.email or promised is None or user.state not in _MAY_ACCEPT:
        raise TokenInvalid()
    if user.state is AccountState.RECIPIENT:
        await move(session, user, AccountState.INVITED, by=by, now=now, reason="signed_up")
    await _take_account(session, user, account, promised, now)
    await _let_in(session, user, promised, by, now)
    await session.execute(delete(Invitation).where(Invitation.user_id == user.id))
    await forget_every_mail_token(session, user.id)
    return user


async def _take_account(
    session: AsyncSession, user: User, account: NewAccount, promised: Invitation, now: datetime
) -> None:
    if is_held_for(promised, account.username, now=now):
        await release_username(session, account.username)
    rights = await _rights(session, promised)
    # Nothing is asked from here on: a question would write the name before `save` has claimed it.
    user.username = account.username
    user.name = account.name
    user.password_hash = account.password_hash
    user.access_type = rights
    user.email_verified = True
    await save(session, user, now=now)


async def _let_in(session: AsyncSession, user: User, promised: Invitation, by: Actor, now: datetime) -> None:
    is_sign_up = promised.inviter_kind is ActorKind.NOBODY
    if is_sign_up and (await read_server_settings(session)).signup_require_admin_approval:
        user.pending_admin_approval = True
        await move(session, user, AccountState.REGISTERED, by=by, now=now, reason="taken_over")
        await publish(session, ApprovalRequested(user.id, user.name or "", user.username or ""))
        return
    reason = "taken_over" if is_sign_up else "invitation_accepted"
    await move(session, user, AccountState.ACTIVE, by=by, now=now, reason=reason)
    await end_all_access(session, user.id, reason=reason)  # from now on no host speaks for them


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


async def _rights(session: AsyncSession, promised: Invitation) -> AccessType:
    """What was promised, as far as who promised it could give it now."""
    is_promised = promised.access_type is AccessType.ADMIN
    return AccessType.ADMIN if is_promised and await _may_make_admins(session, promised) else AccessType.REGULAR


async def _may_make_admins(session: AsyncSession, promised: Invitation) -> bool:
    if promised.inviter_kind is ActorKind.SERVER:
        return True
    if promised.inviter_kind is not ActorKind.USER:  # no key makes administrators
        return False
    inviter = await session.get(User, promised.inviter_id, populate_existing=True)
    return inviter is not None and inviter.is_active and inviter.access_type is AccessType.ADMIN


async def _name_of(session: AsyncSession, by: Actor) -> str:
    """Who invites, as the letter says; a key and the command line speak for the house."""
    inviter = await session.get(User, by.id) if by.kind is ActorKind.USER else None
    return "" if inviter is None else inviter.name or inviter.username or ""


def _email_taken() -> EmailTaken:
    return EmailTaken(faults=[Fault("/email", EmailTaken.code, EmailTaken.title())])
