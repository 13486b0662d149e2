"""Bring a database to the newest schema. Our version table has its own name, so a host's alembic is left alone."""

from pathlib import Path

from sqlalchemy import Connection, inspect, text

from tidings.kernel.db import Database

VERSION_TABLE = "tidings_alembic_version"
LOCK_TIMEOUT_S = 10
_VERSIONS = Path(__file__).parent / "versions"
# Any number that no other program uses as an advisory lock of this database.
_ADVISORY_LOCK = 0x7469_6469


class NewerSchema(RuntimeError):
    """A newer release migrated the database, so that this one can neither use nor migrate it."""

    def __init__(self, found: str) -> None:
        super().__init__(
            f"The database is at {found}, which this release does not know: run the newer release that migrated it, "
            "or restore a backup from before."
        )


def newest_revision() -> str:
    """The revision this release works with: the last by name, for a revision is called what its file is, by date."""
    names = _revisions()
    if not names:
        raise RuntimeError("this installation of Tidings lacks its migrations: install it again")
    return max(names)


def check_known(revision: str | None) -> None:
    """Raises NewerSchema for what is no revision of this release; nothing at all can be migrated."""
    if revision is not None and revision not in _revisions():
        raise NewerSchema(revision)


def _revisions() -> set[str]:
    return {path.stem for path in _VERSIONS.glob("[0-9]*.py")}


async def current_revision(database: Database) -> str | None:
    """The revision the database is at, None when it is empty."""
    async with database.read() as session:
        connection = await session.connection()
        return await connection.run_sync(_current)


def _current(connection: Connection) -> str | None:
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    revision: str | None = connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar_one_or_none()  # noqa: S608 - a name of ours
    return revision


async def migrate(database: Database, revision: str = "head") -> tuple[str | None, str | None]:
    """Apply every missing migration in one transaction; returns the revisions before and after.

    Several nodes may start at once: one migrates, the others wait and find it done. Raises NewerSchema.
    """
    found = await current_revision(database)
    check_known(found)
    if revision == "head" and found == newest_revision():
        return newest_revision(), newest_revision()
    async with database.write() as session:
        connection = await session.connection()
        return await connection.run_sync(_migrate, revision)


def _migrate(connection: Connection, revision: str) -> tuple[str | None, str | None]:
    from tidings.migrations.applying import apply_migrations  # noqa: PLC0415 - see there

    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
        connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT_S}s'"))
    before = _current(connection)
    apply_migrations(connection, revision)
    return before, _current(connection)
