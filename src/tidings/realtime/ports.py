"""What the hub asks of others: positions and changes of a user's log from above, a way to send from the edges."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple, Protocol
from uuid import UUID

from tidings.realtime.frames import Frame


class Position(NamedTuple):
    """Where a device stands: in the user's own log and in the log all users share, both within one epoch."""

    epoch: str
    revision: int
    shared: int


class ResetReason(StrEnum):
    """Why a device must read everything afresh."""

    EPOCH_CHANGED = "epoch_changed"
    TOO_OLD = "too_old"
    AHEAD = "ahead"
    GAP = "gap"


@dataclass(frozen=True, slots=True)
class Head:
    """The newest position of a user, the highest revision removed from their log, and the counters there."""

    position: Position
    floor: int
    unread: int
    unseen: int


class ChangeKind(StrEnum):
    """The `type` of the frame that shows a change."""

    NOTIFICATION = "notification"
    ANNOUNCEMENT = "announcement"


@dataclass(frozen=True, slots=True)
class Change:
    """One frame's worth of a log: its event, its body in JSON, and position and counters after applying it."""

    kind: ChangeKind
    event: str
    data: bytes
    position: Position
    unread: int
    unseen: int


@dataclass(frozen=True, slots=True)
class Changes:
    """Some of a log, in order; `position` is where a device stands after all of them.

    It may lie beyond the last change (entries that are not shown), and equals `since` when there was nothing.
    """

    changes: Sequence[Change]
    position: Position
    has_more: bool = False
    reset: ResetReason | None = None


class ReadHeads(Protocol):
    """The heads of these users in one statement; a user who is gone has none."""

    async def __call__(self, user_ids: Collection[UUID], /) -> Mapping[UUID, Head]: ...


class ReadChanges(Protocol):
    """At most `limit` changes after `since`, oldest first, as of now or later.

    `reset` says that they cannot be told: `since` is of another epoch, or lies below the floor.
    """

    async def __call__(self, user_id: UUID, since: Position, limit: int, /) -> Changes: ...


class ConnectionLost(Exception):
    """The other side is gone."""


class Connection(Protocol):
    """One open stream, as an edge sends it."""

    answers: bool
    """Whether the other side can answer a ping."""

    def send_now(self, frames: Sequence[Frame]) -> bool:
        """Send if that needs no waiting; False means nothing was sent."""

    async def send(self, frames: Sequence[Frame]) -> None:
        """Send in this order, waiting for a slow reader. Raises ConnectionLost."""

    async def close(self, code: int, reason: str) -> None:
        """End the stream within a bounded time, whether or not the other side takes part; it does not raise."""


async def _no_renewal(_token: str) -> datetime | None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscriber:
    """Whose stream is opened, from where, and how long it may stay open.

    `mark` is `hub.mark()` taken before the credential was checked: a revocation in between closes the stream.
    `renew` answers a token with the new end of the stream, None for one that is no good or somebody else's.
    """

    user_id: UUID
    mark: int
    session_id: UUID | None = None
    since: Position | ResetReason | None = None
    expires_at: datetime | None = None
    renew: Callable[[str], Awaitable[datetime | None]] = _no_renewal
