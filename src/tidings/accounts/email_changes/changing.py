"""A new address takes effect when whoever reads it says so; for three days whoever reads the old one may go back."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.asked_letters import mail_link, write_address_known
from tidings.accounts.audit.recording import record
from tidings.accounts.audit.types import Actor, AuditAction
from tidings.accounts.errors import EmailTaken, TokenInvalid
from tidings.accounts.events import CredentialChanged
from tidings.accounts.keys import revoke_keys_of
from tidings.accounts.known_devices.knowing import forget_devices
from tidings.accounts.letter_limits.counting import may_write
from tidings.accounts.letter_limits.types import Cause
from tidings.accounts.mail_tokens.tokens import (
    UsedToken,
    forget_later_ways_back,
    forget_mail_tokens,
    issue_mail_token,
    may_go_back_to,
    take_mail_token_back,
)
from tidings.accounts.mail_tokens.types import MailPurpose
from tidings.accounts.models import User
from tidings.accounts.sessions import end_all_access
from tidings.accounts.types import AccountState
from tidings.accounts.users import locked_user, save
from tidings.kernel.crypto import Keyring
from tidings.kernel.errors import Fault
from tidings.kernel.events import publish

_LETTER = "confirm_email"


async def ask_for_email(
    session: AsyncSession, user_id: UUID, email: str, *, keyring: Keyring, by: Actor, now: datetime
) -> None:
    """Mail a link to the new address; until it is used everything stays as it is.

    Somebody else's address gets a letter that says it is in use; the caller cannot tell which was written, and the
    address waits like any other, with a token that nobody gets.
    """
    user = await locked_user(session, user_id)
    await record(session, AuditAction.EMAIL_CHANGE_ASKED, by=by, now=now, target_id=user_id)
    if email == user.email:
        return
    owner = await session.scalar(select(User).where(User.email == email))
    if owner is not None or await may_go_back_to(session, email, besides=user_id, now=now):
        await write_address_known(session, owner, to=email, keyring=keyring, now=now)
        if await may_write(session, email, _LETTER, now=now):
            await issue_mail_token(session, user_id, MailPurpose.CONFIRM_EMAIL, email, now=now)
    else:
        await mail_link(session, user, MailPurpose.CONFIRM_EMAIL, _LETTER, to=email, keyring=keyring, now=now)


async def withdraw_email(session: AsyncSession, user_id: UUID, *, by: Actor, now: datetime) -> None:
    """No longer ask for another address: the link that was mailed is dead. Without one nothing happens."""
    await locked_user(session, user_id)
    if await take_mail_token_back(session, user_id, MailPurpose.CONFIRM_EMAIL):
        await record(session, AuditAction.EMAIL_CHANGE_WITHDRAWN, by=by, now=now, target_id=user_id)


async def confirm_email(session: AsyncSession, used: UsedToken, *, keyring: Keyring, by: Actor, now: datetime) -> User:
    """The new address takes the place of the old one, which is told and may go back if it was verified.

    Raises TokenInvalid when the account is not active or somebody else has the address by now.
    """
    user = await locked_user(session, used.user_id)
    if user.state is not AccountState.ACTIVE:
        raise TokenInvalid()
    old = user.email if user.email_verified else None
    await _set_email(session, user, used.email, now)
    await record(session, AuditAction.EMAIL_CHANGED, by=by, now=now, target_id=user.id)
    if old is not None:
        await _mail_way_back(session, user, old, used.email, keyring, now)
    await publish(session, CredentialChanged(user.id, "email", now))
    return user


async def give_email(
    session: AsyncSession, user_id: UUID, email: str, *, keyring: Keyring, by: Actor, now: datetime
) -> User:
    """An administrator vouches for another address, as for that of an account they make; a sign-up still has to verify.

    The old one is told and may go back if it was verified. No link that was mailed before works any more, an invitation
    neither: whoever reads the old address might take the account. Raises UserNotFound, EmailTaken and TooManyLetters.
    """
    user = await locked_user(session, user_id)
    if email == user.email:
        return user
    if await may_go_back_to(session, email, besides=user_id, now=now):
        raise EmailTaken(faults=[Fault("/email", EmailTaken.code, EmailTaken.title())])
    old = user.email if user.email_verified else None
    waits = user.state is AccountState.REGISTERED
    user.email, user.email_verified, user.updated_at = email, not waits, now
    await save(session, user, now=now)
    await forget_mail_tokens(session, user.id)
    await record(session, AuditAction.EMAIL_CHANGED, by=by, now=now, target_id=user.id)
    if waits:
        verify = MailPurpose.VERIFY_EMAIL
        await mail_link(session, user, verify, "verify_email", to=email, keyring=keyring, now=now, cause=Cause.ADMIN)
    if old is not None:
        await _mail_way_back(session, user, old, email, keyring, now)
    await publish(session, CredentialChanged(user.id, "email", now))
    return user


async def undo_email(session: AsyncSession, used: UsedToken, *, keyring: Keyring, by: Actor, now: datetime) -> User:
    """Back to this address, where a letter offers a new password: somebody else may know the old one.

    Whoever changed it is signed out, finds the password and every API key void and no device known, and cannot go
    forward again by an older link. Second factors stay, for whoever reads a mailbox alone must not pass them over.
    Raises TokenInvalid when the account is not active.
    """
    user = await locked_user(session, used.user_id)
    if user.state is not AccountState.ACTIVE:
        raise TokenInvalid()
    user.password_hash = None
    user.password_must_change = False
    await _set_email(session, user, used.email, now)
    await forget_later_ways_back(session, user.id, since=used.created_at)
    await forget_devices(session, user.id)
    await end_all_access(session, user.id, reason="email_change_undone")
    await record(session, AuditAction.EMAIL_CHANGE_UNDONE, by=by, now=now, target_id=user.id)
    await revoke_keys_of(session, user.id, by=by, now=now)
    await mail_link(
        session,
        user,
        MailPurpose.RESET_PASSWORD,
        "password_reset",
        to=used.email,
        keyring=keyring,
        now=now,
        cause=Cause.ACCOUNT,  # strangers who asked too often on purpose must not stand in the way
    )
    await publish(session, CredentialChanged(user.id, "email", now))
    return user


async def _mail_way_back(
    session: AsyncSession, user: User, old: str, new: str, keyring: Keyring, now: datetime
) -> None:
    await mail_link(
        session,
        user,
        MailPurpose.UNDO_EMAIL,
        "email_changed",
        to=old,
        keyring=keyring,
        now=now,
        cause=Cause.ACCOUNT,
        new_email=new,
    )


async def _set_email(session: AsyncSession, user: User, email: str, now: datetime) -> None:
    user.email = email
    user.email_verified = True
    user.updated_at = now
    try:
        await save(session, user, now=now)
    except EmailTaken:
        raise TokenInvalid() from None
    await forget_mail_tokens(session, user.id)
