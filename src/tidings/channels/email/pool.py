"""At most so many connections, kept for the next mail, closed when idle; a broken one is dropped."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from tidings.channels.email.connection import Connection


class Pool:
    """Connections of one process. A connection serves one borrower at a time, the most recent first."""

    def __init__(self, open_connection: Callable[[], Awaitable[Connection]], *, size: int, idle_s: float) -> None:
        self._open = open_connection
        self._slots = asyncio.Semaphore(size)
        self._idle_s = idle_s
        self._idle: dict[Connection, asyncio.TimerHandle] = {}

    @asynccontextmanager
    async def borrow(self) -> AsyncIterator[Connection]:
        """A connection, when one is free. If the block raises, also by cancellation, it is dropped.

        One that was kept may have been closed by the server since; its next mail finds out (Stale).
        Raises NoSession when a new one is wanted and cannot be had.
        """
        async with self._slots:
            connection = self._take() or await self._open()
            try:
                yield connection
            except BaseException:
                connection.discard()
                raise
            self._put(connection)

    def close(self) -> None:
        """Close what is idle; what is borrowed goes on and may come back."""
        while connection := self._take():
            connection.close()

    def _take(self) -> Connection | None:
        if not self._idle:
            return None
        connection, timer = self._idle.popitem()
        timer.cancel()
        return connection

    def _put(self, connection: Connection) -> None:
        if connection.is_usable:
            timer = asyncio.get_running_loop().call_later(self._idle_s, self._expire, connection)
            self._idle[connection] = timer
        else:
            connection.discard()

    def _expire(self, connection: Connection) -> None:
        if self._idle.pop(connection, None):
            connection.close()
