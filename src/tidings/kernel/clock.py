"""The clock is a port: production reads the system's and the database's, tests hold their own."""

from datetime import UTC, datetime
from typing import Protocol

from sqlalchemy import Connection, func, select


class Clock(Protocol):
    def now(self) -> datetime:
        """The present, aware and in UTC."""

    def database_now(self, connection: Connection) -> datetime:
        """The present as the database sees it: one clock for every node that shares it."""


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)

    def database_now(self, connection: Connection) -> datetime:
        if connection.dialect.name == "sqlite":  # the file's machine is this machine
            return self.now()
        # clock_timestamp(), not now(): the latter is when the transaction began, before any lock was waited for.
        moment: datetime = connection.execute(select(func.clock_timestamp())).scalar_one()
        return moment.astimezone(UTC)
