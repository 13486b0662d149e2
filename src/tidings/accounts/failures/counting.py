"""Counting failed sign-ins, and refusing more of them.

Many may try at once, each before the failures of the others are written. So a counter is looked at twice: before any
work, without a lock, and when the outcome is known, in turn. Then whoever comes too late is refused alike, right or
wrong, and learns nothing.
"""

import math
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.audit.recording import record
from tidings.accounts.audit.summing import record_or_count
from tidings.accounts.audit.types import AuditAction
from tidings.accounts.errors import InvalidCredentials, TooManyAttempts
from tidings.accounts.failures.attempts import Attempt
from tidings.accounts.failures.models import SignInFailures
from tidings.accounts.failures.waiting import MOST, WINDOW, still_counts, wait
from tidings.accounts.known_devices.models import UNKNOWN_DEVICE
from tidings.accounts.pending_sign_ins.models import PendingSignIn
from tidings.kernel.errors import RememberedRefusal
from tidings.kernel.purging import purge

KEPT = timedelta(days=1)


class FailedSignIn(RememberedRefusal, InvalidCredentials):
    """A wrong proof, which counts; `what` was wrong is for the audit log alone."""

    def __init__(self, attempt: Attempt, what: str) -> None:
        super().__init__()
        self.attempt = attempt
        self.what = what

    @classmethod
    def title(cls) -> str:
        """What every refusal says, whether it counts or not."""
        return InvalidCredentials.title()

    async def record(self, session: AsyncSession) -> None:
        """Count it. Raises TooManyAttempts, and counts nothing, when others failed too often meanwhile."""
        await note_failure(session, self.attempt, self.what)


async def check_may_try(session: AsyncSession, attempt: Attempt) -> None:
    """Raises TooManyAttempts while this subject must wait on this device; costs one read."""
    found = await session.get(SignInFailures, (attempt.subject, attempt.device))
    _check(found, attempt.now)


async def note_failure(session: AsyncSession, attempt: Attempt, what: str) -> None:
    """Count one more failure; at the tenth, sign-ins that wait for a second factor on that device end too.

    Raises TooManyAttempts, and counts nothing, when others failed too often meanwhile.
    """
    failures = await _locked(session, attempt)
    _check(failures, attempt.now)
    failures.count = failures.count + 1 if still_counts(failures.last_at, attempt.now) else 1
    failures.last_at = max(failures.last_at, attempt.now)
    if failures.count >= MOST:
        await session.execute(
            delete(PendingSignIn).where(
                PendingSignIn.user_id == attempt.subject, PendingSignIn.device == attempt.device
            )
        )
    is_closed = failures.count >= MOST
    note = record if is_closed else record_or_count  # that somebody is kept out is never a number among others
    detail = {"what": what, "locked": is_closed}
    action = AuditAction.SIGN_IN_FAILED
    await note(session, action, by=attempt.by, now=attempt.now, target_id=attempt.user_id, detail=detail)


async def note_success(session: AsyncSession, attempt: Attempt, *, is_complete: bool, had_two_factors: bool) -> None:
    """Let a right proof stand; a complete sign-in takes back what failed on its device.

    With two factors also what failed on unknown devices: whoever holds both was there. Raises TooManyAttempts when
    others failed too often meanwhile.
    """
    failures = await session.get(
        SignInFailures,
        (attempt.subject, attempt.device),
        with_for_update={"key_share": True},
        populate_existing=True,
    )
    _check(failures, attempt.now)
    devices = {attempt.device} if failures else set()
    if had_two_factors:
        devices.add(UNKNOWN_DEVICE)
    if not (is_complete and devices):
        return
    await session.execute(
        delete(SignInFailures).where(SignInFailures.subject == attempt.subject, SignInFailures.device.in_(devices))
    )


async def forget_failures(session: AsyncSession, user_id: UUID) -> None:
    """Nothing counts against this user any more, from no device."""
    await session.execute(delete(SignInFailures).where(SignInFailures.subject == user_id))


async def purge_failures(session: AsyncSession, *, now: datetime) -> int:
    """Remove a slice of the counters that nobody added to for a day; returns how many."""
    return await purge(session, SignInFailures, SignInFailures.last_at < now - KEPT)


def _check(failures: SignInFailures | None, now: datetime) -> None:
    if failures is None:
        return
    left = wait(failures.count, failures.last_at, now)
    if left > timedelta(0):
        raise TooManyAttempts(headers={"Retry-After": str(math.ceil(left.total_seconds()))})


async def _locked(session: AsyncSession, attempt: Attempt) -> SignInFailures:
    """The counter, made if it is the first failure, and nobody else's until this transaction ends.

    In one statement: between two a success on the same device could remove the counter.
    """
    insert = sqlite_insert if session.get_bind().dialect.name == "sqlite" else postgresql_insert
    fresh = {"subject": attempt.subject, "device": attempt.device, "count": 0, "last_at": attempt.now - WINDOW}
    counter = (
        insert(SignInFailures)
        .values(fresh)
        .on_conflict_do_update(
            index_elements=[SignInFailures.subject, SignInFailures.device], set_={"count": SignInFailures.count}
        )
        .returning(SignInFailures)
    )
    return (await session.scalars(counter)).one()
