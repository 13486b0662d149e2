"""Deliveries exist once, and operators can stop and repeat them."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest

from tests.outbox.world import ADA, GRACE, Post
from tidings.channels.base import Refused
from tidings.outbox.errors import DeliveryNotCancellable, DeliveryNotFound, DeliveryNotRetryable
from tidings.outbox.types import NOBODY, DeliveryState
from tidings.outbox.writing import cancel, cancel_one, enqueue, forget_user, of_event, retry, shift


async def test_a_key_exists_once_for_each_user(post: Post) -> None:
    async with post.database.write() as session:
        connection = await session.connection()
        twins = [post.new(key="letter"), post.new(key="letter"), post.new(key="letter", user_id=GRACE)]
        assert await connection.run_sync(enqueue, twins) == 2
    await post.put(post.new(key="letter"), post.new(key="other"))
    assert await post.states() == {DeliveryState.SCHEDULED: 3}


async def test_nobody_may_stand_behind_an_address(post: Post) -> None:
    delivery = await post.one(user_id=NOBODY, destination="stranger@example.org")
    assert (await post.row(delivery)).destination == "stranger@example.org"


async def test_nothing_is_written_when_the_transaction_is_undone(post: Post) -> None:
    async with post.database.sessions() as session:
        await (await session.connection()).run_sync(enqueue, [post.new()])
        await session.rollback()
    assert await post.states() == {}


async def test_an_event_is_withdrawn_where_it_waits(post: Post) -> None:
    event_id = uuid4()
    waiting = await post.one(event_id=event_id)
    other = await post.one()
    async with post.database.write() as session:
        connection = await session.connection()
        cancelled = await connection.run_sync(lambda c: cancel(c, of_event(event_id), now=post.clock.now()))
    assert cancelled == 1
    row = await post.row(waiting)
    assert (row.state, row.reason, row.finished_at) == (DeliveryState.CANCELLED, "cancelled", post.clock.now())
    assert await post.state(other) is DeliveryState.SCHEDULED


async def test_what_waits_can_be_moved_to_another_time(post: Post) -> None:
    event_id, later = uuid4(), post.clock.now() + timedelta(hours=9)
    delivery = await post.one(event_id=event_id)
    async with post.database.write() as session:
        connection = await session.connection()
        assert await connection.run_sync(lambda c: shift(c, of_event(event_id, ADA), due_at=later)) == 1
    assert (await post.row(delivery)).due_at == later


async def test_cancelling_twice_is_cancelling_once(post: Post) -> None:
    delivery = await post.one()
    for _ in range(2):
        async with post.database.write() as session:
            assert (await cancel_one(session, delivery.id, now=post.clock.now())).state is DeliveryState.CANCELLED


async def test_what_was_sent_can_be_neither_cancelled_nor_retried(post: Post) -> None:
    delivery = await post.one()
    post.start()
    await post.becomes(delivery, DeliveryState.SENT)
    async with post.database.write() as session:
        with pytest.raises(DeliveryNotCancellable):
            await cancel_one(session, delivery.id, now=post.clock.now())
    async with post.database.write() as session:
        with pytest.raises(DeliveryNotRetryable):
            await retry(session, delivery.id, now=post.clock.now())


async def test_an_unknown_delivery_is_not_found(post: Post) -> None:
    async with post.database.write() as session:
        with pytest.raises(DeliveryNotFound):
            await retry(session, uuid4(), now=post.clock.now())
        with pytest.raises(DeliveryNotFound):
            await cancel_one(session, uuid4(), now=post.clock.now())


async def test_a_dead_delivery_goes_again_and_keeps_its_record(post: Post) -> None:
    post.provider.answers = lambda _: Refused("550 no such user")
    delivery = await post.one()
    worker = post.start()
    dead = await post.becomes(delivery, DeliveryState.DEAD)
    assert dead.last_error == "550 no such user"
    post.provider.answers = None
    async with post.database.write() as session:
        again = await retry(session, delivery.id, now=post.clock.now())
        assert (again.state, again.attempt, again.finished_at) == (DeliveryState.SCHEDULED, 0, None)
    worker.due()
    row = await post.becomes(delivery, DeliveryState.SENT)
    assert [attempt["outcome"] for attempt in row.attempts] == ["refused", "sent"]
    assert row.last_error is None


async def test_of_operators_that_retry_at_once_one_succeeds(post: Post) -> None:
    delivery = await post.one()
    async with post.database.write() as session:
        await cancel_one(session, delivery.id, now=post.clock.now())

    async def ask() -> bool:
        try:
            async with post.database.write() as session:
                await retry(session, delivery.id, now=post.clock.now())
        except DeliveryNotRetryable:
            return False
        return True

    assert sum(await asyncio.gather(*(ask() for _ in range(16)))) == 1


async def test_a_forgotten_user_leaves_nothing_behind(post: Post) -> None:
    await post.put(post.new(), post.new(), post.new(user_id=GRACE))
    async with post.database.write() as session:
        await forget_user(session, ADA)
    assert await post.states() == {DeliveryState.SCHEDULED: 1}
