"""The few lines by which any app takes Tidings in, as the documentation promises them."""

import subprocess
import sys

import httpx
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

from examples.shop.models import Order
from tests.examples.shop import MOUNTED, Shop
from tidings import NotificationType, Tidings, notify


async def test_an_app_that_has_no_start_of_its_own(shop: Shop, shop_url: str) -> None:
    engine = create_async_engine(shop_url)
    order_shipped = NotificationType(
        "order.shipped", title="Order {{ data.number }} shipped", channels=("in_app", "email")
    )
    tidings = Tidings(database=engine, types=[order_shipped])
    app = FastAPI(lifespan=tidings.lifespan)
    app.mount("/tidings", tidings.app)
    async with app.router.lifespan_context(app):
        async with AsyncSession(engine) as session, session.begin():
            session.add(Order(number=21, customer_id=1))
            await notify(session, order_shipped, to="customer-1", data={"number": 21}, dedupe_key="shipped-21")
        assert (await shop.titles())[0] == "Order 21 shipped"
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://host.example") as web:
            assert (await web.get("/tidings/readyz")).status_code == 200
            assert (await web.get("/tidings/static/inbox.js")).status_code == 200
            assert (await web.get(f"{MOUNTED}/notifications")).status_code == 401
    await engine.dispose()


def test_importing_tidings_is_light() -> None:
    """A module that only declares types or tells news does not wait for a web framework."""
    heavy = "{'fastapi', 'sqlalchemy', 'pydantic', 'alembic', 'jinja2'}"
    program = f"import sys, tidings; sys.exit(', '.join({heavy} & set(sys.modules)) or None)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
