"""A device that keeps a whole inbox by the rules of API.md alone, and a doorbell that cannot be trusted."""

import asyncio
from collections.abc import Sequence
from enum import StrEnum
from typing import Any

import msgspec

from tidings.notifications.cursors import parse_cursor
from tidings.realtime.doorbell import Chime, OnChimes, Ring, Wake
from tidings.realtime.frames import Frame
from tidings.realtime.ports import ConnectionLost
from tidings.realtime.stream import Stream

Entry = dict[str, Any]  # Any: JSON


class InboxDevice:
    """Implements the hub's Connection; what it sees against the rules it keeps in `faults`.

    It takes `takes` more frames and is then gone, in the middle of a batch if need be. Told to reset, it keeps frames
    until it has read the list, and applies them then.
    """

    answers = True

    def __init__(self, name: str) -> None:
        self.name = name
        self.entries: dict[str, Entry] = {}
        self.cursor = ""
        self.counters = (0, 0)
        self.faults: list[str] = []
        self.stream: Stream | None = None
        self.takes: int | None = None
        self.at_once = False
        self.may_repeat = False
        self._revision: int | None = None
        self._waiting: list[dict[str, Any]] | None = None

    @property
    def needs_list(self) -> bool:
        return self._waiting is not None

    @property
    def is_open(self) -> bool:
        return self.stream is not None and self.stream.is_open

    def read_list(self, entries: Sequence[Entry], page: dict[str, Any]) -> None:
        """Take the inbox as a list shows it, then what was heard meanwhile."""
        self.entries = {entry["id"]: entry for entry in entries}
        self.cursor, self.counters = page["cursor"], (page["unread_count"], page["unseen_count"])
        waiting, self._waiting = self._waiting or (), None
        for frame in waiting:
            self._apply(frame, again=True)

    def connects(self, *, at_once: bool) -> None:
        """Expect frames from the cursor on."""
        self.takes, self.at_once, self.may_repeat = None, at_once, False
        self._revision = _revision(self.cursor)

    def send_now(self, frames: Sequence[Frame]) -> bool:
        if not self.at_once or self.takes is not None:
            return False
        self._take(frames)
        return True

    async def send(self, frames: Sequence[Frame]) -> None:
        await asyncio.sleep(0)
        self._take(frames)

    async def close(self, code: int, reason: str) -> None:
        if code != 1012:
            self.faults.append(f"closed with {code}: {reason}")

    def _take(self, frames: Sequence[Frame]) -> None:
        for frame in frames:
            if self.takes == 0:
                raise ConnectionLost()
            if self.takes is not None:
                self.takes -= 1
            self._hear(msgspec.json.decode(frame.body))

    def _hear(self, frame: dict[str, Any]) -> None:
        if frame["type"] == "reset":
            self._waiting, self._revision = [], None
        elif frame["type"] == "notification":
            self._check_order(frame)
            if self._waiting is not None:
                self._waiting.append(frame)
            else:
                self._apply(frame, again=self.may_repeat)
        elif frame["type"] == "connected" and self._waiting is None:
            self.counters = (frame["unread_count"], frame["unseen_count"])

    def _check_order(self, frame: dict[str, Any]) -> None:
        revision = _revision(frame["cursor"])
        if self._revision is not None and revision <= self._revision and not self.may_repeat:
            self.faults.append(f"{frame['event']} at {revision} after {self._revision}")
        if frame["event"] in {"new_notification", "updated"} and frame["data"]["revision"] != revision:
            self.faults.append(f"entry of revision {frame['data']['revision']} at {revision}")
        self._revision = revision

    def _apply(self, frame: dict[str, Any], *, again: bool) -> None:
        event, data = frame["event"], frame["data"]
        if event == "all_read":
            read = self._read_all(data)
            if read != data["affected_count"] and not again:
                self.faults.append(f"all_read of {data['affected_count']} changed {read}")
        elif event == "deleted":
            self.entries.pop(data["id"], None)
        else:
            self.entries[data["id"]] = data
        self.cursor, self.counters = frame["cursor"], (frame["unread_count"], frame["unseen_count"])

    def _read_all(self, data: dict[str, Any]) -> int:
        unread = [
            entry
            for entry in self.entries.values()
            if not entry["is_read"] and not entry["is_dismissed"] and entry["snoozed_until"] is None
            if data["notification_type"] in {None, entry["type"]}
        ]
        for entry in unread:
            entry.update(is_read=True, is_seen=True, read_at=data["read_at"])
        return len(unread)


def _revision(cursor: str) -> int:
    position = parse_cursor(cursor)
    assert position is not None, f"{cursor!r} is no cursor"
    return position.revision


class Mood(StrEnum):
    """What becomes of a ring."""

    FAITHFUL = "faithful"
    LOST = "lost"
    DOUBLED = "doubled"
    BARE = "bare"
    LATE = "late"


class UnreliableDoorbell:
    """Implements Doorbell, and everything its contract allows to happen to rings on their way."""

    def __init__(self) -> None:
        self.mood = Mood.FAITHFUL
        self._late: list[Chime] = []
        self._on_chimes: OnChimes | None = None

    def ring(self, chimes: Sequence[Chime]) -> None:
        if self.mood is Mood.LATE:
            self._late.extend(chimes)
        elif self.mood is Mood.BARE:
            self._pass_on([Ring(c.user_id, c.first, c.last) if isinstance(c, Ring) else c for c in chimes])
        elif self.mood is not Mood.LOST:
            self._pass_on([*chimes, *chimes] if self.mood is Mood.DOUBLED else chimes)

    def bring_late_ones(self) -> None:
        """Rings of long ago arrive, the last first."""
        late, self._late = self._late[::-1], []
        self._pass_on(late)

    def wake(self) -> None:
        """What a node hears that may have missed something."""
        self._pass_on([Wake()])

    async def start(self, on_chimes: OnChimes) -> None:
        self._on_chimes = on_chimes

    async def stop(self) -> None:
        self._on_chimes = None

    def _pass_on(self, chimes: Sequence[Chime]) -> None:
        if self._on_chimes is not None and chimes:
            self._on_chimes(chimes)
