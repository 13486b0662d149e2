"""What customers of the shop hear of their orders: exactly what happened."""

import httpx
import pytest
from sqlalchemy import select
from starlette.types import Message, Receive, Scope, Send

from examples.shop.app import create_app
from examples.shop.models import OrderItem
from tests.examples.shop import Shop

WELCOME = "Welcome, Ada"


async def test_at_the_first_start_customers_are_welcomed(shop: Shop) -> None:
    assert (await shop.titles("Ada"), await shop.titles("Emmy")) == ([WELCOME], ["Welcome, Emmy"])


async def test_a_customer_hears_of_an_order_and_of_each_item_in_it(shop: Shop) -> None:
    answer = await shop.web.post("/orders/17/ship")
    assert (answer.status_code, answer.headers["location"]) == (303, "/customers/1")
    assert await shop.shipped() == [17]
    assert await shop.titles() == [
        "A leather saddle is packed",
        "A brass bell is packed",
        "Order 17 shipped",
        WELCOME,
    ]


async def test_another_customer_hears_nothing_of_it(shop: Shop) -> None:
    await shop.web.post("/orders/17/ship")
    assert await shop.titles("Emmy") == ["Welcome, Emmy"]


async def test_of_an_item_out_of_stock_nothing_is_told_and_of_the_rest_everything(shop: Shop) -> None:
    await shop.web.post("/orders/18/ship")
    assert await shop.titles() == ["A brass bell is packed", "Order 18 shipped", WELCOME]
    assert await packed(shop, 18) == ["bell"]


async def test_an_order_that_cannot_be_shipped_is_not_told_of(shop: Shop) -> None:
    before = await shop.told()
    assert (await shop.web.post("/orders/19/ship")).status_code == 409
    assert await shop.shipped() == []
    assert await shop.told() == before


@pytest.mark.parametrize(("number", "status"), [(17, 409), (99, 404)])
async def test_an_order_that_has_left_or_never_was_is_refused(shop: Shop, number: int, status: int) -> None:
    await shop.web.post("/orders/17/ship")
    before = await shop.told()
    assert (await shop.web.post(f"/orders/{number}/ship")).status_code == status
    assert await shop.told() == before


async def test_a_second_start_changes_nothing(shop: Shop) -> None:
    await shop.web.post("/orders/17/ship")
    before = await shop.told()
    second = create_app()
    async with second.router.lifespan_context(second):
        assert await shop.told() == before
    assert await shop.shipped() == [17]


async def test_what_is_answered_has_been_committed(shop: Shop) -> None:
    """A client that has read the answer finds what it says, from whatever node it asks."""
    at_answer: list[list[int]] = []

    async def watched(scope: Scope, receive: Receive, send: Send) -> None:
        async def watch(message: Message) -> None:
            if message["type"] == "http.response.start":
                at_answer.append(await shop.shipped())
            await send(message)

        await shop.app(scope, receive, watch)

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=watched), base_url="http://shop.example.org") as web:
        await web.post("/orders/17/ship")
    assert at_answer == [[17]]


async def packed(shop: Shop, number: int) -> list[str]:
    """Which items of an order are packed."""
    wanted = select(OrderItem.sku).where(OrderItem.order_number == number, OrderItem.packed)
    async with shop.sessions() as session:
        return list(await session.scalars(wanted))
