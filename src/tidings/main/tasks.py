"""What runs by itself: each task once a fire, however many processes there are."""

from collections.abc import Awaitable, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.audit.chain import is_anything_waiting, link_entries
from tidings.accounts.exports.purging import purge_exports
from tidings.accounts.failures.counting import purge_failures
from tidings.accounts.identities.flows import purge_flows
from tidings.accounts.known_devices.knowing import purge_known_devices
from tidings.accounts.letter_limits.counting import purge_letter_counts
from tidings.accounts.mail_tokens.tokens import purge_mail_tokens
from tidings.accounts.mfa.challenges import purge_challenges
from tidings.accounts.pending_sign_ins.waiting import purge_pending_sign_ins
from tidings.accounts.sessions import purge_sessions
from tidings.accounts.sign_up.signing_up import purge_unverified
from tidings.accounts.tickets import purge_tickets
from tidings.accounts.tokens import purge_tokens
from tidings.kernel.clock import Clock
from tidings.kernel.db import Database
from tidings.kernel.http.idempotency import purge_idempotency_keys
from tidings.kernel.rate_limits.models import purge_rate_counts
from tidings.notifications.sweep import is_anything_due, sweep
from tidings.outbox.recurring import RecurringTask, purge_runs
from tidings.outbox.schedules import Every

LINKING = Every(timedelta(seconds=10))
HOURLY = Every(timedelta(hours=1))
DAILY = Every(timedelta(days=1))


def recurring_tasks(database: Database, clock: Clock, *, sweep_every: timedelta) -> Sequence[RecurringTask]:
    """Every recurring task. The time they go by is this node's: each removes what ended long ago by any clock."""

    async def something_ended() -> bool:
        async with database.read() as session:
            return await is_anything_due(session, now=clock.now())

    async def sweep_all(_fire_at: datetime) -> str:
        swept, changed = 0, 1
        while changed:
            async with database.write() as session:
                changed = await sweep(session, now=clock.now())
            swept += changed
        return f"{swept} changed"

    async def something_waits() -> bool:
        async with database.read() as session:
            return await is_anything_waiting(session)

    async def link_all(_fire_at: datetime) -> str:
        linked, more = 0, 1
        while more:
            async with database.write() as session:
                more = await link_entries(session)
            linked += more
        return f"{linked} linked"

    def purging(name: str, schedule: Every, purge: _Purge) -> RecurringTask:
        async def run(_fire_at: datetime) -> str:
            async with database.write() as session:
                return f"{await purge(session, now=clock.now())} removed"

        return RecurringTask(name, schedule, run)

    return (
        RecurringTask("sweep", Every(sweep_every), sweep_all, has_work=something_ended),
        RecurringTask("link_audit_log", LINKING, link_all, has_work=something_waits),
        purging("purge_idempotency_keys", HOURLY, purge_idempotency_keys),
        purging("purge_rate_counts", HOURLY, purge_rate_counts),
        purging("purge_runs", HOURLY, purge_runs),
        purging("purge_exports", HOURLY, purge_exports),
        purging("purge_failures", DAILY, purge_failures),
        purging("purge_known_devices", DAILY, purge_known_devices),
        purging("purge_pending_sign_ins", HOURLY, purge_pending_sign_ins),
        purging("purge_sessions", HOURLY, purge_sessions),
        purging("purge_tickets", HOURLY, purge_tickets),
        purging("purge_passkey_challenges", HOURLY, purge_challenges),
        purging("purge_tokens", DAILY, purge_tokens),
        purging("purge_mail_tokens", HOURLY, purge_mail_tokens),
        purging("purge_letter_counts", DAILY, purge_letter_counts),
        purging("purge_sign_in_flows", HOURLY, purge_flows),
        purging("purge_unverified", HOURLY, purge_unverified),
    )


class _Purge(Protocol):
    """Removes what is over; returns how many."""

    def __call__(self, session: AsyncSession, /, *, now: datetime) -> Awaitable[int]: ...
