"""What operators and explanations read."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from tests.outbox.world import ADA, GRACE, Post, until
from tidings.channels.base import Refused, Sent
from tidings.kernel.crypto import new_key_text, parse_keys
from tidings.kernel.errors import InvalidCursor
from tidings.outbox.queries import (
    Backlog,
    DeliveryFilter,
    backlog,
    deliveries_of_event,
    deliveries_of_notification,
    event_progress,
    page_of_deliveries,
    queue_depth,
    sent_channels,
)
from tidings.outbox.schemas import DeliveryOut
from tidings.outbox.types import DeliveryState
from tidings.outbox.writing import cancel_one

KEYRING = parse_keys(new_key_text())
ALL = DeliveryFilter()


async def listed(post: Post, deliveries: DeliveryFilter = ALL, size: int = 3) -> list[DeliveryOut]:
    """The whole list, page by page, while others are inserted."""
    found: list[DeliveryOut] = []
    cursor = None
    while True:
        async with post.database.read() as session:
            page = await page_of_deliveries(session, deliveries, size=size, cursor=cursor, keyring=KEYRING)
        found += page.deliveries
        cursor = page.next_cursor
        if cursor is None:
            return found
        await post.one(user_id=uuid4())


async def test_pages_neither_repeat_nor_skip_while_others_are_written(post: Post) -> None:
    new = [post.new(user_id=user) for user in (ADA, GRACE, ADA, GRACE, ADA, GRACE, ADA)]
    await post.put(*new)
    async with post.database.write() as session:
        await cancel_one(session, new[2].id, now=post.clock.now())
    assert [each.id for each in await listed(post)] == [each.id for each in reversed(new)]
    assert [each.id for each in await listed(post, DeliveryFilter(user_id=ADA), 1)] == [n.id for n in new[::-2]]
    assert [each.id for each in await listed(post, DeliveryFilter(state=DeliveryState.CANCELLED))] == [new[2].id]


async def test_the_list_is_filtered_by_channel_and_state_of_one_user(post: Post) -> None:
    mail, push = await post.one(), await post.one(channel="push")
    for deliveries in (
        DeliveryFilter(channel="push"),
        DeliveryFilter(channel="push", user_id=ADA, state=DeliveryState.SCHEDULED),
    ):
        assert [each.id for each in await listed(post, deliveries)] == [push.id]
    assert await listed(post, DeliveryFilter(channel="email", user_id=ADA, state=DeliveryState.SENT)) == []
    assert [each.id for each in await listed(post, DeliveryFilter(channel="email"))] == [mail.id]


async def test_a_cursor_belongs_to_its_list(post: Post) -> None:
    await post.put(*(post.new() for _ in range(3)))
    async with post.database.read() as session:
        page = await page_of_deliveries(session, ALL, size=1, cursor=None, keyring=KEYRING)
        with pytest.raises(InvalidCursor):
            await page_of_deliveries(
                session, DeliveryFilter(channel="email"), size=1, cursor=page.next_cursor, keyring=KEYRING
            )


async def test_the_attempts_of_an_event_and_of_a_notification_explain_them(post: Post) -> None:
    event_id, notification_id = uuid4(), uuid4()
    post.provider.answers = lambda message: Refused("550") if message.key == "bad" else Sent()
    good = await post.one(key="good", event_id=event_id, notification_id=notification_id)
    bad = await post.one(key="bad", event_id=event_id, notification_id=notification_id)
    await post.put(post.new(user_id=GRACE, event_id=event_id), post.new(event_id=uuid4(), notification_id=uuid4()))
    post.start()
    await post.all_end(seconds=1)
    async with post.database.read() as session:
        explained: tuple[Sequence[DeliveryOut], ...] = (
            await deliveries_of_event(session, event_id, ADA),
            await deliveries_of_notification(session, ADA, notification_id),
        )
        channels = await sent_channels(session, ADA, [notification_id, uuid4()])
        progress = await event_progress(session, event_id)
    for found in explained:
        assert [(each.id, each.attempts[0]["outcome"]) for each in found] == [(good.id, "sent"), (bad.id, "refused")]
    assert channels == {notification_id: {"email"}}
    assert progress == {DeliveryState.SENT: 2, DeliveryState.DEAD: 1}


async def test_a_channel_that_was_not_sent_is_not_named(post: Post) -> None:
    notification_id: UUID = uuid4()
    await post.one(notification_id=notification_id)
    async with post.database.read() as session:
        assert await sent_channels(session, ADA, [notification_id]) == {}


async def test_the_depth_of_the_queue_names_the_oldest_due(post: Post) -> None:
    now = post.clock.now()
    await post.put(
        post.new(due_at=now - timedelta(minutes=9)),
        post.new(due_at=now - timedelta(minutes=3)),
        post.new(due_at=now + timedelta(hours=1)),
        post.new(kind="digest", due_at=now + timedelta(hours=1)),
    )
    async with post.database.read() as session:
        digest, news = await queue_depth(session, now=now)
    assert (digest.kind, digest.due, digest.later, digest.held, digest.oldest_due_at) == ("digest", 0, 1, 0, None)
    assert (news.due, news.later, news.oldest_due_at) == (2, 1, now - timedelta(minutes=9))


async def test_the_backlog_is_what_needs_a_worker_or_somebody(post: Post) -> None:
    now = post.clock.now()
    nothing = Backlog(due=0, oldest_due_at=None, held=0, lapsed=0, dead=0, unknown=0)
    async with post.database.read() as session:
        assert await backlog(session, now=now) == nothing
    post.provider.answers = lambda _: Refused("550 no")
    refused = await post.one()
    post.start()
    await post.becomes(refused, DeliveryState.DEAD)
    post.points.stops.add("after hand-over")
    held = await post.one()
    await until(post.points.is_reached("after hand-over", 2))
    await post.kill()
    await post.put(post.new(due_at=now - timedelta(hours=1)), post.new(), post.new(due_at=now + timedelta(hours=1)))
    expected = Backlog(due=2, oldest_due_at=now - timedelta(hours=1), held=1, lapsed=0, dead=1, unknown=0)
    async with post.database.read() as session:
        assert await backlog(session, now=now) == expected
    post.clock.advance(seconds=61)
    async with post.database.read() as session:
        later = await backlog(session, now=post.clock.now())
    assert (later.held, later.lapsed) == (0, 1)
    assert await post.state(held) is DeliveryState.HANDING_OVER
