"""The journal's answers: each says of one claim whether it still holds, whatever is written in the same commit."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import suppress
from datetime import datetime, timedelta

import pytest

from tests.outbox.world import Post
from tidings.channels.base import Outcome, Sent
from tidings.outbox.backoff import Backoff
from tidings.outbox.claiming import Lane, claim, put_back_lapsed
from tidings.outbox.concluding import Conclusion, conclude
from tidings.outbox.held import HeldDelivery
from tidings.outbox.journal import Journal
from tidings.outbox.types import DeliveryId

MAIL = {Lane("notification", "email"): 10}


class Diary:
    """A journal that runs, and what it told of what has ended."""

    def __init__(self, post: Post) -> None:
        self.told: list[DeliveryId] = []
        self.journal = Journal(post.database, post.clock, self.hear)

    async def hear(self, _session: object, delivery: HeldDelivery, _outcome: Outcome, *, now: datetime) -> None:
        self.told.append(delivery.identity)

    async def finish(self, delivery: HeldDelivery) -> bool:
        return await self.journal.finish(delivery, lambda now: _sent(delivery, now))


@pytest.fixture
async def diary(post: Post) -> AsyncIterator[Diary]:
    diary = Diary(post)
    running = asyncio.create_task(diary.journal.run())
    yield diary
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running


async def two_claims(post: Post) -> tuple[HeldDelivery, HeldDelivery]:
    """One delivery as a worker that was late holds it: under a claim that has lapsed, and under its next one."""
    await post.one()
    async with post.database.write() as session:
        (lapsed,) = await claim(session, MAIL, now=post.clock.now())
    post.clock.advance(seconds=61)
    async with post.database.write() as session:
        assert await put_back_lapsed(session, now=post.clock.now()) == 1
        (held,) = await claim(session, MAIL, now=post.clock.now())
    return lapsed, held


@pytest.mark.parametrize("is_older_first", [True, False])
@pytest.mark.parametrize(
    "step",
    [
        lambda diary, delivery: diary.journal.renew(delivery),
        lambda diary, delivery: diary.journal.begin(delivery),
        lambda diary, delivery: diary.journal.hand_over(delivery),
        lambda diary, delivery: diary.finish(delivery),
    ],
    ids=["renew", "begin", "hand over", "finish"],
)
async def test_a_lapsed_claim_is_not_answered_by_the_next_one_of_the_same_delivery(
    post: Post, diary: Diary, step: Callable[[Diary, HeldDelivery], Coroutine[None, None, bool]], is_older_first: bool
) -> None:
    lapsed, held = await two_claims(post)
    order = [lapsed, held] if is_older_first else [held, lapsed]
    answers = await asyncio.gather(*(step(diary, delivery) for delivery in order))
    assert dict(zip((each is held for each in order), answers, strict=True)) == {True: True, False: False}
    assert len(diary.told) <= 1


async def test_many_entries_share_a_commit(post: Post, diary: Diary) -> None:
    await post.put(*(post.new() for _ in range(30)))
    async with post.database.write() as session:
        held = await claim(session, {Lane("notification", "email"): 30}, now=post.clock.now())
    begun = await asyncio.gather(*(diary.journal.begin(delivery) for delivery in held))
    assert begun == [True] * 30
    now = post.clock.now() + timedelta(seconds=1)
    ended = await asyncio.gather(*(diary.finish(delivery.begun(now)) for delivery in held))
    assert (ended, sorted(diary.told)) == ([True] * 30, sorted(delivery.identity for delivery in held))


def _sent(delivery: HeldDelivery, now: datetime) -> Conclusion:
    return conclude(delivery, Sent("ref"), now=now, backoff=Backoff(), draw=lambda: 0.5)
