"""How alembic runs the shop's migrations: on a connection handed over, or one of its own."""

import asyncio
import os

from alembic import context
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine

from examples.shop.models import Base
from tidings import include_object


def run(connection: Connection) -> None:
    """Migrate, and leave the tables of Tidings alone."""
    context.configure(connection=connection, target_metadata=Base.metadata, include_object=include_object)
    with context.begin_transaction():
        context.run_migrations()


async def connect_and_run() -> None:
    """As from the command line."""
    engine = create_async_engine(os.environ.get("SHOP_DATABASE_URL", "sqlite+aiosqlite:///data/shop.db"))
    async with engine.begin() as connection:
        await connection.run_sync(run)
    await engine.dispose()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    asyncio.run(connect_and_run())
