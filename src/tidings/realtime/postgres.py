"""The doorbell of nodes that share a PostgreSQL database: LISTEN and NOTIFY on a connection of its own.

https://www.postgresql.org/docs/current/sql-notify.html: a payload is shorter than 8000 bytes, so it carries user ids
and revisions, never content. Notifications leave after the commit they are about, many commits' worth in one statement.
"""

import asyncio
import contextlib
import random
from collections.abc import Sequence
from uuid import UUID

import asyncpg
import msgspec
import structlog
from sqlalchemy import URL

from tidings.kernel.ids import new_id
from tidings.realtime.doorbell import Chime, DeliveriesDue, OnChimes, Ring, SignalsPosted, Wake

CHANNEL = "tidings_doorbell"
RINGS_IN_MESSAGE = 90  # of at most 80 bytes each
MAX_WAITING = 10_000
MAX_BACKOFF_S = 10.0
STATEMENT_TIMEOUT_S = 5.0
FAREWELL_S = 3.0
_NOTIFY = "SELECT pg_notify($1, message) FROM unnest($2::text[]) AS message"
# What SQLAlchemy's dialect takes from the URL for itself.
_NOT_ASYNCPGS = {
    "prepared_statement_cache_size",
    "prepared_statement_name_func",
    "async_fallback",
    "async_creator_fn",
}
_log = structlog.get_logger(__name__)


class _Message(msgspec.Struct, omit_defaults=True):
    node: str
    rings: list[tuple[UUID | None, int, int]] = []
    signals: bool = False
    wake: bool = False
    due: bool = False


_decoder = msgspec.json.Decoder(_Message)
_encoder = msgspec.json.Encoder()


class PostgresDoorbell:
    """Rings in this process at once, and on every other node of the database as long as the connection holds."""

    def __init__(self, url: URL, *, keepalive_s: float = 20.0, first_backoff_s: float = 0.1) -> None:
        _, options = url.get_dialect()().create_connect_args(url)
        self._options = {name: value for name, value in options.items() if name not in _NOT_ASYNCPGS}
        self._keepalive_s = keepalive_s
        self._first_backoff_s = first_backoff_s
        self._node = str(new_id())
        self._on_chimes: OnChimes | None = None
        self._rings: dict[UUID | None, tuple[int, int]] = {}
        self._signals = self._due_deliveries = self._wake = self._stopping = False
        self._due = asyncio.Event()
        self._tried = asyncio.Event()
        self._stay: asyncio.Task[None] | None = None

    def ring(self, chimes: Sequence[Chime]) -> None:
        """Tell this process now, the others as soon as the connection is free."""
        if self._on_chimes is not None:
            self._on_chimes(chimes)
        for chime in chimes:
            self._keep(chime)
        self._due.set()

    async def start(self, on_chimes: OnChimes) -> None:
        """Listen; when the database cannot be reached now, listening begins once it can."""
        self._on_chimes = on_chimes
        self._stopping = False
        self._due, self._tried = asyncio.Event(), asyncio.Event()  # of the loop that runs now: it may be another
        self._stay = asyncio.create_task(self._stay_connected())
        await self._tried.wait()

    async def stop(self) -> None:
        """Send what waits, for at most three seconds, and hang up."""
        self._on_chimes = None
        self._stopping = True
        self._due.set()
        if self._stay is not None:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stay, FAREWELL_S)
            self._stay = None

    def _keep(self, chime: Chime) -> None:
        if isinstance(chime, Ring):
            first, last = self._rings.get(chime.user_id, (chime.first, chime.last))
            self._rings[chime.user_id] = min(first, chime.first), max(last, chime.last)
            if len(self._rings) > MAX_WAITING:
                self._rings.clear()
                self._wake = True
        elif isinstance(chime, SignalsPosted):
            self._signals = True
        elif isinstance(chime, DeliveriesDue):
            self._due_deliveries = True
        else:
            self._wake = True

    async def _stay_connected(self) -> None:
        backoff = self._first_backoff_s
        while not self._stopping:
            try:
                connection = await asyncpg.connect(**self._options, timeout=STATEMENT_TIMEOUT_S)
                try:
                    await self._listen(connection)
                    backoff = self._first_backoff_s
                    await self._carry(connection)
                finally:
                    connection.terminate()
            except Exception as error:  # noqa: BLE001 - asyncpg raises its internal errors too when a connection breaks
                _log.warning("doorbell_disconnected", error=str(error) or type(error).__name__)
                self._tried.set()
                await asyncio.sleep(backoff * random.uniform(0.5, 1))  # noqa: S311 - spreads reconnects, guards nothing
                backoff = min(backoff * 2, MAX_BACKOFF_S)

    async def _listen(self, connection: asyncpg.Connection) -> None:
        connection.add_termination_listener(lambda _: self._due.set())
        await connection.add_listener(CHANNEL, self._hear)
        self._tried.set()
        if self._on_chimes is not None:
            self._on_chimes([Wake()])  # whatever was rung while nobody listened

    async def _carry(self, connection: asyncpg.Connection) -> None:
        """Send what is rung until told to stop; raises when the connection is lost."""
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._keepalive_s):
                    await self._due.wait()
            self._due.clear()
            messages = self._take_messages()
            try:
                # Without messages too: a dead peer is noticed by asking it, not by its silence.
                await connection.execute(_NOTIFY, CHANNEL, messages, timeout=STATEMENT_TIMEOUT_S)
            except BaseException:
                self._wake = self._wake or bool(messages)  # once connected again: look at everything
                raise
            if self._stopping and not self._due.is_set():
                return

    def _take_messages(self) -> list[str]:
        rings = [(user_id, first, last) for user_id, (first, last) in self._rings.items()]
        messages = [
            _Message(self._node, rings[start : start + RINGS_IN_MESSAGE])
            for start in range(0, len(rings), RINGS_IN_MESSAGE)
        ]
        if self._signals or self._wake or self._due_deliveries:
            rest = _Message(self._node, signals=self._signals, wake=self._wake, due=self._due_deliveries)
            messages.append(rest)
        self._rings.clear()
        self._signals = self._wake = self._due_deliveries = False
        return [_encoder.encode(message).decode() for message in messages]

    def _hear(self, _connection: object, _pid: int, _channel: str, text: object) -> None:
        try:
            message = _decoder.decode(str(text))
        except msgspec.DecodeError:  # a node of another version: what it meant is in the database
            self._pass_on([Wake()])
            return
        if message.node == self._node:
            return
        chimes: list[Chime] = [Ring(*ring) for ring in message.rings]
        if message.signals:
            chimes.append(SignalsPosted())
        if message.due:
            chimes.append(DeliveriesDue())
        if message.wake:
            chimes.append(Wake())
        self._pass_on(chimes)

    def _pass_on(self, chimes: Sequence[Chime]) -> None:
        if self._on_chimes is not None:
            self._on_chimes(chimes)
