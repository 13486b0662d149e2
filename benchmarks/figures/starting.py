"""M12: how soon a server answers after its start, what it takes while idle, and how large the package is."""

import asyncio
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.bench import Bench
from benchmarks.places import on_sqlite
from benchmarks.programs import run
from benchmarks.results import OURS, Bar, Figure

_IDLE_S = 2.0


@dataclass(frozen=True, slots=True)
class Start:
    """One start."""

    seconds: float
    memory_mib: float


async def from_nothing(bench: Bench) -> list[Figure]:
    """A server on a file whose tables exist, asked whether it is ready until it says so."""
    async with on_sqlite(bench, "m12") as place:

        async def measure() -> Start:
            began = time.perf_counter()
            async with place.serving() as server:
                seconds = time.perf_counter() - began
                await asyncio.sleep(_IDLE_S)
                return Start(seconds, server.memory_kib() / 1024)

        starts = (await bench.rounds("M12", {OURS: measure}))[OURS]
    seconds, memory = [each.seconds for each in starts], [each.memory_mib for each in starts]
    size = await _wheel_mib(bench)
    return [
        Figure(
            key="M12",
            name="start to first answer",
            unit=" s",
            sides={OURS: seconds},
            bars=[Bar(text="s", rounds=seconds, at_most=2)],
        ),
        Figure(
            key="M12",
            name="idle memory",
            unit=" MiB",
            sides={OURS: memory},
            bars=[Bar(text="MiB", rounds=memory, at_most=120)],
        ),
        Figure(
            key="M12",
            name="size of the wheel",
            unit=" MiB",
            sides={OURS: [size]},
            bars=[Bar(text="MiB", rounds=[size], at_most=10)],
        ),
    ]


async def _wheel_mib(bench: Bench) -> float:
    bench.say("M12 · building the wheel")
    await run(sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(bench.folder))
    return _only_wheel(bench.folder).stat().st_size / 2**20


def _only_wheel(folder: Path) -> Path:
    (wheel,) = folder.glob("*.whl")
    return wheel
