"""What `notify()` must know besides its arguments, bound to the engine by the composition root."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tidings.kernel.clock import Clock
from tidings.notifications.types import Channel, TypeRegistry
from tidings.realtime.doorbell import Chime


@dataclass(frozen=True, slots=True)
class Rules:
    """The declared types, the channels that have a sender, the clock, and whom to ring after a commit."""

    types: TypeRegistry
    channels_set_up: frozenset[Channel]
    clock: Clock
    ring: Callable[[Sequence[Chime]], None]
