"""One open stream: where its device stands, and the loop that brings it up to date."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from tidings.realtime.feed import Feed
from tidings.realtime.frames import Frame
from tidings.realtime.ports import Connection, Head, Position, ResetReason, Subscriber
from tidings.realtime.source import Source

SLICE = 16  # frames handed over at once: a slow reader is judged by each slice, not by the whole of its catching up
MAX_EXTRAS = 100
NOWHERE = Position("", 0, 0)


class UserGone(Exception):
    """The user whose stream this is no longer exists."""


class Surroundings(Protocol):
    """What a stream needs of the hub."""

    source: Source
    heartbeat_s: float
    max_gap: int
    sending: dict["Stream", float]
    """Streams in the middle of a send, and since when, in the loop's time."""


class Stream:
    """A device's place in its user's log. It keeps a position, never a queue of changes.

    `dirty` says that there may be something to send; `extras` are messages outside the log (pings, custom ones).
    """

    __slots__ = (
        "__weakref__", "_hub", "_started", "_wanted", "connection", "dirty", "expires_at", "extras", "feed",
        "heard_at", "is_open", "position", "pump", "slot", "subscriber",
    )  # fmt: skip

    def __init__(self, hub: Surroundings, feed: Feed, connection: Connection, subscriber: Subscriber) -> None:
        self._hub = hub
        self._started = False
        self._wanted: Position | ResetReason | None = subscriber.since
        self.feed = feed
        self.connection = connection
        self.subscriber = subscriber
        self.expires_at: datetime | None = subscriber.expires_at
        self.position = NOWHERE
        self.extras: list[Frame] | None = None
        self.pump: asyncio.Task[None] | None = None
        self.dirty = True
        self.is_open = True
        self.heard_at = 0.0
        self.slot = 0

    @property
    def is_current(self) -> bool:
        """Whether the device has everything this node knows of."""
        return self._started and not self.dirty and self.pump is None and not self.is_behind

    @property
    def is_behind(self) -> bool:
        """Whether the feed knows of something after the device's position."""
        return self.feed.is_ahead_of(self.position)

    def add(self, frame: Frame) -> bool:
        """Have a message outside the log sent; False when so many wait that the reader must be stuck."""
        if self.extras is None:
            self.extras = [frame]
        elif len(self.extras) < MAX_EXTRAS:
            self.extras.append(frame)
        else:
            return False
        self.dirty = True
        return True

    def pass_on(self, frames: Sequence[Frame]) -> bool:
        """Send messages outside the log at once, if nothing waits before them; False means nothing was sent."""
        return self._started and not self.dirty and self.pump is None and self.connection.send_now(frames)

    def resume(self, since: Position | ResetReason) -> None:
        """Continue from where the device says it stands."""
        self._wanted = since
        self.dirty = True

    def send_now(self) -> bool:
        """Send what is at hand, if that needs neither the table nor waiting; False means `catch_up` has work."""
        if not self._started or self._wanted is not None:
            return False
        position, extras = self.position, self.extras
        frames = self._at_hand()
        if frames and not self.connection.send_now(frames):
            self.position, self.extras = position, extras
            return False
        self.dirty = self.is_behind
        return not self.dirty

    async def catch_up(self) -> None:
        """Send until the device has everything. Raises ConnectionLost, and UserGone."""
        while self.dirty:
            self.dirty = False
            if not self._started:
                await self._start()
            elif self._wanted is not None:
                await self._go_to(self._wanted)
            await self._send(self._at_hand())
            if self._wanted is None and self.is_behind:
                await self._read()

    async def _start(self) -> None:
        head = await self._head()
        since, self._wanted = self._wanted, None
        reason = reason_to_reset(since, head, max_gap=self._hub.max_gap) if since is not None else None
        start = head.position if since is None else since if isinstance(since, Position) else NOWHERE
        self.position = start if reason is None else head.position
        self._started = self.dirty = True
        # Before a reset, `connected` names the old cursor: a device cut off between the two must be told again.
        frames = [self._hub.source.connected(start, head, self._hub.heartbeat_s)]
        if reason is not None:
            frames.append(self._hub.source.reset(reason))
        await self._send(frames)

    async def _go_to(self, since: Position | ResetReason) -> None:
        """Move to `since`, or say why that cannot be and move to the head, noted before the device is told."""
        heard = (self.feed.revision, self.feed.shared)
        head = await self._head()
        self.feed.believe_table(head.position, heard=heard)
        if self._wanted is since:
            self._wanted = None
        reason = reason_to_reset(since, head, max_gap=self._hub.max_gap)
        self.position = since if isinstance(since, Position) and reason is None else head.position
        self.dirty = True
        if reason is not None:
            await self._send([self._hub.source.reset(reason)])

    async def _read(self) -> None:
        """Take one step through the table."""
        feed = self.feed
        self.dirty = True
        if feed.epoch != self.position.epoch or feed.revision - self.position.revision > self._hub.max_gap:
            return await self._go_to(self.position)  # a reset, unless the table knows better
        heard = (feed.revision, feed.shared)
        batch = await self._hub.source.changes(feed.user_id, self.position)
        if batch.reset is not None:
            return await self._go_to(batch.reset)
        if batch.position == self.position:
            feed.believe_table(self.position, heard=heard)
            return None
        self.position = batch.position
        if batch.counters is not None and batch.position.revision >= feed.revision:
            feed.unread, feed.unseen = batch.counters
        return await self._send(batch.frames)

    def _at_hand(self) -> list[Frame]:
        """Messages outside the log, then the rung changes that directly follow; the position moves past them."""
        frames = [] if self.extras is None else self.extras.copy()
        self.extras = None
        if not self.feed.has_recent:
            return frames
        while (step := self.feed.next_frame(self.position, self._hub.source.frame)) is not None:
            frame, self.position = step
            frames.append(frame)
        return frames

    async def _send(self, frames: Sequence[Frame]) -> None:
        sending = self._hub.sending
        try:
            for start in range(0, len(frames), SLICE):
                sending[self] = asyncio.get_running_loop().time()
                await self.connection.send(frames[start : start + SLICE])
        finally:
            sending.pop(self, None)

    async def _head(self) -> Head:
        head = await self._hub.source.head(self.feed.user_id)
        if head is None:
            raise UserGone()
        self.feed.learn(head)
        return head


def reason_to_reset(since: Position | ResetReason, head: Head, *, max_gap: int) -> ResetReason | None:
    """Why a device at `since` cannot be brought to this head step by step; None when it can."""
    if isinstance(since, ResetReason):
        return since
    if since.epoch != head.position.epoch:
        return ResetReason.EPOCH_CHANGED
    if since.revision > head.position.revision or since.shared > head.position.shared:
        return ResetReason.AHEAD
    if since.revision < head.floor:
        return ResetReason.TOO_OLD
    if head.position.revision - since.revision > max_gap:
        return ResetReason.GAP
    return None
