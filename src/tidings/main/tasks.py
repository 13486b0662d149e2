"""What runs by itself: each task once a fire, however many processes there are."""

from collections.abc import Awaitable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.audit.chain import chain_head, is_anything_waiting, link_entries
from tidings.accounts.audit.summing import sum_up
from tidings.accounts.audit.types import SERVER
from tidings.accounts.exports.purging import purge_exports
from tidings.accounts.failures.counting import purge_failures
from tidings.accounts.identities.flows import purge_flows
from tidings.accounts.known_devices.knowing import purge_known_devices
from tidings.accounts.letter_limits.counting import purge_letter_counts
from tidings.accounts.mail_tokens.tokens import purge_mail_tokens
from tidings.accounts.mfa.challenges import purge_challenges
from tidings.accounts.pending_sign_ins.waiting import purge_pending_sign_ins
from tidings.accounts.sessions import purge_sessions
from tidings.accounts.sign_up.settling import is_anybody_kept, settle_some
from tidings.accounts.sign_up.signing_up import purge_unverified
from tidings.accounts.tickets import purge_tickets
from tidings.accounts.tokens import forget_successors, purge_tokens
from tidings.accounts.usernames.holding import purge_held_usernames
from tidings.kernel.clock import Clock
from tidings.kernel.crypto import Keyring
from tidings.kernel.db import Database
from tidings.kernel.http.idempotency import purge_idempotency_keys
from tidings.kernel.rate_limits.models import purge_rate_counts
from tidings.notifications.sweep import is_anything_due, sweep
from tidings.outbox.recurring import RecurringTask, purge_runs
from tidings.outbox.schedules import Every

LINKING = Every(timedelta(seconds=10))
MINUTELY = Every(timedelta(minutes=1))
HOURLY = Every(timedelta(hours=1))
DAILY = Every(timedelta(days=1))
_log = structlog.get_logger(__name__)


def recurring_tasks(
    database: Database, keyring: Keyring, clock: Clock, *, sweep_every: timedelta
) -> Sequence[RecurringTask]:
    """Every recurring task. The time they go by is this node's: each removes what ended long ago by any clock."""
    purging = partial(_slice_by_slice, database, clock, done="removed")
    return (
        _sweeping(database, clock, sweep_every),
        _linking(database),
        _settling(database, keyring, clock),
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
        _slice_by_slice(database, clock, "forget_successors", DAILY, forget_successors, "forgotten"),
        purging("purge_mail_tokens", HOURLY, purge_mail_tokens),
        purging("purge_letter_counts", DAILY, purge_letter_counts),
        purging("purge_sign_in_flows", HOURLY, purge_flows),
        purging("purge_held_usernames", HOURLY, purge_held_usernames),
        purging("purge_unverified", HOURLY, purge_unverified),
        _slice_by_slice(database, clock, "sum_up_audit_log", HOURLY, sum_up, "summed up"),
    )


def _sweeping(database: Database, clock: Clock, every: timedelta) -> RecurringTask:
    async def something_ended() -> bool:
        async with database.read() as session:
            return await is_anything_due(session, now=clock.now())

    sweep_all = _slice_by_slice(database, clock, "sweep", Every(every), sweep, "changed")
    return replace(sweep_all, has_work=something_ended)


def _linking(database: Database) -> RecurringTask:
    async def something_waits() -> bool:
        async with database.read() as session:
            return await is_anything_waiting(session)

    async def link_all(_fire_at: datetime) -> str:
        linked, more = 0, 1
        while more:
            async with database.write() as session:
                more = await link_entries(session)
            linked += more
        if linked:  # logs that are kept elsewhere then hold what shows that the end of this one was cut off
            async with database.read() as session:
                head = await chain_head(session)
            _log.info("audit_log_linked", number=head.number, hash=head.hash.hex())
        return f"{linked} linked"

    return RecurringTask("link_audit_log", LINKING, link_all, has_work=something_waits)


def _settling(database: Database, keyring: Keyring, clock: Clock) -> RecurringTask:
    async def somebody_is_kept() -> bool:
        async with database.read() as session:
            return await is_anybody_kept(session)

    settle_slice = partial(settle_some, keyring=keyring, by=SERVER)
    settle_all = _slice_by_slice(database, clock, "settle_sign_ups", MINUTELY, settle_slice, "settled")
    return replace(settle_all, has_work=somebody_is_kept)


def _slice_by_slice(
    database: Database, clock: Clock, name: str, schedule: Every, work: "_Work", done: str
) -> RecurringTask:
    """Until nothing is left, a transaction for each slice: others come in between."""

    async def run(_fire_at: datetime) -> str:
        total, more = 0, 1
        while more:
            async with database.write() as session:
                more = await work(session, now=clock.now())
            total += more
        return f"{total} {done}"

    return RecurringTask(name, schedule, run)


class _Work(Protocol):
    """Does a slice of what is due; returns how much that was, 0 when nothing is left."""

    def __call__(self, session: AsyncSession, /, *, now: datetime) -> Awaitable[int]: ...
