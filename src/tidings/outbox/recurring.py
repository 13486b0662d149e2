"""Recurring tasks: each fire of a task is one row, and whoever inserts the row runs it.

So any number of schedulers do no harm, and a fire missed while nobody was there runs once. A task must bear being run
again for the same fire: that happens when its first run failed or its node went away.
"""

import asyncio
import contextlib
import random
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

import structlog
from sqlalchemy import and_, exists, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from tidings.channels.base import Refused
from tidings.kernel.clock import Clock
from tidings.kernel.db import Database
from tidings.kernel.purging import purge
from tidings.outbox.backoff import Backoff
from tidings.outbox.concluding import plain
from tidings.outbox.journal import database_now
from tidings.outbox.models import RecurringRun
from tidings.outbox.schedules import Schedule, last_fire, next_fire

LEASE = timedelta(seconds=60)
RENEW_S = 20.0
MAX_ATTEMPTS = 5
KEPT = timedelta(days=30)
KEPT_RUNS = 1_000
_LATE_S = 0.02  # a timer may go off a little early, and would find that nothing is due yet
_IN_TROUBLE = Backoff(base=timedelta(seconds=1), cap=timedelta(seconds=60))
_log = structlog.get_logger(__name__)


class RunOutcome(StrEnum):
    """What came of a fire. NOTED: the first one ever seen of a task, from which the next are counted; it is not run
    unless the task itself says that it has work."""

    NOTED = "noted"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class RecurringTask:
    """What runs when. `run` is given the fire and returns what is worth keeping of it, in a few words.

    A task that fires often says with `has_work` whether there is anything to do: a fire without leaves no row.
    """

    name: str
    schedule: Schedule
    run: Callable[[datetime], Awaitable[str | None]]
    has_work: Callable[[], Awaitable[bool]] | None = None


@dataclass(frozen=True, slots=True)
class TaskStatus:
    """A task as the console shows it."""

    task: str
    last: RecurringRun | None
    next_at: datetime


async def run_due(database: Database, clock: Clock, tasks: Sequence[RecurringTask]) -> int:
    """Run what is due of these tasks, side by side, and wait for the end; returns how many were run here."""
    return sum(await asyncio.gather(*(run_if_due(database, clock, task) for task in tasks)))


async def run_if_due(
    database: Database, clock: Clock, task: RecurringTask, *, looking: AbstractAsyncContextManager[object] | None = None
) -> bool:
    """Run the last fire of this task if nobody has; a failure is recorded and tried again later.

    `looking` is held while it is found out whether there is anything to run, and not while it runs.
    """
    token = uuid4()
    async with looking or contextlib.nullcontext():
        fire_at = await _take(database, clock, task, token)
    if fire_at is None:
        return False
    keeping = asyncio.create_task(_keep_lease(database, clock, token))
    try:
        outcome, detail = RunOutcome.DONE, await task.run(fire_at)
    except Exception as error:  # noqa: BLE001 - the task's own code: recorded, and tried again later
        _log.exception("recurring_task_failed", task=task.name)
        outcome, detail = RunOutcome.FAILED, f"{type(error).__name__}: {error}"
    finally:
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)
    async with database.write() as session:
        await _record(session, token, outcome, detail, now=await database_now(session, clock))
    return True


async def keep_running(
    database: Database, clock: Clock, tasks: Sequence[RecurringTask], *, longest_pause_s: float = 60.0
) -> None:
    """Run each task when it is due, until cancelled; a slow task keeps no other waiting."""
    # All of them look when the hour strikes, and at the start: one after another, or each would take a connection.
    looking = asyncio.Lock()
    await asyncio.gather(*(_keep_running(database, clock, task, longest_pause_s, looking) for task in tasks))


async def last_and_next(session: AsyncSession, tasks: Sequence[RecurringTask], *, now: datetime) -> list[TaskStatus]:
    """Each task's last run and its next fire."""
    newest = select(RecurringRun.task, func.max(RecurringRun.fire_at).label("fire_at"))
    each = newest.where(RecurringRun.fire_at <= now).group_by(RecurringRun.task).subquery()
    found = select(RecurringRun).join(
        each, and_(RecurringRun.task == each.c.task, RecurringRun.fire_at == each.c.fire_at)
    )
    last = {run.task: run for run in await session.scalars(found)}
    return [TaskStatus(task.name, last.get(task.name), next_fire(task.schedule, now)) for task in tasks]


async def purge_runs(session: AsyncSession, *, now: datetime) -> int:
    """Remove slices of what is older than thirty days, and of all but each task's last thousand runs; returns how many.

    The last run of a task stays: its next are counted from it.
    """
    newer = aliased(RecurringRun)
    has_newer = exists().where(newer.task == RecurringRun.task, newer.fire_at > RecurringRun.fire_at)
    removed = await purge(session, RecurringRun, and_(RecurringRun.fire_at < now - KEPT, has_newer))
    for task in (await session.scalars(select(RecurringRun.task).distinct())).all():
        is_its = RecurringRun.task == task
        newest = select(RecurringRun.fire_at).where(is_its).order_by(RecurringRun.fire_at.desc())
        first_too_many = await session.scalar(newest.offset(KEPT_RUNS).limit(1))
        if first_too_many is not None:
            removed += await purge(session, RecurringRun, and_(is_its, RecurringRun.fire_at <= first_too_many))
    return removed


async def _keep_running(
    database: Database, clock: Clock, task: RecurringTask, longest_pause_s: float, looking: asyncio.Lock
) -> None:
    failures = 0
    while True:
        try:
            await run_if_due(database, clock, task, looking=looking)
            failures = 0
        except Exception as error:  # noqa: BLE001 - the database is away, or worse: the scheduler goes on trying
            failures += 1
            _log.warning("scheduler_failed", task=task.name, error=f"{type(error).__name__}: {error}")
        now = clock.now()
        pause_s = min((next_fire(task.schedule, now) - now).total_seconds() + _LATE_S, longest_pause_s)
        if failures:
            pause_s = min(pause_s, _IN_TROUBLE.delay(failures, None, random.random).total_seconds())
        await asyncio.sleep(pause_s)


async def _take(database: Database, clock: Clock, task: RecurringTask, token: UUID) -> datetime | None:
    """The fire that is ours to run now, claimed under this token, if there is one."""
    if task.has_work is not None and not await task.has_work():
        return None
    async with database.read() as session:
        now = await database_now(session, clock)
        fire_at = last_fire(task.schedule, now)
        if not await _may_be_due(session, task.name, fire_at, now):
            return None
    async with database.write() as session:
        is_ours = await _claim(session, task, fire_at, token, now=await database_now(session, clock))
    return fire_at if is_ours else None


async def _may_be_due(session: AsyncSession, task: str, fire_at: datetime, now: datetime) -> bool:
    """Whether a claim could succeed: asked often, so it takes no lock."""
    last = (
        await session.execute(
            select(RecurringRun.fire_at, RecurringRun.outcome, RecurringRun.attempt, RecurringRun.lease_until)
            # A fire of the future, noted by a clock that was wrong for a moment, says nothing of the present.
            .where(RecurringRun.task == task, RecurringRun.fire_at <= now)
            .order_by(RecurringRun.fire_at.desc())
            .limit(1)
        )
    ).one_or_none()
    if last is None or last.fire_at < fire_at:
        return True
    is_over = last.outcome not in {RunOutcome.RUNNING, RunOutcome.FAILED} or last.attempt >= MAX_ATTEMPTS
    return last.fire_at == fire_at and not is_over and last.lease_until <= now


async def _claim(session: AsyncSession, task: RecurringTask, fire_at: datetime, token: UUID, *, now: datetime) -> bool:
    """Take this fire: insert its row, or take over one whose run failed or went away."""
    connection = await session.connection()
    values: dict[str, Any] = {"task": task.name, "fire_at": fire_at, "attempt": 0}
    if task.has_work is None and not await _was_seen(session, task.name):
        values |= {"outcome": RunOutcome.NOTED, "finished_at": now}
    else:
        values |= {"outcome": RunOutcome.RUNNING, "lease_until": now}
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    await connection.execute(insert(RecurringRun).values(values).on_conflict_do_nothing())
    taken = await connection.execute(
        update(RecurringRun)
        .where(
            RecurringRun.task == task.name,
            RecurringRun.fire_at == fire_at,
            or_(RecurringRun.outcome == RunOutcome.RUNNING, RecurringRun.outcome == RunOutcome.FAILED),
            RecurringRun.attempt < MAX_ATTEMPTS,
            RecurringRun.lease_until <= now,
        )
        .values(
            outcome=RunOutcome.RUNNING,
            attempt=RecurringRun.attempt + 1,
            lease_token=token,
            lease_until=now + LEASE,
            started_at=now,
        )
    )
    return taken.rowcount == 1


async def _was_seen(session: AsyncSession, task: str) -> bool:
    return await session.scalar(select(RecurringRun.task).where(RecurringRun.task == task).limit(1)) is not None


async def _keep_lease(database: Database, clock: Clock, token: UUID) -> None:
    while True:
        await asyncio.sleep(RENEW_S)
        with contextlib.suppress(Exception):  # the database is away: the next turn tries again, or the lease is lost
            async with database.write() as session:
                until = await database_now(session, clock) + LEASE
                mine = update(RecurringRun).where(RecurringRun.lease_token == token)
                await (await session.connection()).execute(mine.values(lease_until=until))


async def _record(
    session: AsyncSession, token: UUID, outcome: RunOutcome, detail: str | None, *, now: datetime
) -> None:
    """How it ended; after a failure the next attempt waits, longer each time."""
    mine = update(RecurringRun).where(RecurringRun.lease_token == token)
    pause = {number: LEASE * 2**number for number in range(1, MAX_ATTEMPTS + 1)}
    connection = await session.connection()
    attempt = await session.scalar(select(RecurringRun.attempt).where(RecurringRun.lease_token == token))
    values: dict[str, Any] = {
        "outcome": outcome,
        "detail": plain(Refused(detail)) if detail else None,
        "finished_at": now,
        "lease_token": None,
        "lease_until": now + pause[attempt or 1] if outcome is RunOutcome.FAILED else None,
    }
    await connection.execute(mine.values(values))
