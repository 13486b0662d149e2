"""Mail about an order: its delivery is a row of the shop's transaction, sent by the worker in its lifespan."""

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import select

from examples.shop.news import order_shipped
from examples.shop.orders import ship
from tests.examples.shop import Shop
from tests.waiting import until
from tidings import notify
from tidings.outbox.models import Delivery

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


async def deliveries(shop: Shop) -> Sequence[Delivery]:
    async with shop.tidings.database.read() as session:
        return (await session.scalars(select(Delivery))).all()


async def test_the_customer_is_sent_one_mail_about_the_order(shop: Shop) -> None:
    mailbox = shop.tidings.mail.folder
    assert mailbox is not None, "there is no mail server, so mail is kept"

    async def has_come() -> bool:
        return mailbox.newest() != []

    await shop.web.post("/orders/17/ship")
    await until(has_come)
    (kept,) = mailbox.newest()
    mail = mailbox.read(kept.delivery_id)
    assert mail is not None
    assert ("ada@example.org" in kept.to, kept.subject) == (True, "Order 17 shipped")
    assert "It will be with you in two days." in mail.text
    assert [delivery.id for delivery in await deliveries(shop)] == [kept.delivery_id]


async def test_what_is_rolled_back_is_not_mailed(shop: Shop) -> None:
    async with shop.sessions() as session:
        await ship(session, 17, now=NOW)
        await session.rollback()
    assert (await shop.web.post("/orders/19/ship")).status_code == 409
    assert await deliveries(shop) == []


async def test_of_a_savepoint_that_is_rolled_back_nothing_is_mailed(shop: Shop) -> None:
    async with shop.sessions.begin() as session:
        savepoint = await session.begin_nested()
        await notify(session, order_shipped, to="customer-1", data={"number": 17})
        await savepoint.rollback()
        kept = await notify(session, order_shipped, to="customer-1", data={"number": 18})
    assert [delivery.event_id for delivery in await deliveries(shop)] == [kept.id]
