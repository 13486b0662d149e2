"""Why streams end, and the messages between nodes."""

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import TypeAlias
from uuid import UUID


class CloseCode(IntEnum):
    """Why the server ends a stream: below 4500 the client comes back, from 4500 on it stops (API.md, Streams)."""

    INTERNAL_ERROR = 1011
    DRAIN = 1012
    EXPIRED = 4005
    TOO_SLOW = 4008
    NO_PONG = 4012
    TOO_MANY = 4029
    NOT_AUTHENTICATED = 4500
    REVOKED = 4503
    REPLACED = 4504
    FRAME_TOO_LARGE = 4513


class SignalKind(StrEnum):
    """What a signal asks of every node."""

    CUSTOM = "custom"
    CLOSE = "close"


@dataclass(frozen=True, slots=True)
class CustomSignal:
    """A transient message of the host's to a user's open streams, or with None to everyone's."""

    user_id: UUID | None
    data: object


@dataclass(frozen=True, slots=True)
class CloseSignal:
    """End the open streams of these sessions, None among them standing for those of no session; or every stream.

    A node may come to read this long after it was posted, and sessions of the same user may have begun since. Their
    streams stay, because they are not named.
    """

    user_id: UUID
    session_ids: tuple[UUID | None, ...] | None
    code: int
    reason: str


Signal: TypeAlias = CustomSignal | CloseSignal
