"""M11: deliveries claimed, sent to a channel that does nothing, and recorded, by one worker."""

from collections.abc import Awaitable, Callable

from benchmarks.bench import Bench
from benchmarks.loops import Came
from benchmarks.places import Place, on_postgres, on_sqlite
from benchmarks.programs import ask
from benchmarks.results import OURS, Bar, Figure
from benchmarks.worker import Outbox

_PATIENCE = 4
"""A worker is given so many times the usual seconds to come to the end of its outbox."""


async def by_one_worker(bench: Bench) -> list[Figure]:
    """The same on both databases."""
    async with on_postgres(bench, "m11") as postgres, on_sqlite(bench, "m11-file") as sqlite:
        found = await bench.rounds("M11", {"PostgreSQL": _working(bench, postgres), "SQLite": _working(bench, sqlite)})
    bars = {"PostgreSQL": 5_000, "SQLite": 3_000}
    return [
        _figure(bench, name, [each.per_second for each in came], at_least=bars[name]) for name, came in found.items()
    ]


def _working(bench: Bench, place: Place) -> Callable[[], Awaitable[Came]]:
    outbox = Outbox(url=place.url, deliveries=bench.sizes.deliveries, seconds=bench.sizes.seconds * _PATIENCE)
    return lambda: ask("benchmarks.worker", outbox, Came)


def _figure(bench: Bench, database: str, values: list[float], *, at_least: float) -> Figure:
    return Figure(
        key="M11",
        name=f"deliveries finished by one worker, {database}",
        unit="/s",
        sides={OURS: values},
        bars=[Bar(text="a second", rounds=values, at_least=at_least, then=20_000)],
        notes={"deliveries": bench.sizes.deliveries},
    )
