"""M17: whether a stranger can tell by the time of an answer who has an account here."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from benchmarks.bench import Bench
from benchmarks.load.pairs import Pairs, Taken
from benchmarks.places import on_postgres
from benchmarks.programs import Server, ask
from benchmarks.ranks import chance
from benchmarks.results import Bar, Figure
from benchmarks.strangers import (
    AUTH,
    WRONG,
    accounts,
    asking_for_a_reset,
    of_our_own_pages,
    open_sign_up,
    signing_in,
    signing_up,
)

KNOWN, UNKNOWN = "known", "unknown"
_WARM_UP = 5


@dataclass(frozen=True, slots=True)
class Question:
    """What is posted where about names that somebody has, and about as many that nobody has."""

    path: str
    status: int
    known: list[str]
    unknown: list[str]


async def by_time(bench: Bench) -> list[Figure]:
    """Each round asks about other people, so that no counter of an earlier one stands in the way."""
    sizes = bench.sizes
    pairs = sizes.pairs + _WARM_UP
    async with on_postgres(bench, "m17") as place:
        await open_sign_up(place)
        people = await accounts(place, pairs * sizes.rounds)
        async with place.serving() as server:
            found: dict[str, list[Taken]] = {}
            for number in range(sizes.rounds):
                known = people[number * pairs :][:pairs]
                for name, question in _questions(known, number).items():
                    bench.say(f"M17 · round {number + 1} of {sizes.rounds}: {name}")
                    found.setdefault(name, []).append(await _ask(server, question))
    return [_figure(name, taken, sizes.pairs) for name, taken in found.items()]


def _questions(known: Sequence[str], number: int) -> dict[str, Question]:
    unknown = [name.replace("account", "unknown") for name in known]
    return {
        "sign-in": Question(f"{AUTH}/login", 401, signing_in(known, WRONG), signing_in(unknown, WRONG)),
        "asking for a new password": Question(
            f"{AUTH}/password-reset/request", 202, asking_for_a_reset(known), asking_for_a_reset(unknown)
        ),
        "sign-up": Question(
            f"{AUTH}/sign-up", 202, signing_up(known, f"one.{number}"), signing_up(unknown, f"two.{number}")
        ),
    }


async def _ask(server: Server, question: Question) -> Taken:
    pairs = Pairs(
        port=server.port,
        path=question.path,
        headers=of_our_own_pages(server),
        status=question.status,
        one=question.known,
        other=question.unknown,
        warm_up=_WARM_UP,
    )
    return await ask("benchmarks.load.pairs", pairs, Taken)


def _figure(name: str, taken: Sequence[Taken], pairs: int) -> Figure:
    apart = [abs(median(each.differences)) for each in taken]
    return Figure(
        key="M17",
        name=f"{name}, of a known and an unknown name, {pairs:,} pairs",
        unit=" ms",
        sides={KNOWN: [median(each.one) for each in taken], UNKNOWN: [median(each.other) for each in taken]},
        bars=[
            Bar(text="p of so much by chance", rounds=[chance(each.differences) for each in taken], at_least=0.001),
            Bar(text="ms apart, median of the pairs", rounds=apart, at_most=1),
        ],
    )
