"""Counting letters by the mailbox they end in, so that nobody's mailbox can be flooded through this server.

Letters are counted one kind at a time: whoever uses up the requests for a new password must not thereby keep the owner
from learning that somebody changed something. A letter over the limit is not written, and whoever asked is not told.

What strangers ask for is few a day. A link to a new password lives an hour, so one an hour is written even then:
whoever reads the mailbox can always have one that works, however often somebody else asked on purpose. What follows
from what somebody does in their account is counted by itself, and by the address as it stands: a neighbour whose
address only looks like another name of it must not use up what its owner should be told.
"""

import hashlib
from collections.abc import Collection
from datetime import date, datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.letter_limits.models import LetterCount

A_DAY = 5
"""Letters of one kind to one mailbox in a day (UTC) at the wish of strangers."""
TOLD_A_DAY = 20
"""Letters of one kind to one address in a day (UTC) about what was done in its owner's account."""
_THEN_HOURLY = frozenset({"password_reset", "verify_email"})
_DOTLESS = frozenset({"gmail.com", "googlemail.com"})  # support.google.com/mail/answer/7436150


def mailbox_of(email: str) -> str:
    """The mailbox that an address in canonical form most likely ends in, whatever it is called there.

    `ada+news@` and `ada@` are one by a convention that large providers share; two people taken for one share a limit,
    which costs them less than a flood.
    """
    local, _, domain = email.rpartition("@")
    local = local.partition("+")[0] or local
    if domain in _DOTLESS:
        local, domain = local.replace(".", "") or local, "gmail.com"
    return f"{local}@{domain}"


async def may_write(session: AsyncSession, email: str, letter: str, *, now: datetime) -> bool:
    """Count one more letter that a stranger asked for to this mailbox, and whether it may still be written now."""
    mailbox = _digest(mailbox_of(email))
    if await _count(session, mailbox, letter, now) <= A_DAY:
        return True
    return letter in _THEN_HOURLY and await _count(session, mailbox, f"{letter}:{now:%H}", now) == 1


async def may_tell(session: AsyncSession, email: str, letter: str, *, now: datetime) -> bool:
    """Count one more letter about what was done in this owner's account, and whether it may still be written today."""
    return await _count(session, _digest(email), letter, now) <= TOLD_A_DAY


async def _count(session: AsyncSession, mailbox: bytes, letter: str, now: datetime) -> int:
    """How many these are with this one."""
    insert = sqlite_insert if session.get_bind().dialect.name == "sqlite" else postgresql_insert
    counted = await session.scalar(
        insert(LetterCount)
        .values(mailbox=mailbox, letter=letter, day=_day(now), count=1)
        .on_conflict_do_update(
            index_elements=[LetterCount.mailbox, LetterCount.letter, LetterCount.day],
            set_={"count": LetterCount.count + 1},
        )
        .returning(LetterCount.count)
    )
    return counted or 1


async def forget_letter_counts(session: AsyncSession, emails: Collection[str]) -> None:
    """No letter to these mailboxes was ever counted."""
    names = {name for email in emails for name in (email, mailbox_of(email))}
    await session.execute(delete(LetterCount).where(LetterCount.mailbox.in_(map(_digest, names))))


async def purge_letter_counts(session: AsyncSession, *, now: datetime) -> int:
    """Remove the counts of days gone by; returns how many."""
    before = _day(now - timedelta(days=1))
    gone = await session.execute(delete(LetterCount).where(LetterCount.day < before).returning(LetterCount.day))
    return len(gone.all())


def _digest(mailbox: str) -> bytes:
    return hashlib.sha256(mailbox.encode()).digest()


def _day(now: datetime) -> date:
    return now.date()
