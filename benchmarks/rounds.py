"""Rounds: every side in turn, again and again, so that all of them meet the same good and bad minutes."""

from collections.abc import Awaitable, Callable, Mapping
from typing import TypeVar

Found = TypeVar("Found")


async def interleaved(
    rounds: int, sides: Mapping[str, Callable[[], Awaitable[Found]]], say: Callable[[str], None]
) -> dict[str, list[Found]]:
    """What each side came to in each round, in the order of the rounds."""
    found: dict[str, list[Found]] = {name: [] for name in sides}
    for number in range(1, rounds + 1):
        for name, measure in sides.items():
            say(f"round {number} of {rounds}: {name}")
            found[name].append(await measure())
    return found
