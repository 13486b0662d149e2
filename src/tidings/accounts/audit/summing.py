"""What strangers cause again and again: written one by one up to a number an hour, and counted beyond it.

Nothing is ever removed from the log, so whoever fails on purpose must not decide how long it grows. Of each action, one
network has so many entries in an hour; for what comes after these there is one more, which says how many they were. The
number depends on the network alone, known or unknown target alike: the time a refusal takes tells nothing.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.audit.recording import record
from tidings.accounts.audit.types import Actor, ActorKind, AuditAction
from tidings.kernel.http.addresses import network_of
from tidings.kernel.rate_limits.models import RateCount

ONE_BY_ONE = 60
"""Entries of one action that one network has in an hour; a household that mistypes never comes near."""
AT_ONCE = 100
_HOUR = timedelta(hours=1)
_KEPT = timedelta(days=7)
"""A count outlives its hour by this: a worker that was away for days still sums it up."""
_PREFIX = "audit"
_NOWHERE = "unknown"


async def record_or_count(
    session: AsyncSession,
    action: AuditAction,
    *,
    by: Actor,
    now: datetime,
    target_id: UUID | None = None,
    detail: Mapping[str, Any] | None = None,  # Any: JSON
) -> None:
    """Note what a stranger caused, as `record` does, or count it for `sum_up` after so many in an hour."""
    if await _count(session, action, by, now) <= ONE_BY_ONE:
        await record(session, action, by=by, now=now, target_id=target_id, detail=detail)


async def sum_up(session: AsyncSession, *, now: datetime) -> int:
    """Write one entry for what each network caused beyond the number in an hour that is over; returns how many hours.

    A hundred at most, so that nobody waits for long: call it until it returns 0.
    """
    over = RateCount.key.startswith(f"{_PREFIX}:", autoescape=True), RateCount.expires_at <= now + _KEPT
    keys = select(RateCount.key).where(*over).order_by(RateCount.expires_at, RateCount.key).limit(AT_ONCE)
    found = (await session.scalars(keys)).all()
    counted = delete(RateCount).where(RateCount.key.in_(found)).returning(RateCount.key, RateCount.used)
    for key, used in (await session.execute(counted)).all():
        if used > ONE_BY_ONE:
            _, action, hour, network = key.split(":", 3)
            stranger = Actor(kind=ActorKind.NOBODY, ip=None if network == _NOWHERE else network)
            detail = {"times": used - ONE_BY_ONE, "hour": hour}
            await record(session, AuditAction(action), by=stranger, now=now, detail=detail)
    return len(found)


async def _count(session: AsyncSession, action: AuditAction, by: Actor, now: datetime) -> int:
    """One more of this action by this network in this hour (UTC); returns how many there are."""
    insert = sqlite_insert if session.get_bind().dialect.name == "sqlite" else postgresql_insert
    network = network_of(by.ip) if by.ip else _NOWHERE
    hour = now.replace(minute=0, second=0, microsecond=0)
    counted = (
        insert(RateCount)
        .values(key=f"{_PREFIX}:{action}:{hour:%Y-%m-%dT%HZ}:{network}", used=1, expires_at=hour + _HOUR + _KEPT)
        .on_conflict_do_update(index_elements=[RateCount.key], set_={"used": RateCount.used + 1})
        .returning(RateCount.used)
    )
    return (await session.execute(counted)).scalar_one()
