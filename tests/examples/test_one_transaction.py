"""The shop's rows and the news about them: together or not at all, whatever ends the transaction."""

import dataclasses
from datetime import UTC, datetime

import pytest
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from examples.shop.models import Order, OrderItem
from examples.shop.news import order_shipped
from examples.shop.orders import find_order, pack, ship
from tests.examples.shop import Shop, customer_named
from tidings import notify
from tidings.kernel.bindings import bind, bound
from tidings.notifications.rules import Rules
from tidings.realtime.doorbell import Chime

WELCOME = "Welcome, Ada"
NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


@pytest.fixture
def rung(shop: Shop) -> list[Chime]:
    """What the doorbell is rung for from now on."""
    rung: list[Chime] = []
    engine = shop.tidings.database.engine
    bind(engine, dataclasses.replace(bound(shop.sessions(), Rules), ring=rung.extend))
    return rung


async def test_a_commit_keeps_both(shop: Shop, rung: list[Chime]) -> None:
    async with shop.sessions.begin() as session:
        await ship(session, 20, now=NOW)
        assert rung == []
    assert await shop.shipped() == [20]
    assert await shop.titles("Emmy") == ["A brass bell is packed", "Order 20 shipped", "Welcome, Emmy"]
    assert rung != []


async def test_an_error_after_the_news_takes_both_back(shop: Shop, rung: list[Chime]) -> None:
    async def ship_and_fail() -> None:
        async with shop.sessions.begin() as session:
            await ship(session, 17, now=NOW)
            raise RuntimeError

    before = await shop.told()
    with pytest.raises(RuntimeError):
        await ship_and_fail()
    assert (await shop.shipped(), await shop.told(), rung) == ([], before, [])


async def test_what_the_database_refuses_at_the_commit_is_not_told(shop: Shop, rung: list[Chime]) -> None:
    before = await shop.told()
    async with shop.sessions() as session:
        await ship(session, 17, now=NOW)
        session.add(OrderItem(order_number=404, sku="bell"))
        await session.flush()  # its order is missed at the commit only: the key is deferred
        with pytest.raises(IntegrityError):
            await session.commit()
    assert (await shop.shipped(), await shop.told(), rung) == ([], before, [])


async def test_after_a_refused_commit_the_same_can_be_done_again(shop: Shop) -> None:
    async with shop.sessions() as session:
        await ship(session, 20, now=NOW)
        session.add(OrderItem(order_number=404, sku="bell"))
        with pytest.raises(IntegrityError):
            await session.commit()
        await session.rollback()
        await ship(session, 20, now=NOW)
        await session.commit()
    assert await shop.shipped() == [20]
    assert await shop.titles("Emmy") == ["A brass bell is packed", "Order 20 shipped", "Welcome, Emmy"]


async def test_a_savepoint_that_is_rolled_back_takes_its_own_news_only(shop: Shop) -> None:
    async with shop.sessions.begin() as session:
        order = await find_order(session, 17)
        bell, saddle = order.items
        await pack(session, order, bell)
        savepoint = await session.begin_nested()
        await pack(session, order, saddle)
        await savepoint.rollback()
    assert await shop.titles() == ["A brass bell is packed", WELCOME]


async def test_savepoints_within_savepoints_are_kept_when_all_are_released(shop: Shop, rung: list[Chime]) -> None:
    async with shop.sessions.begin() as session:
        order = await find_order(session, 17)
        bell, saddle = order.items
        async with session.begin_nested():
            await pack(session, order, bell)
            async with session.begin_nested():
                await pack(session, order, saddle)
        assert rung == []
    assert await shop.titles() == ["A leather saddle is packed", "A brass bell is packed", WELCOME]


async def test_a_released_savepoint_is_lost_with_the_one_around_it(shop: Shop, rung: list[Chime]) -> None:
    async with shop.sessions.begin() as session:
        order = await find_order(session, 17)
        outer = await session.begin_nested()
        async with session.begin_nested():
            await pack(session, order, order.items[0])
        await outer.rollback()
    assert (await shop.titles(), rung) == ([WELCOME], [])


async def test_news_with_the_same_key_is_told_once(shop: Shop) -> None:
    async with shop.sessions.begin() as session:
        ada = (await customer_named(session, "Ada")).external_id
        first, again = [
            await notify(session, order_shipped, to=ada, data={"number": 17}, dedupe_key="shipped-17") for _ in "12"
        ]
        assert (first.deduplicated, again.deduplicated, again.id) == (False, True, first.id)
    assert await shop.titles() == ["Order 17 shipped", WELCOME]


async def test_rolled_back_news_can_be_told_with_the_same_key_later(shop: Shop) -> None:
    async with shop.sessions() as session:
        await ship(session, 17, now=NOW)
        await session.rollback()
        await ship(session, 17, now=NOW)
        await session.commit()
    assert await shop.titles() == ["A leather saddle is packed", "A brass bell is packed", "Order 17 shipped", WELCOME]


async def test_a_synchronous_part_of_the_shop_shares_the_transaction(shop: Shop) -> None:
    """`notify` itself is awaited; what runs under `run_sync` may write and even commit."""

    def mark_and_commit(session: Session) -> None:
        session.get_one(Order, 17).shipped_at = NOW
        session.commit()

    async with shop.sessions() as session:
        await notify(session, order_shipped, to="customer-1", data={"number": 17})
        await session.run_sync(mark_and_commit)
    assert (await shop.shipped(), await shop.titles()) == ([17], ["Order 17 shipped", WELCOME])


async def test_a_synchronous_rollback_takes_the_news_along(shop: Shop) -> None:
    async with shop.sessions() as session:
        await notify(session, order_shipped, to="customer-1", data={"number": 17})
        await session.run_sync(lambda synchronous: synchronous.rollback())
        await session.commit()
    assert await shop.titles() == [WELCOME]


async def test_a_session_on_one_connection_of_the_shop_works_too(shop: Shop) -> None:
    """Some hosts, and most tests of hosts, hand a connection to their sessions."""
    async with shop.tidings.database.engine.connect() as connection, shop.sessions(bind=connection) as session:
        await ship(session, 20, now=NOW)
        await session.commit()
    assert await shop.titles("Emmy") == ["A brass bell is packed", "Order 20 shipped", "Welcome, Emmy"]
