"""The doorbell: a hint, after a commit, that something changed. Losing one costs latency, never data."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Payload:
    """What the stream shows of a ring's changes, as one frame: its event, its body in JSON, the counters after it."""

    event: str
    data: bytes
    unread: int
    unseen: int


@dataclass(frozen=True, slots=True)
class Ring:
    """User `user_id` now has the changes `first` … `last`; with None for a user, the log that all users share has.

    A payload stands for all of them together, so a device at `first` - 1 is at `last` once it has applied it.
    """

    user_id: UUID | None
    first: int
    last: int
    payload: Payload | None = None


@dataclass(frozen=True, slots=True)
class Wake:
    """Something may have changed, unknown what: look at everything."""


@dataclass(frozen=True, slots=True)
class SignalsPosted:
    """The table of signals has new rows."""


@dataclass(frozen=True, slots=True)
class DeliveriesDue:
    """Something in the outbox is due."""


Chime: TypeAlias = Ring | Wake | SignalsPosted | DeliveriesDue
OnChimes: TypeAlias = Callable[[Sequence[Chime]], None]


class Doorbell(Protocol):
    """Carries chimes to every node, this one included."""

    def ring(self, chimes: Sequence[Chime]) -> None:
        """Tell every node; called on the event loop after a commit, it neither waits nor raises.

        This node hears them before the call returns, as they are. Another node may hear a ring without its payload,
        several rings of a user as one, a Wake in place of what was lost, or nothing.
        """

    async def start(self, on_chimes: OnChimes) -> None:
        """Hand every chime to `on_chimes`, on this event loop, until `stop()`."""

    async def stop(self) -> None:
        """Pass on what was rung, within a few seconds, then hear nothing more."""
