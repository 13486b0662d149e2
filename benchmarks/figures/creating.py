"""M1 and M13: notifications created over HTTP, on PostgreSQL and on SQLite, and the first page on SQLite."""

from benchmarks.bench import Bench, answered, rates
from benchmarks.places import on_postgres, on_sqlite, sending
from benchmarks.references import pattern_n
from benchmarks.results import OURS, PATTERN_N, Bar, Figure, ratios

API = "/api/v1"
PATTERN_BODY = (
    '{"user_id":1,"type":1,"options":{"number":"@number@","title":"Number @number@",'
    '"message":"Something happened that you asked to hear of."}}'
)


async def on_a_server_with_postgres(bench: Bench) -> list[Figure]:
    """M1: an app with a key creates; every create is looked for by its dedupe key, planned, and durable."""
    async with on_postgres(bench, "m1") as place:
        pattern_n.create_tables(place.url, pattern_n.USUAL)
        to = await place.people(bench.sizes.users)
        async with place.serving() as server, place.pattern_n() as reference:
            ours = bench.load(server.port, f"{API}/notifications", headers=place.with_key, **sending(to))
            theirs = bench.load(reference.port, "/notifications", method="POST", body=PATTERN_BODY)
            found = await bench.rounds("M1", {OURS: lambda: answered(ours), PATTERN_N: lambda: answered(theirs)})
    values = {name: rates(each) for name, each in found.items()}
    bar = Bar(text="× pattern N", rounds=ratios(values[OURS], values[PATTERN_N]), at_least=8, then=25)
    notes = {f"{name}, ms": {"p50": each[-1].p50_ms, "p99": each[-1].p99_ms} for name, each in found.items()}
    return [Figure(key="M1", name="create over HTTP", unit="/s", sides=values, bars=[bar], notes=notes)]


async def on_a_server_with_sqlite(bench: Bench) -> list[Figure]:
    """M13: the same create on one process with a file, and the first page of somebody who reads there."""
    async with on_sqlite(bench, "m13") as place, place.serving() as server:
        to, reader = await place.people(bench.sizes.users), await place.person("ada")
        await place.fill(reader, 200)
        creating = bench.load(server.port, f"{API}/notifications", headers=place.with_key, **sending(to))
        reading = bench.load(server.port, f"{API}/notifications", headers=reader.headers)
        created = await bench.rounds("M13 create", {OURS: lambda: answered(creating)})
        read = await bench.rounds("M13 first page", {OURS: lambda: answered(reading)})
    creates, pages = rates(created[OURS]), rates(read[OURS])
    return [
        Figure(
            key="M13",
            name="create over HTTP, SQLite",
            unit="/s",
            sides={OURS: creates},
            bars=[Bar(text="a second", rounds=creates, at_least=2_000, then=8_000)],
        ),
        Figure(
            key="M13",
            name="first page over HTTP, SQLite",
            unit="/s",
            sides={OURS: pages},
            bars=[Bar(text="a second", rounds=pages, at_least=3_000, then=8_000)],
        ),
    ]
