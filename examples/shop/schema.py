"""The shop's own migrations, run at the start as Tidings runs its own."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncEngine


async def migrate(engine: AsyncEngine) -> None:
    """Bring the shop's tables to their newest form."""
    async with engine.begin() as connection:
        await connection.run_sync(_upgrade)


def config_on(connection: Connection) -> Config:
    """Alembic's configuration for work on a connection that is open already."""
    config = Config(Path(__file__).parent / "alembic.ini")
    config.attributes["connection"] = connection
    return config


def _upgrade(connection: Connection) -> None:
    command.upgrade(config_on(connection), "head")
