"""A worker that dies at a named point costs its deliveries exactly what is documented there."""

import asyncio
import random
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from tests.outbox.world import QUICK, Post, Provider, until
from tidings.channels.base import Outcome, Skip
from tidings.outbox.backoff import Backoff
from tidings.outbox.claiming import MAX_LAPSES
from tidings.outbox.gates import Rate
from tidings.outbox.held import HeldDelivery
from tidings.outbox.models import Delivery
from tidings.outbox.types import DeliveryState


@pytest.mark.parametrize(
    ("point", "may_repeat", "state", "attempts", "taken"),
    [
        ("claimed", True, DeliveryState.SENT, 1, 1),
        ("claimed", False, DeliveryState.SENT, 1, 1),
        ("before hand-over", True, DeliveryState.SENT, 2, 1),
        ("before hand-over", False, DeliveryState.SENT, 2, 1),
        ("after hand-over", True, DeliveryState.SENT, 2, 1),
        ("after hand-over", False, DeliveryState.UNKNOWN, 1, 0),
        ("before commit", True, DeliveryState.SENT, 2, 2),
        ("before commit", False, DeliveryState.UNKNOWN, 1, 1),
    ],
)
async def test_a_crash_at_this_point_ends_so(
    post: Post, point: str, may_repeat: bool, state: DeliveryState, attempts: int, taken: int
) -> None:
    delivery = await post.one(may_repeat=may_repeat)
    post.points.stops.add(point)
    doomed = post.start()
    await until(post.points.is_reached(point))
    await post.kill(doomed)
    post.points.stops.clear()
    post.clock.advance(seconds=59)
    heir = post.start()
    assert await post.state(delivery) in {DeliveryState.SENDING, DeliveryState.HANDING_OVER}
    post.clock.advance(seconds=2)
    heir.due()
    row = await post.becomes(delivery, state)
    assert (row.attempt, len(post.provider.taken)) == (attempts, taken)
    if point != "claimed":
        assert row.attempts[0]["outcome"] == "interrupted"
    assert [id for id, _ in post.heard] == [delivery.id]


async def test_a_message_that_kills_its_worker_uses_up_only_its_own_attempts(post: Post) -> None:
    class Poisoned(Provider):
        async def send(self, message: HeldDelivery, **rest: object) -> Outcome:
            if message.key == "poison":
                await self.points.at("poison")
            return await super().send(message, **rest)  # type: ignore[arg-type]  # handing_over, as it came

    post.provider = Poisoned(post.points)
    post.points.stops.add("poison")
    others = [post.new() for _ in range(40)]
    poison = post.new(key="poison", priority=3)
    await post.put(poison, *others)
    for crash in (1, 2, 3):
        worker = post.start(setup={"concurrency": 5})
        await until(post.points.is_reached("poison", crash))
        await post.kill(worker)
        post.clock.advance(seconds=61)
    post.start()
    row = await post.becomes(poison, DeliveryState.DEAD)
    assert (row.attempt, row.last_error) == (3, "its worker stopped during the last attempt")

    async def the_others_are_sent() -> bool:
        return await post.states() == {DeliveryState.SENT: 40, DeliveryState.DEAD: 1}

    await until(the_others_are_sent)
    for other in others:
        assert (await post.row(other)).attempt <= 2


async def test_a_delivery_whose_preparation_kills_its_worker_uses_up_only_its_own_attempts(post: Post) -> None:
    async def prepare(session: AsyncSession, delivery: HeldDelivery, now: datetime) -> HeldDelivery | Skip:
        if delivery.key == "poison":
            await post.points.at("poison")
        return await post.prepare(session, delivery, now)

    post.points.stops.add("poison")
    poison = post.new(key="poison", priority=3)
    others = [post.new() for _ in range(40)]
    await post.put(poison, *others)

    async def nothing_else_is_under_way() -> bool:
        rows = [await post.row(other) for other in others]
        return all(row.state is DeliveryState.SENT or row.lapses == MAX_LAPSES for row in rows)

    for crash in range(1, MAX_LAPSES + 1 + 3 + 1):
        worker = post.start(setup={"concurrency": 5}, prepare=prepare)
        await until(post.points.is_reached("poison", crash))
        if crash > MAX_LAPSES + 1:  # it was taken over alone, and does not keep the others
            await until(nothing_else_is_under_way)
        await post.kill(worker)
        post.clock.advance(seconds=61)
    post.start(prepare=prepare)
    row = await post.becomes(poison, DeliveryState.DEAD)
    assert (row.attempt, row.last_error) == (3, "its worker stopped during the last attempt")

    async def the_others_are_sent() -> bool:
        return await post.states() == {DeliveryState.SENT: 40, DeliveryState.DEAD: 1}

    await until(the_others_are_sent)
    for other in others:
        assert ((await post.row(other)).attempt, post.provider.taken.count(other.id)) == (1, 1)


async def test_what_is_taken_over_after_many_deaths_is_charged_once_and_not_for_waiting(post: Post) -> None:
    async def prepare(_session: AsyncSession, delivery: HeldDelivery, _now: datetime) -> HeldDelivery:
        await post.points.at(delivery.key)
        return delivery

    delivery = await post.one(key="heavy")
    post.points.stops.add("heavy")
    for crash in range(1, MAX_LAPSES + 2):
        worker = post.start(prepare=prepare)
        await until(post.points.is_reached("heavy", crash))
        assert (await post.row(delivery)).attempt == 0
        await post.kill(worker)
        post.clock.advance(seconds=61)
    heir = post.start(setup={"rate": Rate(1 / 3600)}, prepare=prepare)
    await until(post.points.is_reached("heavy", MAX_LAPSES + 2))
    assert (await post.row(delivery)).attempt == 1
    await post.becomes(await post.one(), DeliveryState.SENT)  # it takes the only turn of this hour
    post.points.stops.clear()
    row = await post.becomes(delivery, DeliveryState.SCHEDULED)
    assert (row.attempt, row.attempts) == (0, [])
    await post.kill(heir)
    post.start()
    await post.later(hours=2)
    row = await post.becomes(delivery, DeliveryState.SENT)
    assert (row.attempt, [attempt["outcome"] for attempt in row.attempts]) == (1, ["sent"])


async def test_many_deliveries_survive_many_crashes(post: Post) -> None:
    """Four workers, 2,500 deliveries, a crash at every 250th: none is lost, and repeats are only the declared ones."""
    chance = random.Random(7)

    class Busy(Provider):
        async def send(self, message: HeldDelivery, **rest: object) -> Outcome:
            await asyncio.sleep(0)
            outcome = await super().send(message, **rest)  # type: ignore[arg-type]  # handing_over, as it came
            await asyncio.sleep(0)
            return outcome

    post.provider = Busy(post.points)
    setup = {"concurrency": 40, "backoff": Backoff(max_attempts=1_000)}
    for first in range(0, 2_500, 500):
        await post.put(*(post.new(may_repeat=bool(number % 2)) for number in range(first, first + 500)))
    for _ in range(4):
        post.start(setup=setup)
    for sent in range(250, 2_500, 250):
        await until(post.provider.has_taken(sent))
        await post.kill(chance.choice(post.running)[0])
        if chance.random() < 0.5:
            post.clock.advance(seconds=61)  # the living are late too
        post.start(setup=setup)
    post.clock.advance(seconds=61)

    async def nothing_is_left() -> bool:
        return not (await post.states()).keys() & {
            DeliveryState.SCHEDULED,
            DeliveryState.SENDING,
            DeliveryState.HANDING_OVER,
        }

    await until(nothing_is_left)
    taken = Counter(post.provider.taken)
    async with post.database.read() as session:
        rows = (await session.scalars(select(Delivery))).all()
    assert len(rows) == 2_500
    for row in rows:
        if row.may_repeat:
            assert row.state is DeliveryState.SENT
            assert 1 <= taken[row.id] <= row.attempt
        else:
            assert row.state in {DeliveryState.SENT, DeliveryState.UNKNOWN}
            assert taken[row.id] == 1 or (taken[row.id] == 0 and row.state is DeliveryState.UNKNOWN)
        outcomes = [attempt["outcome"] for attempt in row.attempts]
        assert outcomes == ["interrupted"] * (len(outcomes) - 1) + [row.state.value]


async def test_a_renewed_lease_is_as_long_as_its_worker_was_told(post: Post) -> None:
    delivery = await post.one()
    post.points.stops.add("before hand-over")
    post.start(limits=replace(QUICK, lease_s=9, renew_s=0.01))
    await until(post.points.is_reached("before hand-over"))
    post.clock.advance(seconds=5)
    now = post.clock.now()

    async def is_renewed() -> bool:
        lease_until = (await post.row(delivery)).lease_until
        return lease_until is not None and lease_until > now + timedelta(seconds=4)

    await until(is_renewed)
    assert (await post.row(delivery)).lease_until == now + timedelta(seconds=9)
