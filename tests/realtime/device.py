"""A device on the other side of a stream, without a network between: it applies frames as API.md tells it to."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from tidings.realtime.frames import Frame
from tidings.realtime.ports import ConnectionLost

PATIENCE_S = 20.0


async def until(condition: Callable[[], object]) -> None:
    """Wait for the condition; a test whose condition never comes fails."""
    async with asyncio.timeout(PATIENCE_S):
        while not condition():
            await asyncio.sleep(0.001)


class Device:
    """Implements the hub's Connection. `takes` frames, then it is gone; `is_stuck` lets every send wait."""

    answers = True

    def __init__(self, *, takes: int | None = None, at_once: bool = False) -> None:
        self.frames: list[dict[str, Any]] = []
        self.sends: list[int] = []
        self.entries: dict[int, int] = {}
        self.announcements: list[str] = []
        self.cursor: str | None = None
        self.closed: tuple[int, str] | None = None
        self.needs_reset = False
        self.takes = takes
        self.at_once = at_once
        self.moving = asyncio.Event()
        self.moving.set()

    @property
    def types(self) -> list[str]:
        return [frame["type"] for frame in self.frames]

    def of_type(self, type: str) -> list[dict[str, Any]]:
        return [frame for frame in self.frames if frame["type"] == type]

    @property
    def code(self) -> int | None:
        return self.closed and self.closed[0]

    def send_now(self, frames: Sequence[Frame]) -> bool:
        if self.at_once and self.moving.is_set() and self.takes is None:
            self._take(frames)
            return True
        return False

    async def send(self, frames: Sequence[Frame]) -> None:
        await self.moving.wait()
        await asyncio.sleep(0)
        self._take(frames)

    async def close(self, code: int, reason: str) -> None:
        self.closed = (code, reason)

    def read_afresh(self, live: dict[int, int], announcements: list[str], cursor: str) -> None:
        """Do what `reset` asks: take the inbox as a page shows it."""
        self.entries, self.announcements = dict(live), list(announcements)
        self.cursor, self.needs_reset = cursor, False

    def _take(self, frames: Sequence[Frame]) -> None:
        if frames:
            self.sends.append(len(frames))
        for frame in frames:
            if self.takes == 0 or self.closed:
                raise ConnectionLost()
            if self.takes is not None:
                self.takes -= 1
            self._apply(msgspec.json.decode(frame.body))

    def _apply(self, frame: dict[str, Any]) -> None:
        self.frames.append(frame)
        if frame["type"] == "reset":
            self.needs_reset = True
        if self.needs_reset:
            return
        if frame["type"] == "announcement":
            self.announcements.append(frame["data"])
        elif frame["type"] == "notification":
            _change(self.entries, frame["event"], frame["data"])
        self.cursor = frame.get("cursor", self.cursor)


def _change(entries: dict[int, int], event: str, data: dict[str, Any]) -> None:
    if event == "deleted":
        entries.pop(data["id"], None)
    elif event == "all_read":
        entries.update(dict.fromkeys(entries, data["value"]))
    else:
        entries[data["id"]] = data["value"]
