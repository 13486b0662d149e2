"""Messages outside the log: what is said together is framed once and written to every stream that stands ready."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from uuid import UUID

from tidings.realtime.frames import Frame
from tidings.realtime.stream import Stream

SLICE = 500  # streams served before other work of the loop gets its turn


@dataclass(slots=True)
class _Round:
    """Messages for the streams of a user, or with None for everybody's; `waiting` are those left once it has begun."""

    user_id: UUID | None
    frames: list[Frame]
    waiting: list[Stream] | None = None


class Herald:
    """Says messages in the order they came. Whoever is not ready to hear them is left to `otherwise`, one by one."""

    def __init__(
        self,
        *,
        streams: Callable[[UUID | None], Iterable[Stream]],
        otherwise: Callable[[Stream, Frame], None],
    ) -> None:
        self._streams = streams
        self._otherwise = otherwise
        self._rounds: deque[_Round] = deque()
        self._is_due = False

    def say(self, frame: Frame, user_id: UUID | None) -> None:
        """Tell all streams of this user, or with None everybody's, with the next turn of the loop."""
        last = self._rounds[-1] if self._rounds else None
        if last is not None and last.waiting is None and last.user_id == user_id:
            last.frames.append(frame)
        else:
            self._rounds.append(_Round(user_id, [frame]))
        if not self._is_due:
            self._is_due = True
            asyncio.get_running_loop().call_soon(self._serve)

    def stop(self) -> None:
        """Say nothing more."""
        self._rounds.clear()
        self._is_due = False  # what was called for soon may never come: the loop can end first

    def _serve(self) -> None:
        room = SLICE
        while self._rounds and room > 0:
            first = self._rounds[0]
            if first.waiting is None:
                first.waiting = list(self._streams(first.user_id))
            now, first.waiting = first.waiting[:room], first.waiting[room:]
            room -= max(1, len(now))
            self._tell(now, first.frames)
            if not first.waiting:
                self._rounds.popleft()
        self._is_due = bool(self._rounds)
        if self._is_due:
            asyncio.get_running_loop().call_soon(self._serve)

    def _tell(self, streams: Iterable[Stream], frames: list[Frame]) -> None:
        for stream in streams:
            if not stream.is_open:
                continue
            try:
                is_told = stream.pass_on(frames)
            except Exception:  # noqa: BLE001 - whoever serves this stream meets it again, logs it and ends the stream
                is_told = False
            if not is_told:
                for frame in frames:
                    self._otherwise(stream, frame)
