"""The shop's web app: its own pages and tables, and Tidings mounted beside them on the same engine."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker, create_async_engine

from examples.shop.news import TYPES
from examples.shop.opening import open_shop
from examples.shop.pages import router
from examples.shop.schema import migrate
from tidings import Tidings


def create_app() -> FastAPI:
    """The shop on the database of `SHOP_DATABASE_URL`, on `data/shop.db` without it."""
    engine = _engine()
    tidings = Tidings(database=engine, types=TYPES)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        await migrate(engine)
        async with tidings.lifespan(app):
            await open_shop(app.state.sessions, tidings)
            yield
        await engine.dispose()

    app = FastAPI(title="A bicycle shop", lifespan=lifespan)
    app.state.tidings = tidings
    app.state.sessions = async_sessionmaker(engine, expire_on_commit=False)
    app.include_router(router)
    app.mount("/tidings", tidings.app)
    return app


def _engine() -> AsyncEngine:
    url = os.environ.get("SHOP_DATABASE_URL")
    if url is None:
        Path("data").mkdir(exist_ok=True)
        url = "sqlite+aiosqlite:///data/shop.db"
    return create_async_engine(url)
