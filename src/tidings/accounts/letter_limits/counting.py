"""Counting letters, so that nobody's mailbox can be flooded through this server.

Letters are counted one kind at a time, and by what causes them: whoever uses up the requests for a new password must
not thereby keep the owner from learning that somebody changed something, or from being invited.

What strangers ask for is few a day, by the mailbox it ends in. A letter over the limit is not written, and whoever
asked is not told. A link to a new password lives an hour, so one an hour is written even then: whoever reads the
mailbox can always have one that works, however often somebody else asked on purpose.

What follows from what somebody does in their account is counted by the address as it stands: a neighbour whose address
only looks like another name of it must not use up what its owner should be told. What administrators ask for is many
more, and they are told when it is too much.

No count goes before its day does, not with an account either: else whoever makes accounts and deletes them could write
to any mailbox as often as they like.
"""

import hashlib
import math
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.letter_limits.models import LetterCount
from tidings.accounts.letter_limits.types import Cause
from tidings.kernel.purging import purge

A_DAY = 5
"""Letters of one kind to one mailbox in a day (UTC) at the wish of strangers."""
TOLD_A_DAY = 20
"""Letters of one kind to one address in a day (UTC) about what was done in its owner's account."""
ASKED_A_DAY = 50
"""Letters of one kind to one mailbox in a day (UTC) that administrators ask for."""
_LIMITS: Mapping[Cause, int] = {Cause.STRANGER: A_DAY, Cause.ACCOUNT: TOLD_A_DAY, Cause.ADMIN: ASKED_A_DAY}
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


async def may_write(
    session: AsyncSession, email: str, letter: str, *, now: datetime, cause: Cause = Cause.STRANGER
) -> bool:
    """Count one more letter to this address, and whether it may still be written now."""
    counted = _digest(email if cause is Cause.ACCOUNT else mailbox_of(email))
    kind = f"{cause}:{letter}"
    if await _count(session, counted, kind, now) <= _LIMITS[cause]:
        return True
    is_hourly = cause is Cause.STRANGER and letter in _THEN_HOURLY
    return is_hourly and await _count(session, counted, f"{kind}:{now:%H}", now) == 1


def seconds_left(now: datetime) -> int:
    """How long until letters are counted anew."""
    tomorrow = datetime.combine(_day(now) + timedelta(days=1), time.min, tzinfo=UTC)
    return math.ceil((tomorrow - now).total_seconds())


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


async def purge_letter_counts(session: AsyncSession, *, now: datetime) -> int:
    """Remove a slice of the counts of days gone by; returns how many."""
    return await purge(session, LetterCount, LetterCount.day < _day(now - timedelta(days=1)))


def _digest(mailbox: str) -> bytes:
    return hashlib.sha256(mailbox.encode()).digest()


def _day(now: datetime) -> date:
    return now.date()
