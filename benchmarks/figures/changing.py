"""M14: many entries marked as read by one request, and statistics over a long inbox."""

import time

from benchmarks.bench import Bench, answered
from benchmarks.history import with_history
from benchmarks.results import OURS, Bar, Figure

LIST = "/api/v1/notifications"


async def many_at_once(bench: Bench) -> list[Figure]:
    """Somebody who never read anything reads all of it, each round somebody else; another asks for numbers."""
    sizes = bench.sizes
    async with with_history(bench, "m14", sizes.smallest) as history, history.place.serving() as server:
        readers = [await history.place.person(f"reader{number}") for number in range(sizes.rounds + 1)]
        for reader in readers:
            await history.give(reader, sizes.marked)
        collector, owned = await history.place.person("grace"), sizes.rows // 5
        await history.give(collector, owned)
        waiting = iter(readers)

        async def read_all() -> float:
            headers = next(waiting).headers | {"Origin": f"http://127.0.0.1:{server.port}"}
            began = time.perf_counter()
            status, body = await server.call("POST", f"{LIST}/read-all", headers)
            took = (time.perf_counter() - began) * 1e3
            assert status == 200, body
            assert b'"affected_count":%d,' % sizes.marked in body, body
            return took

        async def summarize() -> float:
            return (await answered(asked)).p50_ms

        asked = bench.load(server.port, f"{LIST}/stats/summary", headers=collector.headers, clients=1)
        await read_all()  # the first one does not count
        marked = (await bench.rounds("M14 mark as read", {OURS: read_all}))[OURS]
        summarized = (await bench.rounds("M14 statistics", {OURS: summarize}))[OURS]
    return [
        _figure(f"mark {sizes.marked:,} entries as read", marked, at_most=150),
        _figure(f"statistics over {owned:,} rows", summarized, at_most=20),
    ]


def _figure(name: str, ms: list[float], *, at_most: float) -> Figure:
    bar = Bar(text="ms", rounds=ms, at_most=at_most)
    return Figure(key="M14", name=name, unit=" ms", sides={OURS: ms}, bars=[bar])
