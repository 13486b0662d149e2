"""What a worker does with what is due."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from tests.locking import Lock, lock_of
from tests.outbox.world import GRACE, QUICK, Points, Post, Provider, until
from tidings.channels.base import Gone, Outcome, Retry, Sent, Skip, Unknown
from tidings.outbox.gates import Rate
from tidings.outbox.held import HeldDelivery
from tidings.outbox.types import DeliveryState
from tidings.outbox.worker import Worker

SLEEPY = replace(QUICK, first_pause_s=3_600, longest_pause_s=3_600)


async def test_what_is_due_is_sent_and_recorded(post: Post) -> None:
    delivery = await post.one()
    post.start()
    row = await post.becomes(delivery, DeliveryState.SENT)
    assert (row.attempt, row.provider, row.provider_ref, row.finished_at) == (1, "provider", "ref", post.clock.now())
    assert row.attempts == [
        {
            "at": post.clock.now().isoformat().replace("+00:00", "Z"),
            "outcome": "sent",
            "provider": "provider",
            "detail": "",
        }
    ]
    assert post.heard == [(delivery.id, Sent("ref"))]


async def test_the_doorbell_ends_the_wait(post: Post) -> None:
    worker = post.start(limits=SLEEPY)
    first = await post.one()
    worker.due()
    await post.becomes(first, DeliveryState.SENT)
    second = await post.one(due_at=post.clock.now() + timedelta(hours=9))
    worker.due()
    post.clock.advance(hours=9)
    worker.due()
    await post.becomes(second, DeliveryState.SENT)


async def test_without_a_doorbell_the_queue_is_looked_at_all_the_same(post: Post) -> None:
    post.start()
    await post.becomes(await post.one(), DeliveryState.SENT)


async def test_what_is_no_longer_wanted_is_skipped_with_its_reason(post: Post) -> None:
    delivery = post.new()
    post.skips[delivery.id] = Skip("already_seen")
    await post.put(delivery)
    post.start()
    row = await post.becomes(delivery, DeliveryState.SKIPPED)
    assert (row.reason, row.attempt, row.attempts, post.provider.taken) == ("already_seen", 0, [], [])


async def test_what_has_expired_is_not_even_prepared(post: Post) -> None:
    delivery = await post.one(expires_at=post.clock.now())
    post.start()
    assert (await post.becomes(delivery, DeliveryState.SKIPPED)).reason == "expired"
    assert "claimed" not in post.points.reached


async def test_a_failing_delivery_waits_longer_each_time_and_then_is_dead(post: Post) -> None:
    post.provider.answers = lambda _: Retry(detail="451 try later")
    delivery = await post.one()
    post.start()
    for attempt in (1, 2):
        await until(post.provider.has_taken(attempt))
        row = await post.becomes(delivery, DeliveryState.SCHEDULED)
        assert timedelta(0) <= row.due_at - post.clock.now() <= timedelta(seconds=2 * attempt)
        await post.later(seconds=40)
    row = await post.becomes(delivery, DeliveryState.DEAD)
    assert (row.attempt, row.last_error) == (3, "451 try later")
    assert post.heard == [(delivery.id, Retry(detail="451 try later"))]


async def test_a_provider_that_names_a_time_is_not_asked_before(post: Post) -> None:
    post.provider.answers = lambda _: Retry(after=timedelta(minutes=10))
    delivery = await post.one()
    post.start()
    await until(lambda: post.provider.taken)
    row = await post.becomes(delivery, DeliveryState.SCHEDULED)
    assert row.due_at >= post.clock.now() + timedelta(minutes=10)


async def test_code_that_breaks_on_one_delivery_harms_no_other(post: Post) -> None:
    bad, good = post.new(key="bad"), post.new(key="good")

    def answer(message: HeldDelivery) -> Outcome:
        if message.key == "bad":
            raise ZeroDivisionError("no such number")
        return Sent()

    post.provider.answers, post.provider.uses_hand_over = answer, False
    await post.put(bad, good)
    post.start()
    await post.becomes(good, DeliveryState.SENT)
    await post.all_end(seconds=5)
    assert (await post.becomes(bad, DeliveryState.DEAD)).last_error == "ZeroDivisionError: no such number"


async def test_a_message_that_cannot_be_prepared_dies_with_the_reason(post: Post) -> None:
    async def prepare(session: AsyncSession, delivery: HeldDelivery, _now: datetime) -> HeldDelivery:
        if delivery.key == "bad":
            await session.execute(text("SELECT * FROM no_such_table"))
        return delivery

    bad, good = post.new(key="bad"), post.new(key="good")
    await post.put(bad, good)
    post.start(prepare=prepare)
    await post.becomes(good, DeliveryState.SENT)
    await post.all_end(seconds=5)
    row = await post.becomes(bad, DeliveryState.DEAD)
    assert row.attempt == 3
    assert "no_such_table" in (row.last_error or "")


async def test_an_answer_lost_after_the_hand_over_may_not_always_be_repeated(post: Post) -> None:
    def lose(_message: HeldDelivery) -> Outcome:
        raise ConnectionResetError("connection lost")

    post.provider.answers = lose
    once, again = post.new(may_repeat=False), post.new()
    await post.put(once, again)
    post.start()
    row = await post.becomes(once, DeliveryState.UNKNOWN)
    assert row.attempts[0]["outcome"] == "unknown"
    await until(post.provider.has_taken(2))
    assert (await post.becomes(again, DeliveryState.SCHEDULED)).attempt == 1


async def test_an_attempt_without_end_is_given_up(post: Post) -> None:
    post.points.stops.add("before hand-over")
    delivery = await post.one()
    post.start(setup={"timeout_s": 0.01})
    await until(post.points.is_reached("before hand-over"))

    async def was_given_up() -> bool:
        return bool((await post.row(delivery)).attempts)

    await until(was_given_up)
    row = await post.row(delivery)
    assert (row.state, row.attempts[0]["outcome"]) == (DeliveryState.SCHEDULED, "retry")


async def test_feedback_is_given_with_the_record(post: Post) -> None:
    post.provider.answers = lambda _: Gone("410")
    delivery = await post.one()
    post.start()
    await post.becomes(delivery, DeliveryState.DEAD)
    assert post.heard == [(delivery.id, Gone("410"))]


async def test_feedback_that_breaks_costs_no_record(post: Post) -> None:
    async def hear(session: AsyncSession, delivery: HeldDelivery, outcome: Outcome, *, now: datetime) -> None:
        if delivery.key == "bad":
            raise ZeroDivisionError
        await post.hear(session, delivery, outcome, now=now)

    deliveries = [post.new(key=key) for key in ("bad", "good", "fine")]
    await post.put(*deliveries)
    post.start(on_finished=hear)
    for delivery in deliveries:
        await post.becomes(delivery, DeliveryState.SENT)
    assert len(post.provider.taken) == 3
    assert {id for id, _ in post.heard} == {deliveries[1].id, deliveries[2].id}


async def test_a_flood_of_one_kind_keeps_no_other_waiting(post: Post) -> None:
    await post.put(*(post.new(priority=3) for _ in range(300)))
    letter = await post.one(kind="account", priority=0, user_id=GRACE)
    post.start(setup={"concurrency": 2})
    await post.becomes(letter, DeliveryState.SENT)
    assert post.provider.taken.index(letter.id) < 10


async def test_an_open_breaker_shifts_without_charging_and_then_one_probes(post: Post) -> None:
    post.provider.answers = lambda _: Retry(detail="unreachable", is_outage=True)
    deliveries = [post.new() for _ in range(6)]
    await post.put(*deliveries)
    post.start(setup={"concurrency": 1})

    async def all_were_tried_or_shifted() -> bool:
        rows = [await post.row(delivery) for delivery in deliveries]
        return all(row.state is DeliveryState.SCHEDULED and row.due_at > post.clock.now() for row in rows)

    await until(all_were_tried_or_shifted)
    assert len(post.provider.taken) == 2 == sum([(await post.row(delivery)).attempt for delivery in deliveries])
    await post.later(seconds=40)
    await until(post.provider.has_taken(3))
    await until(all_were_tried_or_shifted)
    assert len(post.provider.taken) == 3
    post.provider.answers = None
    await post.all_end(seconds=10)
    assert await post.states() == {DeliveryState.SENT: 6}


async def test_a_rate_is_kept_and_what_would_wait_too_long_goes_back_uncharged(post: Post) -> None:
    deliveries = [post.new() for _ in range(12)]
    await post.put(*deliveries)
    post.start(setup={"rate": Rate(1, burst=2)})

    async def the_rest_went_back() -> bool:
        rows = [await post.row(delivery) for delivery in deliveries]
        return sum(row.state is DeliveryState.SCHEDULED and row.due_at > post.clock.now() for row in rows) == 5

    await until(the_rest_went_back)
    await until(post.provider.has_taken(2))
    for taken in (3, 4, 5):
        post.clock.advance(seconds=1)
        await until(post.provider.has_taken(taken))
    for delivery in deliveries:
        assert (await post.row(delivery)).attempt == (delivery.id in post.provider.taken)

    async def all_sent() -> bool:
        post.clock.advance(seconds=1)
        return (await post.states())[DeliveryState.SENT] == 12

    await until(all_sent)


async def test_a_worker_whose_lease_ran_out_hands_nothing_over(post: Post) -> None:
    slow = Provider(Points({"before hand-over"}))
    delivery = await post.one()
    post.start(setup={"sender": slow}, limits=SLEEPY)  # or it would see for itself that its lease ran out
    await until(slow.points.is_reached("before hand-over"))
    post.clock.advance(seconds=61)
    post.start()
    await post.becomes(delivery, DeliveryState.SENT)
    slow.points.stops.clear()
    await until(lambda: not post.running[0][0]._held)
    assert slow.taken == []
    assert post.provider.taken == [delivery.id]


async def test_drained_it_finishes_what_it_sends_and_gives_back_the_rest_uncharged(post: Post) -> None:
    await post.put(*(post.new() for _ in range(10)))
    post.points.stops.add("before hand-over")
    worker = post.start(setup={"concurrency": 3})
    await until(post.points.is_reached("before hand-over", 3))

    async def is_holding_more() -> bool:
        return (await post.states())[DeliveryState.SENDING] > 3

    await until(is_holding_more)
    draining = asyncio.create_task(worker.drain())
    await until(lambda: worker._sending.is_draining)
    post.points.stops.clear()
    await draining
    assert await post.states() == {DeliveryState.SENT: 3, DeliveryState.SCHEDULED: 7}
    assert len(post.provider.taken) == 3
    post.start()
    await until(post.provider.has_taken(10))


async def test_what_does_not_end_in_time_is_given_back_as_far_as_it_may(post: Post) -> None:
    early = post.new()
    late, once = post.new(kind="account"), post.new(kind="account", may_repeat=False)
    post.points.stops.add("before hand-over")
    other = Provider(Points({"after hand-over"}))
    await post.put(early)
    worker = post.start(limits=replace(QUICK, drain_s=0.01))
    handing = post.start(limits=replace(QUICK, drain_s=0.01), setup={"sender": other, "kinds": frozenset({"account"})})
    await until(post.points.is_reached("before hand-over"))
    await worker.drain()
    row = await post.row(early)
    assert (row.state, row.attempt, row.lease_token) == (DeliveryState.SCHEDULED, 0, None)
    await post.put(late, once)
    await until(other.points.is_reached("after hand-over", 2))
    await handing.drain()
    row = await post.row(late)
    assert (row.state, row.attempt) == (DeliveryState.SCHEDULED, 1)
    assert await post.state(once) is DeliveryState.UNKNOWN
    assert post.heard == [(once.id, Unknown("its worker stopped after it had begun to hand it over"))]


@pytest.fixture
def lock(post: Post) -> Iterator[Lock]:
    with lock_of(post.database) as lock:
        yield lock


async def test_what_was_sent_is_recorded_however_long_the_database_refuses_writes(post: Post, lock: Lock) -> None:
    deliveries = [post.new() for _ in range(3)]
    await post.put(*deliveries)
    post.points.stops.add("after hand-over")
    post.start(limits=SLEEPY)
    await until(post.points.is_reached("after hand-over", 3))
    lock.is_held = True
    post.points.stops.clear()
    await until(lambda: lock.refused >= 5)
    lock.is_held = False
    for delivery in deliveries:
        await post.becomes(delivery, DeliveryState.SENT)
    assert len(post.provider.taken) == 3


async def test_a_worker_without_channels_waits_and_drains(post: Post) -> None:
    worker = Worker(post.database, post.clock, channels=[], prepare={}, limits=QUICK)
    task = asyncio.create_task(worker.run())
    await worker.drain()
    await task
