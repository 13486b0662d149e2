"""The doorbell of a single process."""

from collections.abc import Sequence

from tidings.realtime.doorbell import Chime, OnChimes


class MemoryDoorbell:
    """Rings in this process and nowhere else."""

    def __init__(self) -> None:
        self._on_chimes: OnChimes | None = None

    def ring(self, chimes: Sequence[Chime]) -> None:
        """Tell this process."""
        if self._on_chimes is not None:
            self._on_chimes(chimes)

    async def start(self, on_chimes: OnChimes) -> None:
        """Hear what this process rings."""
        self._on_chimes = on_chimes

    async def stop(self) -> None:
        """Hear nothing more."""
        self._on_chimes = None
