"""M4 and M5: what somebody with a long history asks for, and how the cost grows with that history."""

import json
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from typing import Any

import msgspec

from benchmarks.bench import Bench, answered, rates
from benchmarks.history import PATTERN_N_READER, History
from benchmarks.history import with_history as history_of
from benchmarks.load.http import Load
from benchmarks.places import Person
from benchmarks.programs import Server
from benchmarks.references import pattern_n
from benchmarks.results import OURS, PATTERN_N, Bar, Figure, ratios

LIST = "/api/v1/notifications"
PAGE = 20
SMALL = 1_000
DEEPEST, ALMOST_EMPTY = f"{OURS}, deepest page", f"{OURS}, almost empty database"
INDEXED, DEEPEST_N = f"{PATTERN_N} with an index", f"{PATTERN_N}, deepest page"
Loads = Mapping[str, Load]


@dataclass(frozen=True, slots=True)
class Readers:
    """Servers on one history, and what asks them for one reader's pages."""

    bench: Bench
    history: History
    ours: Server
    usual: Server
    indexed: Server

    async def pages(self) -> dict[str, Load]:
        """The first page and the deepest, of each."""
        last = max(1, self.history.readers_rows // PAGE)
        deepest = f"{LIST}?cursor={await _cursor_after_page(self.ours, self.history.reader, last - 1)}"
        n, query = self.bench.load, f"/notifications?user_id={PATTERN_N_READER}&num_records={PAGE}&page_number="
        return {
            OURS: n(self.ours.port, LIST, headers=self.history.reader.headers),
            DEEPEST: n(self.ours.port, deepest, headers=self.history.reader.headers),
            PATTERN_N: n(self.usual.port, f"{query}1"),
            DEEPEST_N: n(self.usual.port, f"{query}{last}"),
            INDEXED: n(self.indexed.port, f"{query}1"),
        }

    def counts(self) -> dict[str, Load]:
        """The counters of each."""
        return {
            OURS: self.bench.load(self.ours.port, f"{LIST}/count", headers=self.history.reader.headers),
            PATTERN_N: self.bench.load(self.usual.port, f"/notifications/number?user_id={PATTERN_N_READER}"),
        }


async def with_history(bench: Bench) -> list[Figure]:
    """The figures at full size, after the curve has been followed there."""
    async with history_of(bench, "large", bench.sizes.rows) as large, AsyncExitStack() as stack:
        servers = [large.place.serving(), large.place.pattern_n(), large.place.pattern_n(pattern_n.INDEXED)]
        readers = Readers(bench, large, *[await stack.enter_async_context(each) for each in servers])
        growth = await _growth(readers)
        return await _beside_an_almost_empty_one(readers, growth)


async def _growth(readers: Readers) -> dict[str, Any]:  # Any: JSON
    """How long one request takes, by the number of rows: a client alone, its median in the quietest round."""
    bench, sizes = readers.bench, readers.bench.sizes
    curves: dict[str, list[float]] = {}
    for rows in sizes.growth:
        bench.say(f"{rows:,} rows")
        await readers.history.grow(rows)
        asked = {f"{name}: page": load for name, load in (await readers.pages()).items()}
        asked |= {f"{name}: count": load for name, load in readers.counts().items()}
        alone = {
            name: msgspec.structs.replace(load, clients=1, seconds=sizes.seconds / 3) for name, load in asked.items()
        }
        found = await bench.rounds(f"{rows:,} rows", _all(alone))
        for name, answers in found.items():
            curves.setdefault(name, []).append(min(each.p50_ms for each in answers))
    return {"rows": list(sizes.growth), "curves_ms": curves}


async def _beside_an_almost_empty_one(readers: Readers, growth: dict[str, Any]) -> list[Figure]:
    bench = readers.bench
    async with history_of(bench, "small", SMALL) as small, small.place.serving() as server:
        await small.grow(min(SMALL, bench.sizes.smallest))
        almost_empty = bench.load(server.port, LIST, headers=small.reader.headers)
        counted = bench.load(server.port, f"{LIST}/count", headers=small.reader.headers)
        pages = await bench.rounds("M4", _all({**await readers.pages(), ALMOST_EMPTY: almost_empty}))
        counts = await bench.rounds("M5", _all({**readers.counts(), ALMOST_EMPTY: counted}))
    page, count = {name: rates(each) for name, each in pages.items()}, {n: rates(each) for n, each in counts.items()}
    of = f"user with {readers.history.readers_rows:,} of {readers.history.rows:,} rows"
    return [
        Figure(
            key="M4",
            name=f"first page over HTTP, {of}",
            unit="/s",
            sides=page,
            bars=[
                Bar(text="× pattern N", rounds=ratios(page[OURS], page[PATTERN_N]), at_least=60, then=200),
                Bar(text="× pattern N with an index", rounds=ratios(page[OURS], page[INDEXED]), at_least=4, then=12),
                Bar(
                    text="× the time on an almost empty database",
                    rounds=ratios(page[ALMOST_EMPTY], page[OURS]),
                    at_most=1.2,
                ),
                Bar(
                    text="× the time of the first page, for the deepest",
                    rounds=ratios(page[OURS], page[DEEPEST]),
                    at_most=1.2,
                ),
            ],
            notes={"growth": growth},
        ),
        Figure(
            key="M5",
            name=f"counters over HTTP, {of}",
            unit="/s",
            sides=count,
            bars=[
                Bar(text="× pattern N", rounds=ratios(count[OURS], count[PATTERN_N]), at_least=5, then=15),
                Bar(
                    text="× the time on an almost empty database",
                    rounds=ratios(count[ALMOST_EMPTY], count[OURS]),
                    at_most=1.2,
                ),
            ],
        ),
    ]


async def _cursor_after_page(server: Server, reader: Person, page: int) -> str:
    status, body = await server.call("GET", f"{LIST}?page={max(page, 1)}&page_size={PAGE}", reader.headers)
    assert status == 200, body
    return str(json.loads(body)["next_cursor"])


def _all(loads: Loads) -> dict[str, Callable[[], Any]]:
    return {name: partial(answered, load) for name, load in loads.items()}
