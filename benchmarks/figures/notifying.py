"""M2 and M3: `notify()` in the caller's own process and transaction."""

from collections.abc import Mapping
from functools import partial

import asyncpg
import msgspec
from sqlalchemy import select
from sqlalchemy.engine import make_url

from benchmarks.bench import Bench
from benchmarks.loops import Came, Loop
from benchmarks.places import Place, on_postgres
from benchmarks.programs import ask
from benchmarks.references import limit, pattern_n
from benchmarks.results import LIMIT, OURS, PATTERN_N, Bar, Figure, ratios
from tidings.accounts.models import User


async def to_one(bench: Bench) -> list[Figure]:
    """M2: one call to one person, durable before the next."""
    senders = {OURS: "tidings", PATTERN_N: "pattern_n", LIMIT: "limit"}
    found = await _measured(bench, "M2", bench.sizes.users, senders, at_once=1)
    values = {name: [each.per_second for each in came] for name, came in found.items()}
    return [
        Figure(
            key="M2",
            name="one notify() with its own commit, one caller",
            unit="/s",
            sides=values,
            bars=[
                Bar(text="× pattern N", rounds=ratios(values[OURS], values[PATTERN_N]), at_least=3),
                Bar(text="× limit", rounds=ratios(values[OURS], values[LIMIT]), at_least=0.45, then=0.7),
            ],
        )
    ]


async def to_many(bench: Bench) -> list[Figure]:
    """M3: one call to many people."""
    many = bench.sizes.many
    found = await _measured(bench, "M3", many, {OURS: "tidings", LIMIT: "limit"}, at_once=many)
    values = {name: [each.per_second * many for each in came] for name, came in found.items()}
    return [
        Figure(
            key="M3",
            name=f"one call to {many:,} people",
            unit=" rows/s",
            sides=values,
            bars=[Bar(text="× limit", rounds=ratios(values[OURS], values[LIMIT]), at_least=0.5, then=0.8)],
        )
    ]


async def _measured(
    bench: Bench, key: str, people: int, senders: Mapping[str, str], *, at_once: int
) -> dict[str, list[Came]]:
    sizes = bench.sizes
    async with on_postgres(bench, key.lower()) as place:
        await place.people(people)
        await _make_references(place)
        loop = Loop(
            url=place.url,
            to=await _ids(place),
            seconds=sizes.seconds,
            warm_up_s=sizes.warm_up_s,
            at_once=at_once,
        )
        loops = {name: msgspec.structs.replace(loop, sender=sender) for name, sender in senders.items()}
        return await bench.rounds(
            key, {name: partial(ask, "benchmarks.loops", each, Came) for name, each in loops.items()}
        )


async def _make_references(place: Place) -> None:
    pattern_n.create_tables(place.url, pattern_n.USUAL)
    plain = make_url(place.url).set(drivername="postgresql").render_as_string(hide_password=False)
    connection = await asyncpg.connect(plain)
    await connection.execute(limit.TABLES)
    await connection.close()


async def _ids(place: Place) -> list[str]:
    async with place.tidings.database.read() as session:
        return [str(each) for each in await session.scalars(select(User.id).order_by(User.id))]
