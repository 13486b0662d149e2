"""Somebody else's hold on a database."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, event
from sqlalchemy.exc import OperationalError

from tidings.kernel.db import Database


class Lock:
    """While it is held, reads go on, and whoever wants to write is refused."""

    def __init__(self) -> None:
        self.is_held = False
        self.refused = 0

    def begin(self, connection: Connection) -> None:
        """As a driver that meets it."""
        if self.is_held and not connection.get_execution_options().get("tidings_read_only"):
            self.refused += 1
            raise OperationalError("BEGIN", {}, Exception("database is locked"))


@contextmanager
def lock_of(database: Database) -> Iterator[Lock]:
    """A lock on this database that nobody holds yet."""
    lock = Lock()
    event.listen(database.engine.sync_engine, "begin", lock.begin)
    yield lock
    event.remove(database.engine.sync_engine, "begin", lock.begin)
