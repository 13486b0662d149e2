"""What rings may miss: signals are read when posted, heads compared every 30–45 s and whenever somebody knocks."""

import asyncio
import random
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol
from uuid import UUID

from tidings.realtime.limits import Limits
from tidings.realtime.ports import Head
from tidings.realtime.source import Source
from tidings.realtime.types import Signal

SHARE = 20  # a check may take a twentieth of the time: SQLite wakes us ten times a second while we write ourselves


class ReadSignals(Protocol):
    """The signals posted since the last call, each once."""

    async def __call__(self) -> Sequence[Signal]: ...

    async def skip_present(self) -> None:
        """Pass over those that exist already."""


class Healer:
    """One loop for all users, idle while nobody is connected: then what is due waits for the first to come.

    Signals that are said to be there are read at once even so: a message is not for those who come later.
    """

    def __init__(
        self,
        limits: Limits,
        source: Source,
        read_signals: ReadSignals,
        *,
        connected: Callable[[], tuple[UUID, ...]],
        learn: Callable[[UUID, Head | None], None],
        obey: Callable[[Signal], None],
    ) -> None:
        self._limits = limits
        self._source = source
        self._read_signals = read_signals
        self._connected = connected
        self._learn = learn
        self._obey = obey
        self._heads_due = False
        self._signals_due = False
        self._signals_told = False
        self._knock = asyncio.Event()

    def start(self) -> None:
        """Belong to the loop that runs now: an app may be started in one loop after another."""
        self._knock = asyncio.Event()

    def something_may_have_happened(self) -> None:
        """Compare all heads and read the signals soon, if it is of use to anybody."""
        self._heads_due = self._signals_due = True
        self._knock.set()

    def signals_were_posted(self) -> None:
        """Read the signals soon."""
        self._signals_told = True
        self._knock.set()

    def somebody_came(self) -> None:
        """What was due while nobody was connected is due now."""
        if self._signals_due:
            self._knock.set()

    async def step(self) -> None:
        """Wait until something is due, and do it."""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(random.uniform(*self._limits.heal_s)):  # noqa: S311 - so nodes do not march in step
                await self._knock.wait()
        except TimeoutError:
            self._heads_due = self._signals_due = True
        self._knock.clear()
        began = loop.time()
        if self._signals_told or (self._signals_due and self._connected()):
            self._signals_told = self._signals_due = False
            await self._obey_signals()
        if self._heads_due:
            self._heads_due = False
            await self._compare_heads()
        await asyncio.sleep(min(self._limits.longest_pause_s, (loop.time() - began) * SHARE))

    async def _obey_signals(self) -> None:
        try:
            signals = await self._read_signals()
        except BaseException:
            self.signals_were_posted()  # and not read
            raise
        for signal in signals:
            self._obey(signal)

    async def _compare_heads(self) -> None:
        user_ids = self._connected()
        if user_ids:
            heads: Mapping[UUID, Head] = await self._source.heads(user_ids)
            for user_id in user_ids:
                self._learn(user_id, heads.get(user_id))
