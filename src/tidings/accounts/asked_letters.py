"""Letters to people, each counted: what anybody can cause by naming an address, and what follows in an account.

The first are limited by mailbox, and as slow where nobody has the address. The others go only to who showed that the
address is theirs, or whom an administrator names. Nobody is greeted by a name that a stranger may have chosen: to
whoever never heard of us it would be that stranger's message, under ours.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.letter_limits.counting import may_write, seconds_left
from tidings.accounts.letter_limits.errors import TooManyLetters
from tidings.accounts.letter_limits.types import Cause
from tidings.accounts.mail_tokens.tokens import LIVES, hours_of, issue_mail_token
from tidings.accounts.mail_tokens.types import MailPurpose
from tidings.accounts.mailing import new_letter
from tidings.accounts.models import User
from tidings.accounts.posting import post_letter
from tidings.accounts.types import AccountState
from tidings.kernel.crypto import Keyring, new_token
from tidings.kernel.ids import new_id
from tidings.outbox.types import NOBODY
from tidings.templates.languages import DEFAULT

_DECISIONS = frozenset({"approved", "rejected"})
"""An administrator caused them, or the person by verifying; so they go to an address that is not verified too."""


async def mail_link(
    session: AsyncSession,
    user: User | None,
    purpose: MailPurpose,
    letter: str,
    *,
    to: str,
    keyring: Keyring,
    now: datetime,
    cause: Cause = Cause.STRANGER,
    **values: str,
) -> None:
    """Mail this user, whose row the caller holds, a fresh link, unless the day's letters of that cause are used up.

    Without a user nothing leaves, after the same work: whoever asked learns nothing from the time. An earlier link dies
    only when another is on its way. An administrator is told when none is: raises TooManyLetters for that cause alone.
    """
    if not await may_write(session, to, letter, now=now, cause=cause):
        if cause is Cause.ADMIN:
            raise TooManyLetters(seconds_left(now))
        return
    attempt = await session.begin_nested()
    token = new_token() if user is None else await issue_mail_token(session, user.id, purpose, to, now=now)
    await _post(
        session,
        letter,
        {"token": token, "hours": hours_of(purpose), **values},
        user=user,
        # An address that is only asked for is not yet that of whoever asks, whatever they have shown before.
        is_named=purpose is not MailPurpose.CONFIRM_EMAIL and _is_named_here(user),
        to=to,
        key=f"{purpose}:{new_id()}",
        keyring=keyring,
        now=now,
        expires_at=now + LIVES[purpose],
    )
    await (attempt.rollback() if user is None else attempt.commit())


async def write_address_known(
    session: AsyncSession, owner: User | None, *, to: str, keyring: Keyring, now: datetime
) -> None:
    """Tell whoever reads this mailbox that it is in use here already, unless they were told often enough today."""
    if await may_write(session, to, "address_known", now=now):
        key = f"address_known:{new_id()}"
        await _post(
            session,
            "address_known",
            {},
            user=owner,
            is_named=_is_named_here(owner),
            to=to,
            key=key,
            keyring=keyring,
            now=now,
        )


async def tell(
    session: AsyncSession,
    user: User,
    letter: str,
    *,
    keyring: Keyring,
    now: datetime,
    key: str | None = None,
    expires_at: datetime | None = None,
    **values: str,
) -> None:
    """Write to a user about what was done to their account, to an address they have shown to be theirs.

    So often a day that only a flood is kept back, each kind by itself.
    """
    if user.email is None or not (user.email_verified or letter in _DECISIONS):
        return
    if await may_write(session, user.email, letter, now=now, cause=Cause.ACCOUNT):
        await _post(
            session,
            letter,
            dict(values),
            user=user,
            is_named=_is_named_here(user),
            to=user.email,
            key=key or f"{letter}:{new_id()}",
            keyring=keyring,
            now=now,
            expires_at=expires_at,
        )


def _is_named_here(user: User | None) -> bool:
    """Whether they go by a name of their own, or by one that whoever invited them gave."""
    return user is not None and (user.email_verified or user.state is AccountState.INVITED)


async def _post(
    session: AsyncSession,
    letter: str,
    values: Mapping[str, str | int],
    *,
    user: User | None,
    is_named: bool,
    to: str,
    **more: Any,  # Any: the remaining fields of new_letter, which checks their names
) -> None:
    written = new_letter(
        letter,
        dict(values),
        to=to,
        language=user.preferred_language if user else DEFAULT,
        user_id=user.id if user else NOBODY,
        name=user.name if user and is_named else None,
        **more,
    )
    await post_letter(session, written)
