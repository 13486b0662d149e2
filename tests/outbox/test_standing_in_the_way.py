"""What stands in a worker's way makes it wait, and no more: a full disk, somebody's locks, a clock that is wrong."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from tests.clock import StoppedClock
from tests.only import on_postgresql
from tests.outbox.trouble import Trouble, trouble_of
from tests.outbox.world import QUICK, Post, until
from tidings.channels.base import Retry
from tidings.outbox.gates import BreakerLimits
from tidings.outbox.types import DeliveryState
from tidings.outbox.writing import cancel, of_event

SLEEPY = replace(QUICK, first_pause_s=3_600, longest_pause_s=3_600)


@pytest.fixture
def trouble(post: Post) -> Iterator[Trouble]:
    with trouble_of(post.database) as trouble:
        yield trouble


async def test_a_disk_that_is_full_makes_no_mail_go_twice(post: Post, trouble: Trouble) -> None:
    deliveries = [post.new() for _ in range(3)]
    await post.put(*deliveries)
    post.points.stops.add("after hand-over")
    post.start(limits=SLEEPY)
    await until(post.points.is_reached("after hand-over", 3))
    trouble.raises(OperationalError("UPDATE", {}, Exception("database or disk is full")), "UPDATE")
    post.points.stops.clear()
    await until(post.provider.has_taken(3))
    await until(trouble.has_refused(5))
    trouble.ends()
    for delivery in deliveries:
        await post.becomes(delivery, DeliveryState.SENT)
    assert len(post.provider.taken) == 3


@on_postgresql
async def test_a_worker_renews_and_records_while_others_of_its_rows_are_locked(post: Post) -> None:
    mail, event_id = await post.one(priority=3), uuid4()
    post.points.stops.add("after hand-over")
    worker = post.start(setup={"concurrency": 1}, limits=replace(SLEEPY, renew_s=0.05))
    await until(post.points.is_reached("after hand-over"))
    behind = await post.one(event_id=event_id)
    worker.due()
    await post.becomes(behind, DeliveryState.SENDING)  # held ready behind the mail that is on its way
    async with post.database.write() as withdrawing:
        cancelled = (await withdrawing.connection()).run_sync(cancel, of_event(event_id), now=post.clock.now())
        assert await cancelled == 1
        post.clock.advance(seconds=50)

        async def is_renewed() -> bool:
            return (await post.row(mail)).lease_until == post.clock.now() + timedelta(seconds=60)

        await until(is_renewed)
        post.points.stops.clear()
        await post.becomes(mail, DeliveryState.SENT)
    await post.becomes(behind, DeliveryState.CANCELLED)
    await until(lambda: not worker._held)
    assert post.provider.taken == [mail.id]


async def test_a_lane_that_was_full_is_filled_as_soon_as_it_has_room(post: Post) -> None:
    await post.put(*(post.new() for _ in range(4)))
    post.points.stops.add("before hand-over")
    worker = post.start(setup={"concurrency": 4, "kinds": frozenset({"notification"})}, limits=SLEEPY)
    await until(post.points.is_reached("before hand-over", 4))
    await post.put(*(post.new() for _ in range(3)))
    worker.due()
    await until(lambda: len(worker._lanes) == 3)
    await post.one()
    worker.due()
    await until(lambda: not worker._wake.is_set())  # it has looked, and nothing was asked of a lane so full
    post.points.stops.clear()
    await until(post.provider.has_taken(8))


@pytest.mark.parametrize("concurrency", [4, 20])
async def test_however_many_were_under_way_a_breaker_opens_for_its_first_pause(post: Post, concurrency: int) -> None:
    post.provider.answers = lambda _: Retry(detail="refused", is_outage=True, after=timedelta(hours=1))
    await post.put(*(post.new() for _ in range(concurrency)))
    post.points.stops.add("before hand-over")
    worker = post.start(setup={"concurrency": concurrency}, limits=replace(QUICK, breaker=BreakerLimits(failures=3)))
    await until(post.points.is_reached("before hand-over", concurrency))
    post.points.stops.clear()
    await until(post.provider.has_taken(concurrency))
    await until(lambda: not worker._held)
    late = await post.one()

    async def is_shifted() -> bool:
        return (await post.row(late)).due_at > post.clock.now()

    await until(is_shifted)
    assert (await post.row(late)).due_at <= post.clock.now() + timedelta(seconds=30 * 1.25)
    assert late.id not in post.provider.taken


@dataclass
class Behind(StoppedClock):
    """The clock of a machine that is late, in front of a database that is not."""

    right: StoppedClock
    by: timedelta

    def now(self) -> datetime:
        return self.right.now() - self.by

    def database_now(self, connection: Connection) -> datetime:
        return self.right.database_now(connection)


@pytest.mark.parametrize("by", [timedelta(minutes=5), timedelta(minutes=-5)])
async def test_what_an_open_breaker_holds_back_stays_away_whatever_this_machines_clock_says(
    post: Post, by: timedelta
) -> None:
    post.provider.answers = lambda _: Retry(detail="refused", is_outage=True, after=timedelta(hours=1))
    await post.put(*(post.new() for _ in range(2)))
    right, post.clock = post.clock, Behind(post.clock, by)
    post.start()
    await until(post.provider.has_taken(2))
    late = await post.one(due_at=right.now())

    async def is_shifted() -> bool:
        return (await post.row(late)).due_at != right.now()

    await until(is_shifted)
    away = (await post.row(late)).due_at - right.now()
    assert timedelta(seconds=29) <= away <= timedelta(seconds=30 * 1.25)
