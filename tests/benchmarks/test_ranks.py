"""The rank test: sides that are equal pass, sides that are not do not, however the times are shaped."""

import random

import pytest

from benchmarks.ranks import chance


def differences(pairs: int, *, shift: float = 0.0) -> list[float]:
    """Of times as a busy machine makes them: mostly alike, now and then very late."""
    dice = random.Random(7)

    def late() -> float:
        return dice.expovariate(1) + (50.0 if dice.random() < 0.02 else 0.0)

    return [late() + shift - late() for _ in range(pairs)]


def test_equal_sides_are_told_apart_by_chance_alone() -> None:
    assert chance(differences(500)) > 0.05


def test_a_side_that_is_a_little_later_is_found_among_late_ones() -> None:
    assert chance(differences(500, shift=0.3)) < 0.001


def test_it_does_not_matter_which_side_is_later() -> None:
    later = differences(500, shift=0.1)
    assert chance(later) == pytest.approx(chance([-each for each in later]))


def test_a_known_value() -> None:
    """Ranks 1 to 10, of which those of -1 and -2 are on the other side: W = 52, so z = 24.5 / √96.25."""
    assert chance([-1.0, -2.0, *map(float, range(3, 11))]) == pytest.approx(0.01251, abs=1e-4)


@pytest.mark.parametrize("same", [[], [0.0, 0.0]])
def test_without_a_difference_nothing_is_found(same: list[float]) -> None:
    assert chance(same) == 1
