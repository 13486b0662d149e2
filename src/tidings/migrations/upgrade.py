"""Bring a database to the newest schema. Our version table has its own name, so a host's alembic is left alone."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from tidings.kernel.db import Database

VERSION_TABLE = "tidings_alembic_version"
LOCK_TIMEOUT_S = 10
# Any number that no other program uses as an advisory lock of this database.
_ADVISORY_LOCK = 0x7469_6469


def alembic_config() -> Config:
    """Alembic's configuration, with scripts found beside this package."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("file_template", "%%(year)d_%%(month).2d_%%(day).2d_%%(slug)s")
    return config


def newest_revision() -> str:
    """The revision this release works with."""
    head = ScriptDirectory.from_config(alembic_config()).get_current_head()
    if head is None:
        raise RuntimeError("this installation of Tidings lacks its migrations: install it again")
    return head


async def current_revision(database: Database) -> str | None:
    """The revision the database is at, None when it is empty."""
    async with database.read() as session:
        connection = await session.connection()
        return await connection.run_sync(_current)


def _current(connection: Connection) -> str | None:
    return MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE}).get_current_revision()


async def migrate(database: Database, revision: str = "head") -> tuple[str | None, str | None]:
    """Apply every missing migration in one transaction; returns the revisions before and after.

    Several nodes may start at once: one migrates, the others wait and find it done.
    """
    async with database.write() as session:
        connection = await session.connection()
        return await connection.run_sync(_migrate, revision)


def _migrate(connection: Connection, revision: str) -> tuple[str | None, str | None]:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
        connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT_S}s'"))
    before = _current(connection)
    config = alembic_config()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)
    return before, _current(connection)
