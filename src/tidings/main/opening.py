"""The database that the settings name, and the doorbell that belongs to it."""

from pathlib import Path

from sqlalchemy import URL, make_url

from tidings.kernel.db import Database, open_database
from tidings.realtime.doorbell import Doorbell
from tidings.realtime.memory import MemoryDoorbell
from tidings.realtime.postgres import PostgresDoorbell
from tidings.realtime.sqlite import SqliteDoorbell
from tidings.settings import Settings, SettingsError


def open_from(settings: Settings) -> Database:
    """The database of the settings; nothing is connected yet. Raises SettingsError for one that cannot be."""
    url = make_url(settings.database)
    if url.get_backend_name() not in {"sqlite", "postgresql"}:
        raise SettingsError("TIDINGS_DATABASE_URL must begin with sqlite:// or postgresql://")
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    folder = Path(url.database or "").parent
    if url.get_backend_name() == "sqlite" and not folder.is_dir():
        raise SettingsError(f"TIDINGS_DATABASE_URL: there is no folder {folder}")
    if (file := _file_of(url)) is not None:
        file.touch(mode=0o600)  # personal data; SQLite gives its side files the same mode
    return open_database(settings.database, pool_size=settings.pool_size)


def missing_file(settings: Settings) -> Path | None:
    """The file that opening would make a new database in, so that a mistyped folder need not become one."""
    file = _file_of(make_url(settings.database))
    return None if file is None or file.exists() else file


def doorbell_of(database: Database) -> Doorbell:
    """The doorbell that reaches every process on this database."""
    url = make_url(database.engine.url)
    if not database.is_sqlite:
        return PostgresDoorbell(url)
    return SqliteDoorbell(url) if url.database and url.database != ":memory:" else MemoryDoorbell()


def _file_of(url: URL) -> Path | None:
    """The file that SQLite keeps the database in; None where there is none."""
    if url.get_backend_name() != "sqlite" or not url.database or url.database.startswith((":", "file:")):
        return None
    return Path(url.database)
