"""The bicycle shop of examples/ as the tests see it: opened on an empty database, with its customer Ada."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI
from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from examples.shop import models, schema
from examples.shop.app import create_app
from examples.shop.models import Customer, Order
from examples.shop.tokens import recipient_token
from tests.devices import bearer
from tests.notifications.storage import Stored, stored
from tests.world import API, empty
from tidings import Tidings
from tidings.migrations.upgrade import migrate

MOUNTED = "/tidings" + API
PATIENCE_S = 30.0


@dataclass(frozen=True, slots=True)
class Shop:
    """An open shop."""

    app: FastAPI
    web: httpx.AsyncClient

    @property
    def tidings(self) -> Tidings:
        tidings: Tidings = self.app.state.tidings
        return tidings

    @property
    def sessions(self) -> async_sessionmaker[AsyncSession]:
        sessions: async_sessionmaker[AsyncSession] = self.app.state.sessions
        return sessions

    async def token(self, name: str = "Ada") -> str:
        """What the page of this customer shows to Tidings."""
        async with self.sessions() as session:
            customer = await customer_named(session, name)
            return await recipient_token(session, customer, now=datetime.now(UTC))

    async def titles(self, name: str = "Ada") -> list[str]:
        """What the inbox of this customer lists, newest first."""
        return await self.listed(await self.token(name))

    async def listed(self, token: str) -> list[str]:
        """The same for who holds this token, without a word to the shop's own tables."""
        found = await self.web.get(f"{MOUNTED}/notifications", headers=bearer(token))
        assert found.status_code == 200, found.text
        return [entry["title"] for entry in found.json()["notifications"]]

    async def shipped(self) -> list[int]:
        """The numbers of the orders that have left."""
        async with self.sessions() as session:
            wanted = select(Order.number).where(Order.shipped_at.is_not(None)).order_by(Order.number)
            return list(await session.scalars(wanted))

    async def rows_of(self, table: type[models.Base]) -> int:
        """How many rows one of the shop's own tables has."""
        async with self.sessions() as session:
            return await session.scalar(select(func.count()).select_from(table)) or 0

    async def told(self) -> Stored:
        """Everything Tidings has stored, counted."""
        return await stored(self.tidings)


async def customer_named(session: AsyncSession, name: str) -> Customer:
    """One of the shop's customers."""
    return (await session.scalars(select(Customer).where(Customer.name == name))).one()


@asynccontextmanager
async def opened_shop() -> AsyncIterator[Shop]:
    """The shop that the environment describes, at its first start, until the body ends."""
    app = create_app()
    await _clear(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://shop.example.org") as web,
    ):
        yield Shop(app, web)


async def _clear(app: FastAPI) -> None:
    tidings: Tidings = app.state.tidings
    await schema.migrate(tidings.database.engine)
    await migrate(tidings.database)
    await empty(tidings.database)
    async with tidings.database.engine.begin() as connection:
        for table in reversed(models.Base.metadata.sorted_tables):
            await connection.execute(delete(table))


class _Server(uvicorn.Server):
    """Leaves the signals of the test's process alone."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def listening(app: FastAPI, **options: Any) -> AsyncIterator[str]:  # Any: uvicorn's own options
    """The origin of an app that runs already, served as any host is: by uvicorn as it comes."""
    config = uvicorn.Config(app, lifespan="off", log_config=None, timeout_graceful_shutdown=1, **options)
    server = _Server(config)
    with socket.create_server(("127.0.0.1", 0)) as at:
        running = asyncio.create_task(server.serve(sockets=[at]))
        try:
            async with asyncio.timeout(PATIENCE_S):
                while not server.started:
                    assert not running.done(), "the server did not start"
                    await asyncio.sleep(0.005)
            yield f"http://127.0.0.1:{at.getsockname()[1]}"
        finally:
            server.should_exit = True
            await running
