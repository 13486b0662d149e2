"""What is withdrawn while an attempt is under way: that attempt may succeed, and there is no other."""

from dataclasses import replace

import pytest

from tests.outbox.world import ADA, QUICK, Post, until
from tidings.channels.base import Retry, Sent
from tidings.outbox.types import DeliveryState
from tidings.outbox.worker import WorkerLimits
from tidings.outbox.writing import NewDelivery, cancel, of_keys, retry


async def withdrawn_while_it_is(post: Post, point: str, limits: WorkerLimits = QUICK) -> NewDelivery:
    """A delivery that was withdrawn while its worker stood at this point; nothing else waited."""
    delivery = await post.one(key="k")
    post.points.stops.add(point)
    post.start(limits=limits)
    await until(post.points.is_reached(point))
    async with post.database.write() as session:
        connection = await session.connection()
        assert await connection.run_sync(lambda c: cancel(c, of_keys(ADA, ["k"]), now=post.clock.now())) == 0
    return delivery


async def test_an_attempt_that_must_be_repeated_is_not(post: Post) -> None:
    post.provider.answers = lambda _: Retry(detail="greylisted")
    delivery = await withdrawn_while_it_is(post, "before hand-over")
    post.points.stops.clear()
    row = await post.becomes(delivery, DeliveryState.CANCELLED)
    assert (row.reason, row.attempt, row.finished_at) == ("cancelled", 1, post.clock.now())
    assert [attempt["outcome"] for attempt in row.attempts] == ["retry"]
    assert (row.lease_token, row.lease_until, row.started_at) == (None, None, None)


async def test_an_attempt_that_succeeds_was_sent(post: Post) -> None:
    post.provider.answers = lambda _: Sent("ref")
    delivery = await withdrawn_while_it_is(post, "after hand-over")
    post.points.stops.clear()
    assert (await post.becomes(delivery, DeliveryState.SENT)).reason is None


@pytest.mark.parametrize("point", ["before hand-over", "after hand-over"])
async def test_nobody_takes_it_over_from_a_worker_that_died(post: Post, point: str) -> None:
    delivery = await withdrawn_while_it_is(post, point)
    await post.kill()
    post.points.stops.clear()
    post.clock.advance(seconds=61)
    post.start()
    row = await post.becomes(delivery, DeliveryState.CANCELLED)
    assert (row.reason, post.provider.taken) == ("cancelled", [])


async def test_a_worker_that_drains_does_not_give_it_back(post: Post) -> None:
    delivery = await withdrawn_while_it_is(post, "before hand-over", replace(QUICK, drain_s=0.01))
    await post.running[0][0].drain()
    assert (await post.row(delivery)).state is DeliveryState.CANCELLED


async def test_sent_again_on_purpose_it_is_no_longer_withdrawn(post: Post) -> None:
    post.provider.answers = lambda _: Retry(detail="greylisted")
    delivery = await withdrawn_while_it_is(post, "before hand-over")
    post.points.stops.clear()
    await post.becomes(delivery, DeliveryState.CANCELLED)
    post.provider.answers = None
    async with post.database.write() as session:
        await retry(session, delivery.id, now=post.clock.now())
    post.running[0][0].due()
    assert (await post.becomes(delivery, DeliveryState.SENT)).reason is None
