"""The claim engine's contract: each due row to one worker, under a lease that a late worker cannot outlive."""

import asyncio
from datetime import timedelta
from uuid import uuid4

from tests.outbox.world import ADA, GRACE, Post
from tidings.channels.base import Sent
from tidings.kernel.db import Database
from tidings.outbox.backoff import Backoff
from tidings.outbox.claiming import MAX_LAPSES, Lane, claim, claim_lapsed, outlook, put_back_lapsed
from tidings.outbox.concluding import Conclusion, conclude
from tidings.outbox.held import HeldDelivery
from tidings.outbox.recording import begin_attempts, finish, hand_over, renew
from tidings.outbox.types import DeliveryState
from tidings.outbox.writing import cancel, of_keys

MAIL = Lane("notification", "email")
ACCOUNT = Lane("account", "email")


async def claimed(post: Post, rooms: dict[Lane, int] | None = None) -> list[HeldDelivery]:
    async with post.database.write() as session:
        return await claim(session, rooms or {MAIL: 10}, now=post.clock.now())


async def lapsed(post: Post) -> HeldDelivery | None:
    async with post.database.write() as session:
        return await claim_lapsed(session, [MAIL], now=post.clock.now())


async def begun(post: Post, held: list[HeldDelivery]) -> list[HeldDelivery]:
    now = post.clock.now()
    async with post.database.write() as session:
        mine = await begin_attempts(session, held, now=now)
    return [delivery.begun(now) for delivery in held if delivery.identity in mine]


def sent(post: Post, delivery: HeldDelivery) -> Conclusion:
    return conclude(delivery, Sent("ref"), now=post.clock.now(), backoff=Backoff(), draw=lambda: 0.5)


async def finished(post: Post, delivery: HeldDelivery) -> bool:
    async with post.database.write() as session:
        return bool(await finish(session, [sent(post, delivery)], now=post.clock.now()))


async def test_the_most_urgent_goes_first_and_the_longest_due_among_equals(post: Post) -> None:
    now = post.clock.now()
    await post.put(
        post.new(key="late", priority=1, due_at=now - timedelta(minutes=1)),
        post.new(key="early", priority=1, due_at=now - timedelta(minutes=2)),
        post.new(key="low", priority=0, due_at=now - timedelta(days=1)),
        post.new(key="urgent", priority=3),
        post.new(key="tomorrow", priority=3, due_at=now + timedelta(days=1)),
    )
    assert [delivery.key for delivery in await claimed(post, {MAIL: 3})] == ["urgent", "early", "late"]
    assert [delivery.key for delivery in await claimed(post)] == ["low"]


async def test_every_lane_has_its_own_room(post: Post) -> None:
    await post.put(*(post.new(priority=3) for _ in range(50)))
    await post.put(*(post.new(kind="account", priority=0) for _ in range(3)))
    kinds = [delivery.kind for delivery in await claimed(post, {MAIL: 5, ACCOUNT: 5})]
    assert (kinds.count("notification"), kinds.count("account")) == (5, 3)


async def test_what_this_release_does_not_know_stays_where_it_is(post: Post) -> None:
    newer = await post.one(kind="poll")
    other = await post.one(channel="carrier_pigeon")
    assert await claimed(post, {MAIL: 10, ACCOUNT: 10}) == []
    assert await post.state(newer) is await post.state(other) is DeliveryState.SCHEDULED


async def test_workers_that_claim_at_once_never_share_a_row(post: Post) -> None:
    await post.put(*(post.new() for _ in range(100)))
    rounds = await asyncio.gather(*(claimed(post, {MAIL: 10}) for _ in range(16)))
    ids = [delivery.id for each in rounds for delivery in each]
    assert len(ids) == len(set(ids))
    ids += [delivery.id for delivery in await claimed(post, {MAIL: 100})]
    assert len(set(ids)) == 100


async def test_a_claim_returns_the_whole_delivery(post: Post) -> None:
    new = await post.one(
        key="k",
        user_id=GRACE,
        event_id=uuid4(),
        notification_id=uuid4(),
        address_id=uuid4(),
        destination="grace@example.org",
        language="pt",
        payload={"name": "Grace", "letters": ["å", None, 1.5, {"deep": True}]},
        priority=2,
        expires_at=post.clock.now() + timedelta(hours=1),
        may_repeat=False,
    )
    (held,) = await claimed(post)
    for name in type(new).__slots__:
        assert getattr(held, name) == getattr(new, name), name
    assert (held.state, held.attempt, held.attempts) == (DeliveryState.SENDING, 0, [])


async def test_a_lease_that_is_renewed_never_runs_out(post: Post) -> None:
    await post.one()
    held = await begun(post, await claimed(post))
    post.clock.advance(seconds=40)
    async with post.database.write() as session:
        assert await renew(session, held, now=post.clock.now()) == {held[0].identity}
    post.clock.advance(seconds=40)
    assert await lapsed(post) is None


async def test_what_was_held_but_not_begun_goes_back_uncharged(post: Post) -> None:
    delivery = await post.one()
    await claimed(post)
    post.clock.advance(seconds=61)
    assert await lapsed(post) is None
    async with post.database.write() as session:
        assert await put_back_lapsed(session, now=post.clock.now()) == 1
    row = await post.row(delivery)
    assert (row.state, row.attempt, row.lease_token) == (DeliveryState.SCHEDULED, 0, None)


async def test_begun_attempts_whose_worker_went_away_are_taken_over_one_at_a_time(post: Post) -> None:
    await post.put(*(post.new() for _ in range(3)))
    await begun(post, await claimed(post))
    assert await lapsed(post) is None
    post.clock.advance(seconds=61)
    taken = [await lapsed(post) for _ in range(4)]
    assert len({delivery.id for delivery in taken if delivery}) == 3
    assert taken[3] is None
    assert {delivery.attempt for delivery in taken if delivery} == {1}


async def test_a_late_worker_changes_nothing(post: Post) -> None:
    delivery = await post.one()
    (late,) = await begun(post, await claimed(post))
    post.clock.advance(seconds=61)
    taken = await lapsed(post)
    assert taken is not None
    assert not await finished(post, late)
    async with post.database.write() as session:
        assert await hand_over(session, [late]) == set()
        assert await renew(session, [late], now=post.clock.now()) == set()
    assert await post.state(delivery) is DeliveryState.SENDING
    (again,) = await begun(post, [taken])
    assert await finished(post, again)
    row = await post.row(delivery)
    assert (row.state, row.attempt, row.lease_token, row.started_at) == (DeliveryState.SENT, 2, None, None)


async def test_an_attempt_is_charged_once_however_often_it_is_said(post: Post) -> None:
    delivery = await post.one()
    held = await claimed(post)
    await begun(post, held)
    await begun(post, held)
    assert (await post.row(delivery)).attempt == 1


async def test_what_is_cancelled_while_it_is_held_cannot_begin(post: Post) -> None:
    delivery = await post.one(key="k")
    held = await claimed(post)
    async with post.database.write() as session:
        connection = await session.connection()
        assert await connection.run_sync(lambda c: cancel(c, of_keys(ADA, ["k"]), now=post.clock.now())) == 1
    assert await begun(post, held) == []
    assert await post.state(delivery) is DeliveryState.CANCELLED


async def test_the_outlook_names_the_next_due_time_of_lanes_with_room(post: Post, database: Database) -> None:
    now = post.clock.now()
    await post.put(
        post.new(priority=0, due_at=now + timedelta(minutes=5)),
        post.new(priority=3, due_at=now + timedelta(hours=5)),
        post.new(kind="account", due_at=now - timedelta(hours=1)),
        post.new(kind="poll", due_at=now - timedelta(hours=1)),
    )
    async with database.read() as session:
        ahead = await outlook(session, {MAIL: 1, ACCOUNT: 0}, now=now)
        assert (ahead.due_at, ahead.lapse_at) == (now + timedelta(minutes=5), None)
    await claimed(post, {ACCOUNT: 1})
    async with database.read() as session:
        ahead = await outlook(session, {MAIL: 0}, now=now)
        assert (ahead.due_at, ahead.lapse_at) == (None, now + timedelta(seconds=60))


async def test_what_was_held_by_too_many_is_left_to_workers_that_know_it(post: Post) -> None:
    newer = await post.one(kind="account")
    for _ in range(MAX_LAPSES + 1):
        assert len(await claimed(post, {ACCOUNT: 1})) == 1
        post.clock.advance(seconds=61)
        async with post.database.write() as session:
            await put_back_lapsed(session, now=post.clock.now())
    assert await lapsed(post) is None
    async with post.database.write() as session:
        now = post.clock.now()
        assert (await outlook(session, {MAIL: 1}, now=now)).lapse_at is None
        assert (await outlook(session, {ACCOUNT: 1}, now=now)).lapse_at is not None
        taken = await claim_lapsed(session, [ACCOUNT], now=now)
    assert taken is not None
    assert taken.id == newer.id
