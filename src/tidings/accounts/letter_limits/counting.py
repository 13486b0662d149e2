"""Counting letters by the mailbox they end in, so that nobody's mailbox can be flooded through this server.

Letters are counted one kind at a time: whoever uses up the requests for a new password must not thereby keep the owner
from learning that somebody changed something. A letter over the limit is not written, and whoever asked is not told.
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
"""Letters of one kind to one mailbox in a day (UTC)."""
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
    """Count one more letter to this mailbox, and whether it may still be written today."""
    insert = sqlite_insert if session.get_bind().dialect.name == "sqlite" else postgresql_insert
    counted = await session.scalar(
        insert(LetterCount)
        .values(mailbox=_digest(email), letter=letter, day=_day(now), count=1)
        .on_conflict_do_update(
            index_elements=[LetterCount.mailbox, LetterCount.letter, LetterCount.day],
            set_={"count": LetterCount.count + 1},
        )
        .returning(LetterCount.count)
    )
    return counted is not None and counted <= A_DAY


async def forget_letter_counts(session: AsyncSession, emails: Collection[str]) -> None:
    """No letter to these mailboxes was ever counted."""
    await session.execute(delete(LetterCount).where(LetterCount.mailbox.in_([_digest(email) for email in emails])))


async def purge_letter_counts(session: AsyncSession, *, now: datetime) -> int:
    """Remove the counts of days gone by; returns how many."""
    before = _day(now - timedelta(days=1))
    gone = await session.execute(delete(LetterCount).where(LetterCount.day < before).returning(LetterCount.day))
    return len(gone.all())


def _digest(email: str) -> bytes:
    return hashlib.sha256(mailbox_of(email).encode()).digest()


def _day(now: datetime) -> date:
    return now.date()
