"""M15 and M16: sign-ins with a password, one after another and as a flood."""

from collections.abc import Sequence
from statistics import quantiles

import msgspec
from argon2 import extract_parameters

from benchmarks.bench import Bench, answered
from benchmarks.load.flood import Flood, Flooded
from benchmarks.load.http import TO
from benchmarks.load.processes import cpu_s
from benchmarks.places import Place, on_postgres
from benchmarks.programs import Server, ask
from benchmarks.references.hashing import Hashing, Verified
from benchmarks.results import LIMIT, OURS, Bar, Figure, ratios
from benchmarks.strangers import AUTH, PASSWORD, accounts, of_our_own_pages, signing_in
from tidings.accounts.passwords import PERMITS, hash_password

CALM = "with nobody signing in"
JSON = {"Content-Type": "application/json"}
_LOOK_EVERY_S = 0.01


async def with_a_password(bench: Bench) -> list[Figure]:
    """Both figures on one database; the second on a server of its own each round, whose memory is fresh."""
    sizes = bench.sizes
    async with on_postgres(bench, "m15") as place:
        people = await accounts(place, max(sizes.sign_ins * sizes.rounds, sizes.flood))
        stored = await hash_password(PASSWORD)
        each = await _one_after_another(bench, place, people, stored)
        return [each, *await _as_a_flood(bench, place, people, stored)]


async def _one_after_another(bench: Bench, place: Place, people: Sequence[str], stored: str) -> Figure:
    sizes = bench.sizes
    hashing = Hashing(stored=stored, password=PASSWORD, seconds=sizes.seconds)
    async with place.serving() as server:
        rounds = iter(range(sizes.rounds))
        found = await bench.rounds(
            "M15",
            {
                OURS: lambda: _per_core(bench, server, people[next(rounds) * sizes.sign_ins :][: sizes.sign_ins]),
                LIMIT: lambda: _bare(hashing),
            },
        )
    bar = Bar(text="× limit", rounds=ratios(found[OURS], found[LIMIT]), at_least=0.6, then=0.8)
    return Figure(key="M15", name="sign-ins over HTTP, by processor time", unit="/s", sides=found, bars=[bar])


async def _per_core(bench: Bench, server: Server, people: Sequence[str]) -> float:
    """Sign-ins for a second of the server's processor time."""
    load = bench.load(
        server.port,
        f"{AUTH}/login",
        method="POST",
        headers=of_our_own_pages(server),
        body=signing_in([TO], PASSWORD)[0],
        to=list(people),
        warm_up_s=0.0,
    )
    used = cpu_s(server.pid)
    found = await answered(load)
    # Each client's last answer came when the time was over: it was not counted, but computed.
    return (found.count + load.clients) / (cpu_s(server.pid) - used)


async def _bare(hashing: Hashing) -> float:
    return (await ask("benchmarks.references.hashing", hashing, Verified)).per_core


async def _as_a_flood(bench: Bench, place: Place, people: Sequence[str], stored: str) -> list[Figure]:
    """Half of a wave are right, the other half are names that nobody has: hashing costs the same for both."""
    right = signing_in(people, PASSWORD)
    unknown = signing_in([name.replace("account", "unknown") for name in people], PASSWORD)
    bodies = [body for pair in zip(right, unknown, strict=True) for body in pair]
    both = (await bench.rounds("M16", {OURS: lambda: _calm_and_flooded(bench, place, bodies)}))[OURS]
    calm, flooded = zip(*both, strict=True)
    return _flooded(flooded, calm, bench.sizes.flood, extract_parameters(stored).memory_cost / 1024)


async def _calm_and_flooded(bench: Bench, place: Place, bodies: list[str]) -> tuple[Flooded, Flooded]:
    """The same server, first with nobody signing in."""
    path = f"{AUTH}/login"
    async with place.serving() as server:
        headers = of_our_own_pages(server)
        for body in bodies[:2]:  # whatever the first ones load is not the flood's
            status, said = await server.call("POST", path, {**headers, **JSON}, body.encode())
            assert status in {200, 401}, said
        flood = Flood(
            port=server.port,
            pid=server.pid,
            path=path,
            headers={**headers, **JSON},
            bodies=bodies,
            at_once=bench.sizes.flood,
            beside="/livez",
            every_s=_LOOK_EVERY_S,
            seconds=bench.sizes.seconds,
        )
        calm = await ask("benchmarks.load.flood", msgspec.structs.replace(flood, at_once=0), Flooded)
        return calm, await ask("benchmarks.load.flood", flood, Flooded)


def _flooded(flooded: Sequence[Flooded], calm: Sequence[Flooded], at_once: int, hash_mib: float) -> list[Figure]:
    waves = f"waves of {at_once:,} sign-ins at once"
    slow = {name: [quantiles(each.beside_ms, n=100)[98] for each in of] for name, of in ((OURS, flooded), (CALM, calm))}
    grown = [(each.peak_kib - each.idle_kib) / 1024 for each in flooded]
    permitted = [PERMITS * hash_mib] * len(grown)
    hashed = [each.statuses.get(200, 0) + each.statuses.get(401, 0) for each in flooded]
    served = [count / each.seconds for count, each in zip(hashed, flooded, strict=True)]
    polite = [
        (count + each.told_when) / sum(each.statuses.values()) for count, each in zip(hashed, flooded, strict=True)
    ]
    return [
        Figure(
            key="M16",
            name=f"{waves}: answered 200 or 401",
            unit="/s",
            sides={OURS: served},
            bars=[Bar(text="of all answered so, or sent away with Retry-After", rounds=polite, at_least=1)],
            notes={"answers by status": [each.statuses for each in flooded]},
        ),
        Figure(
            key="M16",
            name=f"{waves}: another request meanwhile, p99",
            unit=" ms",
            sides=slow,
            bars=[Bar(text="ms", rounds=slow[OURS], at_most=500)],
        ),
        Figure(
            key="M16",
            name=f"{waves}: memory above idle, at most",
            unit=" MiB",
            sides={OURS: grown, f"{PERMITS} permits × {hash_mib:g} MiB": permitted},
            bars=[Bar(text="× permits × m", rounds=ratios(grown, permitted), at_most=1.5)],
        ),
    ]
