"""The journal's answers: each says of one claim whether it still holds, whatever is written in the same commit, and
comes once that is written, whatever stands in the way."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncSession

from tests.only import on_postgresql
from tests.outbox.trouble import Trouble, trouble_of
from tests.outbox.world import PATIENCE_S, Post, until
from tidings.channels.base import Outcome, Retry, Sent
from tidings.outbox import journal as writing
from tidings.outbox.backoff import Backoff
from tidings.outbox.claiming import Lane, claim, put_back_lapsed
from tidings.outbox.concluding import Conclusion, conclude
from tidings.outbox.held import HeldDelivery
from tidings.outbox.journal import Journal
from tidings.outbox.locks import PATIENCE_MS
from tidings.outbox.models import Delivery, RecurringRun
from tidings.outbox.types import DeliveryId, DeliveryState

MAIL = {Lane("notification", "email"): 10}


class Diary:
    """A journal that runs, and what it told of what has ended."""

    def __init__(self, post: Post) -> None:
        self.told: list[DeliveryId] = []
        self.on_hearing: Callable[[AsyncSession, HeldDelivery], Awaitable[None]] | None = None
        self.journal = Journal(post.database, post.clock, self.hear)

    async def hear(self, session: AsyncSession, delivery: HeldDelivery, _outcome: Outcome, *, now: datetime) -> None:
        if self.on_hearing is not None:
            await self.on_hearing(session, delivery)
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
    held = await begun(post, diary, 30)
    ended = await asyncio.gather(*map(diary.finish, held))
    assert (ended, sorted(diary.told)) == ([True] * 30, sorted(delivery.identity for delivery in held))


async def begun(post: Post, diary: Diary, count: int) -> list[HeldDelivery]:
    """So many deliveries whose attempts have begun."""
    await post.put(*(post.new() for _ in range(count)))
    async with post.database.write() as session:
        held = await claim(session, {Lane("notification", "email"): count}, now=post.clock.now())
    assert await asyncio.gather(*map(diary.journal.begin, held)) == [True] * count
    return [delivery.begun(post.clock.now()) for delivery in held]


@pytest.fixture
def trouble(post: Post) -> Iterator[Trouble]:
    with trouble_of(post.database) as trouble:
        yield trouble


class DiskFull(Exception):
    """As PostgreSQL says it."""

    sqlstate = "53100"


@pytest.mark.parametrize(
    "error",
    [
        OperationalError("UPDATE", {}, Exception("database or disk is full")),
        DBAPIError("UPDATE", {}, DiskFull()),
        InterfaceError("UPDATE", {}, Exception("connection is closed")),
        PoolTimeout("QueuePool limit reached"),
        TimeoutError(),
        ConnectionRefusedError(),
    ],
    ids=["full disk", "full disk, by its number", "closed", "pool busy", "writer busy", "refused"],
)
async def test_an_end_waits_as_long_as_the_database_does_not_take_it(
    post: Post, diary: Diary, trouble: Trouble, error: Exception
) -> None:
    held = await begun(post, diary, 9)
    trouble.raises(error, "UPDATE")
    ending = [asyncio.create_task(diary.finish(delivery)) for delivery in held]
    await until(trouble.has_refused(5))
    trouble.ends()
    assert await asyncio.gather(*ending) == [True] * 9
    assert await post.states() == {DeliveryState.SENT: 9}
    assert trouble.passed <= 3  # they waited together: a last look whether it takes them, and one statement for all


async def test_ends_that_are_refused_again_and_again_wait_and_keep_nothing_else_waiting(
    post: Post, diary: Diary, trouble: Trouble
) -> None:
    held = await begun(post, diary, 3)
    trouble.raises(OperationalError("UPDATE", {}, Exception("flapping")), "finished_at")
    ending = [asyncio.create_task(diary.finish(delivery)) for delivery in held]
    await until(trouble.has_refused(6))
    assert await asyncio.gather(*map(diary.journal.hand_over, held)) == [True] * 3
    await until(trouble.has_refused(20))
    trouble.ends()
    assert await asyncio.gather(*ending) == [True] * 3
    assert len(diary.told) == 3


@pytest.mark.parametrize(
    ("outcome", "attempt", "is_storable"),
    [(Retry(detail="\ud800"), 1, False), (Sent("\ud800"), 1, True), (Sent(), 40_000, True)],
    ids=["no text", "no text in a column", "no number for this column"],
)
async def test_an_end_that_can_never_be_written_is_given_up_and_costs_no_other(
    post: Post, diary: Diary, outcome: Outcome, attempt: int, is_storable: bool
) -> None:
    bad, good, fine = await begun(post, diary, 3)
    ended = conclude(bad, outcome, now=post.clock.now(), backoff=Backoff(), draw=lambda: 0.5)
    unwritable = replace(ended, attempt=attempt)
    ends = (diary.journal.finish(bad, lambda _: unwritable), diary.finish(good), diary.finish(fine))
    async with asyncio.timeout(PATIENCE_S):
        answers = await asyncio.gather(*ends)
    assert [*answers[1:]] == [True, True]
    assert answers[0] is (post.database.is_sqlite and is_storable)  # SQLite is not particular


async def test_feedback_that_breaks_is_left_out_at_once(
    post: Post, diary: Diary, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "_FEEDBACK_TRIES", 10**9)

    async def fail(_session: AsyncSession, _delivery: HeldDelivery) -> None:
        raise ConnectionError("a webhook that nobody answers")

    diary.on_hearing = fail
    async with asyncio.timeout(PATIENCE_S):
        assert await diary.finish(*await begun(post, diary, 1))
    assert diary.told == []


async def test_feedback_that_always_fails_in_the_database_costs_no_record(
    post: Post, diary: Diary, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "_FEEDBACK_TRIES", 2)
    bad, good = await begun(post, diary, 2)

    async def fail(_session: AsyncSession, delivery: HeldDelivery) -> None:
        if delivery is bad:
            raise OperationalError("UPDATE", {}, Exception("no such table"))

    diary.on_hearing = fail
    async with asyncio.timeout(PATIENCE_S):
        assert all(await asyncio.gather(diary.finish(bad), diary.finish(good)))
    assert diary.told == [good.identity]


@on_postgresql
async def test_nothing_waits_for_a_row_that_somebody_holds_but_what_needs_it(post: Post, diary: Diary) -> None:
    wanted, *others = await begun(post, diary, 4)
    async with post.database.write() as somebody:
        await somebody.execute(select(Delivery.id).where(Delivery.id == wanted.id).with_for_update())
        ending = [asyncio.create_task(diary.finish(delivery)) for delivery in (wanted, *others)]
        async with asyncio.timeout(PATIENCE_S):
            assert await asyncio.gather(*ending[1:]) == [True] * 3
            assert await diary.journal.renew(wanted)
        assert not ending[0].done()
    assert await ending[0]
    assert len(diary.told) == 4


@on_postgresql
async def test_many_rows_that_somebody_holds_cost_one_wait(post: Post, diary: Diary) -> None:
    free, *wanted = await begun(post, diary, 40)
    async with post.database.write() as somebody:
        is_wanted = Delivery.id.in_([delivery.id for delivery in wanted])
        await somebody.execute(select(Delivery.id).where(is_wanted).with_for_update())
        async with asyncio.timeout(len(wanted) * PATIENCE_MS / 1_000 / 2):
            renewed = await asyncio.gather(*map(diary.journal.renew, wanted), diary.finish(free))
        assert renewed == [True] * 40


@on_postgresql
async def test_a_lease_that_somebody_kept_from_being_renewed_is_renewed_when_they_let_go(
    post: Post, diary: Diary
) -> None:
    (held,) = await begun(post, diary, 1)
    post.clock.advance(seconds=30)
    async with post.database.write() as somebody:
        await somebody.execute(select(Delivery.id).where(Delivery.id == held.id).with_for_update())
        async with asyncio.timeout(PATIENCE_S):
            assert await diary.journal.renew(held)

    async def is_renewed() -> bool:
        async with post.database.read() as session:
            until = await session.scalar(select(Delivery.lease_until).where(Delivery.id == held.id))
        return until == post.clock.now() + timedelta(seconds=60)

    await until(is_renewed)


@on_postgresql
async def test_nothing_waits_for_feedback_that_waits_for_somebody(post: Post, diary: Diary) -> None:
    bounced, *others = await begun(post, diary, 4)
    touch: Any = update(RecurringRun).where(RecurringRun.task == "theirs").values(detail=uuid4().hex)
    async with post.database.write() as session:
        row = {"task": "theirs", "fire_at": post.clock.now(), "outcome": "done", "attempt": 1}
        await session.execute(insert(RecurringRun), [row])

    async def learn(session: AsyncSession, delivery: HeldDelivery) -> None:
        if delivery is bounced:
            await session.execute(touch)

    diary.on_hearing = learn
    async with post.database.write() as somebody:
        await somebody.execute(touch)
        ending = [asyncio.create_task(diary.finish(delivery)) for delivery in (bounced, *others)]
        async with asyncio.timeout(PATIENCE_S):
            assert await asyncio.gather(*ending[1:]) == [True] * 3
        assert not ending[0].done()
    assert await ending[0]
    assert sorted(diary.told) == sorted(delivery.identity for delivery in (bounced, *others))


def _sent(delivery: HeldDelivery, now: datetime) -> Conclusion:
    return conclude(delivery, Sent("ref"), now=now, backoff=Backoff(), draw=lambda: 0.5)
