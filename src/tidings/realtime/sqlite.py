"""The doorbell of processes that share a SQLite file: it notices that somebody else committed.

https://sqlite.org/pragma.html#pragma_data_version: the number changes, as seen by one connection, whenever another
connection commits. The commits of this process are such ones too, so a Wake may be needless; whoever hears it bounds
what Wakes may cost.
"""

import asyncio
import contextlib
import sqlite3
from collections.abc import Sequence

import structlog
from sqlalchemy import URL

from tidings.realtime.doorbell import Chime, OnChimes, Wake

_log = structlog.get_logger(__name__)
POLL_S = 0.1


class SqliteDoorbell:
    """Rings in this process at once; other processes on the file hear a Wake within `poll_s`."""

    def __init__(self, url: URL, *, poll_s: float = POLL_S) -> None:
        self._url = url
        self._poll_s = poll_s
        self._on_chimes: OnChimes | None = None
        self._watch: asyncio.Task[None] | None = None

    def ring(self, chimes: Sequence[Chime]) -> None:
        """Tell this process; the commit itself tells the others."""
        if self._on_chimes is not None:
            self._on_chimes(chimes)

    async def start(self, on_chimes: OnChimes) -> None:
        """Hear this process, and the commits of every other from now on."""
        self._on_chimes = on_chimes
        connection = await asyncio.to_thread(self._connect)
        try:
            version = await asyncio.to_thread(_data_version, connection)
        except sqlite3.Error:
            connection.close()
            raise
        self._watch = asyncio.create_task(self._poll(connection, version))

    async def stop(self) -> None:
        """Hear nothing more."""
        self._on_chimes = None
        if self._watch is not None:
            self._watch.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._watch
            self._watch = None

    async def _poll(self, connection: sqlite3.Connection, seen: int) -> None:
        try:
            while True:
                await asyncio.sleep(self._poll_s)
                # Shielded: the thread must be done with the connection before it is closed.
                reading = asyncio.ensure_future(asyncio.to_thread(_data_version, connection))
                try:
                    version = await asyncio.shield(reading)
                except asyncio.CancelledError:
                    await asyncio.wait([reading])
                    raise
                except sqlite3.Error as error:  # a full disk, a file being replaced: look again next time
                    _log.warning("doorbell_failed", error=str(error))
                    continue
                if version != seen and self._on_chimes is not None:
                    seen = version
                    self._on_chimes([Wake()])
        finally:
            connection.close()

    def _connect(self) -> sqlite3.Connection:
        (filename,), options = self._url.get_dialect()().create_connect_args(self._url)
        is_uri = bool(options.get("uri", False))
        return sqlite3.connect(filename, uri=is_uri, check_same_thread=False, isolation_level=None)


def _data_version(connection: sqlite3.Connection) -> int:
    version: int = connection.execute("PRAGMA data_version").fetchone()[0]
    return version
