"""M6, M7 and M9: what open streams cost, and how soon they hear. Who listens are people the host knows."""

import json
from datetime import timedelta
from functools import partial
from statistics import mean, quantiles

import jwt

from benchmarks.bench import Bench
from benchmarks.load.http import Load
from benchmarks.load.sockets import Crowd, Heard
from benchmarks.places import Place, on_postgres, sending
from benchmarks.programs import Server, ask, open_files, serving
from benchmarks.results import OURS, Bar, Figure, ratios

API = "/api/v1"
STREAM = f"{API}/notifications/ws"
BROADCAST = "websockets.broadcast"
BURST = 10
_SPARE_FILES = 500
_TOKENS_LIVE = timedelta(hours=23)


async def fan_out(bench: Bench) -> list[Figure]:
    """M6: one message to everybody who listens, and ten at once."""
    reference = serving(bench.folder, "benchmarks.references.broadcast", "{port}", ready="/send")
    async with on_postgres(bench, "m6") as place:
        tokens = await _tokens(place, await place.people(bench.sizes.fan_out))
        async with place.serving() as server, reference as broadcast:
            body = json.dumps({"all": True, "data": {"text": "x" * 100}})
            send = Load(port=server.port, path=f"{API}/streams/send", method="POST", headers=place.with_key, body=body)
            ours = _crowd(server, STREAM, tokens, greeting=1, trigger=send)
            theirs = _crowd(broadcast, "/", tokens, trigger=Load(port=broadcast.port, path="/send"))
            sides = {OURS: ours, BROADCAST: theirs}
            return [await _fan_out_of(bench, sides, burst) for burst in (1, BURST)]


async def idle(bench: Bench) -> list[Figure]:
    """M7: the memory that open and silent streams take."""
    async with on_postgres(bench, "m7") as place:
        tokens = await _tokens(place, await place.people(min(bench.sizes.idle, open_files() - _SPARE_FILES)))

        async def measure() -> Heard:
            async with place.serving() as server:  # a fresh one: what a process once took it does not give back
                return await _heard(_crowd(server, STREAM, tokens, greeting=1))

        found = (await bench.rounds("M7", {OURS: measure}))[OURS]
    each = [(heard.memory_after_kib - heard.memory_before_kib) / heard.sockets for heard in found]
    sockets = Bar(text="sockets in one process", rounds=[float(heard.sockets) for heard in found], at_least=10_000)
    return [
        Figure(
            key="M7",
            name=f"memory of an idle socket, {len(tokens):,} open in one process",
            unit=" KiB",
            sides={OURS: each},
            bars=[Bar(text="KiB", rounds=each, at_most=40, then=20), sockets],
            notes={"process with all of them, MiB": [heard.memory_after_kib / 1024 for heard in found]},
        )
    ]


async def latency(bench: Bench) -> list[Figure]:
    """M9: from a call to its frame, at a steady pace."""
    async with on_postgres(bench, "m9") as place:
        names = await place.people(bench.sizes.per_second)
        tokens = await _tokens(place, names)

        async def measure() -> Heard:
            async with place.serving() as server:
                crowd = _crowd(server, STREAM, tokens, greeting=1)
                crowd.paced = bench.load(server.port, f"{API}/notifications", headers=place.with_key, **sending(names))
                crowd.per_second, crowd.seconds = bench.sizes.per_second, bench.sizes.seconds
                return await _heard(crowd)

        found = (await bench.rounds("M9", {OURS: measure}))[OURS]
    steps = [quantiles(heard.latencies_ms, n=100) for heard in found]
    slow = [each[98] for each in steps]
    return [
        Figure(
            key="M9",
            name=f"call sent to frame received, {bench.sizes.per_second}/s over HTTP, p99",
            unit=" ms",
            sides={OURS: slow},
            bars=[Bar(text="ms", rounds=slow, at_most=50)],
            notes={
                "p50, ms": [each[49] for each in steps],
                "calls": [heard.sent for heard in found],
                "frames that came": [len(heard.latencies_ms) for heard in found],
            },
        )
    ]


async def _fan_out_of(bench: Bench, sides: dict[str, Crowd], burst: int) -> Figure:
    messages, sockets = max(1, bench.sizes.messages // burst), bench.sizes.fan_out
    for crowd in sides.values():
        crowd.burst, crowd.messages = burst, messages
    found = await bench.rounds("M6", {name: partial(_heard, crowd) for name, crowd in sides.items()})
    frames = messages * burst * sockets
    rates = {
        name: [frames / max(each.fan_out_s - each.triggers_s, 0.01) for each in heard] for name, heard in found.items()
    }
    walls = {name: mean(wall for each in heard for wall in each.wall_s) * 1e3 for name, heard in found.items()}
    return Figure(
        key="M6",
        name=f"{'one message' if burst == 1 else f'bursts of {burst}'} to {sockets:,} sockets, by processor time",
        unit=" frames/s",
        sides=rates,
        bars=[
            Bar(
                text="× websockets.broadcast",
                rounds=ratios(rates[OURS], rates[BROADCAST]),
                at_least=0.9,
                then=1.5 if burst == 1 else 6,
            )
        ],
        notes={"mean time from the first frame to the last, ms": walls},
    )


def _crowd(server: Server, path: str, tokens: list[str], *, greeting: int = 0, trigger: Load | None = None) -> Crowd:
    return Crowd(port=server.port, pid=server.pid, path=path, tokens=tokens, greeting=greeting, trigger=trigger)


async def _heard(crowd: Crowd) -> Heard:
    return await ask("benchmarks.load.sockets", crowd, Heard)


async def _tokens(place: Place, names: list[str]) -> list[str]:
    """What an app gives these people to listen with."""
    secret = await place.signing_secret()
    until = place.tidings.clock.now() + _TOKENS_LIVE
    return [jwt.encode({"sub": name, "aud": "tidings", "exp": until}, secret, "HS256") for name in names]
