"""A customer's stream, through the shop's own server: it tells what is committed, when it is."""

import asyncio
from datetime import UTC, datetime

import pytest

from examples.shop.orders import ship
from tests.devices import EventStreamDevice, WebSocketDevice, bearer
from tests.examples.shop import MOUNTED, Shop, listening

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
Transport = type[WebSocketDevice] | type[EventStreamDevice]
pytestmark = pytest.mark.parametrize("transport", [WebSocketDevice, EventStreamDevice])


async def news(device: WebSocketDevice | EventStreamDevice) -> str:
    """The title of what the stream tells next."""
    while (frame := await device.next())["type"] != "notification":
        pass
    title: str = frame["data"]["title"]
    return title


async def test_it_tells_after_the_commit(shop: Shop, transport: Transport) -> None:
    token = await shop.token()
    async with listening(shop.app) as origin:
        device = await transport.open(origin + MOUNTED, bearer(token), {})
        assert (await device.next())["type"] == "connected"
        heard = asyncio.create_task(news(device))
        async with shop.sessions.begin() as session:
            await ship(session, 18, now=NOW)
            assert await shop.listed(token) == ["Welcome, Ada"]
            assert not heard.done()
        assert [await heard, await news(device)] == ["Order 18 shipped", "A brass bell is packed"]
        await device.close()


async def test_it_never_tells_what_was_rolled_back(shop: Shop, transport: Transport) -> None:
    async with listening(shop.app) as origin:
        device = await transport.open(origin + MOUNTED, bearer(await shop.token()), {})
        assert (await device.next())["type"] == "connected"
        assert (await shop.web.post("/orders/19/ship")).status_code == 409
        assert (await shop.web.post("/orders/18/ship")).status_code == 303
        assert await news(device) == "Order 18 shipped"
        await device.close()


async def test_one_customer_never_hears_anothers(shop: Shop, transport: Transport) -> None:
    async with listening(shop.app) as origin:
        device = await transport.open(origin + MOUNTED, bearer(await shop.token("Emmy")), {})
        assert (await device.next())["type"] == "connected"
        await shop.web.post("/orders/17/ship")
        await shop.web.post("/orders/20/ship")
        assert await news(device) == "Order 20 shipped"
        await device.close()
