"""One run of the benchmarks: its sizes, the servers it starts, and what it says meanwhile."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.status import Status

from benchmarks import programs
from benchmarks.load.http import Answered, Load
from benchmarks.rounds import Found, interleaved
from benchmarks.sizes import Sizes
from tests.services.run import Run


@dataclass(frozen=True, slots=True)
class Bench:
    """What every figure is given. `folder` is the run's own and gone afterwards."""

    sizes: Sizes
    run: Run
    folder: Path
    console: Console
    status: Status

    def say(self, text: str) -> None:
        """Show what is being done now."""
        self.status.update(text)

    async def rounds(self, name: str, sides: Mapping[str, Callable[[], Awaitable[Found]]]) -> dict[str, list[Found]]:
        """Measure every side in turn, as often as this run wants."""
        return await interleaved(self.sizes.rounds, sides, lambda text: self.say(f"{name} · {text}"))

    def load(self, port: int, path: str, **more: object) -> Load:
        """A load of this run's usual size."""
        usual = {"clients": self.sizes.clients, "seconds": self.sizes.seconds, "warm_up_s": self.sizes.warm_up_s}
        return Load(**{"port": port, "path": path, **usual, **more})  # type: ignore[arg-type]  # checked by msgspec


async def answered(load: Load) -> Answered:
    """Send a load from a process of its own."""
    return await programs.ask("benchmarks.load.http", load, Answered)


def rates(found: Sequence[Answered]) -> list[float]:
    """Answers a second, round by round."""
    return [each.per_second for each in found]
