"""Recurring tasks: each fire runs once, whoever asks, however often, whatever fails."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import insert, select

from tests.clock import StoppedClock
from tests.outbox.world import until
from tidings.kernel.db import Database
from tidings.outbox.models import RecurringRun
from tidings.outbox.recurring import (
    KEPT_RUNS,
    MAX_ATTEMPTS,
    RecurringTask,
    RunOutcome,
    keep_running,
    last_and_next,
    purge_runs,
    run_due,
)
from tidings.outbox.schedules import Daily, Every, Schedule

BERLIN = ZoneInfo("Europe/Berlin")
HOURLY = Every(timedelta(hours=1))


@dataclass
class Chore:
    """Something to do; it writes down when it was done."""

    schedule: Schedule = HOURLY
    fires: list[datetime] = field(default_factory=list)
    error: Exception | None = None
    is_wanted: bool | None = None
    gate: asyncio.Event | None = None

    @property
    def task(self) -> RecurringTask:
        return RecurringTask("chore", self.schedule, self.run, None if self.is_wanted is None else self.has_work)

    async def has_work(self) -> bool:
        return bool(self.is_wanted)

    async def run(self, fire_at: datetime) -> str | None:
        self.fires.append(fire_at)
        if self.gate is not None:
            await self.gate.wait()
        if self.error is not None:
            raise self.error
        return f"{len(self.fires)} done"


async def runs(database: Database) -> list[RecurringRun]:
    async with database.read() as session:
        return list(await session.scalars(select(RecurringRun).order_by(RecurringRun.fire_at)))


async def test_the_first_fire_ever_seen_is_only_noted(database: Database, clock: StoppedClock) -> None:
    chore = Chore()
    assert await run_due(database, clock, [chore.task]) == 0
    clock.advance(hours=1)
    assert await run_due(database, clock, [chore.task]) == 1
    assert chore.fires == [datetime(2026, 3, 2, 10, tzinfo=UTC)]
    assert [run.outcome for run in await runs(database)] == [RunOutcome.NOTED, RunOutcome.DONE]
    assert (await runs(database))[1].detail == "1 done"


@pytest.mark.parametrize("first", [date(2026, 3, 27), date(2026, 10, 23)])
async def test_two_schedulers_run_a_daily_task_once_a_local_day_whatever_the_clocks_do(
    database: Database, first: date
) -> None:
    clock = StoppedClock(datetime.combine(first, time(0), UTC))
    chore = Chore(Daily(time(2, 30), BERLIN))
    for _ in range(4 * 48):
        await asyncio.gather(*(run_due(database, clock, [chore.task]) for _ in range(2)))
        clock.advance(minutes=30)
    days = [fire.astimezone(BERLIN).date() for fire in chore.fires]
    assert days == [first + timedelta(days=number) for number in range(4)]


async def test_fires_missed_while_nobody_was_there_run_once(database: Database, clock: StoppedClock) -> None:
    chore = Chore()
    await run_due(database, clock, [chore.task])
    clock.advance(days=10)
    for _ in range(3):
        await run_due(database, clock, [chore.task])
    assert chore.fires == [datetime(2026, 3, 12, 9, tzinfo=UTC)]


async def test_a_clock_that_was_wrong_for_a_moment_stops_no_task(database: Database, clock: StoppedClock) -> None:
    chore = Chore()
    await run_due(database, clock, [chore.task])
    for hours in (1, 24 * 300, -24 * 300):  # right, far ahead, and right again
        clock.advance(hours=hours)
        await run_due(database, clock, [chore.task])
    chore.fires.clear()
    for _ in range(3):
        clock.advance(hours=1)
        await run_due(database, clock, [chore.task])
    assert chore.fires == [datetime(2026, 3, 2, hour, tzinfo=UTC) for hour in (11, 12, 13)]
    async with database.read() as session:
        (status,) = await last_and_next(session, [chore.task], now=clock.now())
    assert status.last is not None
    assert status.last.fire_at == chore.fires[-1]


async def test_a_failure_is_recorded_and_tried_again_later_each_time_a_bounded_number_of_times(
    database: Database, clock: StoppedClock
) -> None:
    chore = Chore(Every(timedelta(days=1)), error=ValueError("no mail server"))
    await run_due(database, clock, [chore.task])
    clock.advance(days=1)
    for _ in range(2):
        await run_due(database, clock, [chore.task])
    assert len(chore.fires) == 1
    failed = (await runs(database))[-1]
    assert (failed.outcome, failed.detail) == (RunOutcome.FAILED, "ValueError: no mail server")
    for _ in range(10):
        clock.advance(hours=1)
        await run_due(database, clock, [chore.task])
    assert len(chore.fires) == MAX_ATTEMPTS


async def test_a_run_whose_node_went_away_is_taken_over(database: Database, clock: StoppedClock) -> None:
    chore = Chore()
    await run_due(database, clock, [chore.task])
    clock.advance(hours=1)
    chore.gate = asyncio.Event()
    doomed = asyncio.create_task(run_due(database, clock, [chore.task]))
    await until(lambda: chore.fires)
    assert await run_due(database, clock, [chore.task]) == 0
    doomed.cancel()
    await asyncio.gather(doomed, return_exceptions=True)
    clock.advance(seconds=61)
    chore.gate.set()
    assert await run_due(database, clock, [chore.task]) == 1
    last = (await runs(database))[-1]
    assert (last.outcome, last.attempt, len(chore.fires)) == (RunOutcome.DONE, 2, 2)


async def test_a_run_that_was_taken_over_records_nothing_late(database: Database, clock: StoppedClock) -> None:
    slow, quick = Chore(gate=asyncio.Event()), Chore()
    await run_due(database, clock, [slow.task])
    clock.advance(hours=1)
    late = asyncio.create_task(run_due(database, clock, [slow.task]))
    await until(lambda: slow.fires)
    clock.advance(seconds=61)
    await run_due(database, clock, [quick.task])
    slow.error = ValueError("too late")
    assert slow.gate is not None
    slow.gate.set()
    await late
    assert (await runs(database))[-1].outcome == RunOutcome.DONE


async def test_the_scheduler_runs_what_becomes_due(database: Database, clock: StoppedClock) -> None:
    chore, slow = Chore(), Chore(gate=asyncio.Event())
    tasks = [chore.task, RecurringTask("slow", HOURLY, slow.run)]
    await run_due(database, clock, tasks)
    scheduler = asyncio.create_task(keep_running(database, clock, tasks, longest_pause_s=0.01))
    clock.advance(hours=1)
    await until(lambda: slow.fires and len(chore.fires) == 1)
    clock.advance(hours=1)
    await until(lambda: len(chore.fires) == 2)
    scheduler.cancel()
    await asyncio.gather(scheduler, return_exceptions=True)


async def test_the_scheduler_tries_again_soon_when_it_could_not_even_ask(
    database: Database, clock: StoppedClock
) -> None:
    asked: list[datetime] = []

    async def has_work() -> bool:
        asked.append(clock.now())
        if len(asked) == 1:
            raise ConnectionError("the database is away")
        return True

    chore = Chore()
    task = RecurringTask("chore", HOURLY, chore.run, has_work)
    scheduler = asyncio.create_task(keep_running(database, clock, [task]))
    await until(lambda: chore.fires)
    scheduler.cancel()
    await asyncio.gather(scheduler, return_exceptions=True)
    assert len(asked) == 2


async def test_tasks_that_fire_together_look_one_after_another(database: Database, clock: StoppedClock) -> None:
    """Each look takes a connection, and a pool keeps as many as were ever taken at once."""
    looking, looked = 0, []

    async def has_work() -> bool:
        nonlocal looking
        looking += 1
        await asyncio.sleep(0)  # lets the others begin, if they may
        looked.append(looking)
        looking -= 1
        return False

    tasks = [RecurringTask(f"chore {number}", HOURLY, Chore().run, has_work) for number in range(5)]
    scheduler = asyncio.create_task(keep_running(database, clock, tasks))
    await until(lambda: len(looked) == len(tasks))
    scheduler.cancel()
    await asyncio.gather(scheduler, return_exceptions=True)
    assert looked == [1] * len(tasks)


async def test_a_fire_without_work_leaves_no_row(database: Database, clock: StoppedClock) -> None:
    chore = Chore(Every(timedelta(seconds=1)), is_wanted=False)
    for _ in range(3):
        assert await run_due(database, clock, [chore.task]) == 0
        clock.advance(seconds=1)
    assert await runs(database) == []


async def test_work_is_done_at_the_first_fire_there_ever_was_once(database: Database, clock: StoppedClock) -> None:
    chore = Chore(Every(timedelta(seconds=1)), is_wanted=True)
    ran = await asyncio.gather(*(run_due(database, clock, [chore.task]) for _ in range(3)))
    assert (sum(ran), len(chore.fires)) == (1, 1)
    clock.advance(seconds=1)
    assert await run_due(database, clock, [chore.task]) == 1
    assert [run.outcome for run in await runs(database)] == [RunOutcome.DONE, RunOutcome.DONE]


async def test_the_console_sees_the_last_run_and_the_next(database: Database, clock: StoppedClock) -> None:
    chore, never = Chore(), RecurringTask("never", Every(timedelta(days=1)), Chore().run)
    await run_due(database, clock, [chore.task])
    clock.advance(hours=1)
    await run_due(database, clock, [chore.task])
    async with database.read() as session:
        done, unseen = await last_and_next(session, [chore.task, never], now=clock.now())
    assert done.last is not None
    assert (done.last.outcome, done.next_at) == (RunOutcome.DONE, datetime(2026, 3, 2, 11, tzinfo=UTC))
    assert (unseen.last, unseen.next_at) == (None, datetime(2026, 3, 3, tzinfo=UTC))


async def test_old_runs_are_purged_but_the_last_of_each_task(database: Database, clock: StoppedClock) -> None:
    chore = Chore()
    for _ in range(3):
        await run_due(database, clock, [chore.task])
        clock.advance(hours=1)
    clock.advance(days=40)
    async with database.write() as session:
        await purge_runs(session, now=clock.now())
    assert [run.fire_at for run in await runs(database)] == chore.fires[-1:]


async def test_of_a_task_that_runs_often_the_last_thousand_runs_are_kept(
    database: Database, clock: StoppedClock
) -> None:
    fires = [clock.now() + timedelta(seconds=number) for number in range(KEPT_RUNS + 3)]
    rows = [{"task": "sweep", "fire_at": fire, "outcome": RunOutcome.DONE, "attempt": 1} for fire in fires]
    rare = {"task": "rare", "fire_at": fires[0], "outcome": RunOutcome.DONE, "attempt": 1}
    async with database.write() as session:
        await (await session.connection()).execute(insert(RecurringRun), [*rows, rare])
        assert await purge_runs(session, now=clock.now()) == 3
    kept = [run.fire_at for run in await runs(database) if run.task == "sweep"]
    assert kept == fires[3:]
    assert len(await runs(database)) == KEPT_RUNS + 1
