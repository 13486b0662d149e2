"""What a run found: figures, the bars they are held to, and both as JSON."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any

OURS = "Tidings"
PATTERN_N = "pattern N"
LIMIT = "limit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A number of each round, and what its median must reach; `then` is where to go next."""

    text: str
    rounds: Sequence[float]
    at_least: float | None = None
    at_most: float | None = None
    then: float | None = None

    @property
    def reached(self) -> float:
        return median(self.rounds)

    @property
    def is_met(self) -> bool:
        """Whether the median is on the right side, the bar itself included."""
        low_enough = self.at_most is None or self.reached <= self.at_most
        return low_enough and (self.at_least is None or self.reached >= self.at_least)

    @property
    def wanted(self) -> str:
        return f"≥ {self.at_least:g}" if self.at_least is not None else f"≤ {self.at_most:g}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One thing measured: a value a round for each side that was measured, ours first."""

    key: str
    name: str
    unit: str
    sides: Mapping[str, Sequence[float]]
    bars: Sequence[Bar] = ()
    notes: Mapping[str, Any] = field(default_factory=dict)  # Any: JSON, for whoever looks closer

    def as_json(self) -> dict[str, Any]:
        """The figure with its medians, ready for JSON."""
        return {
            "key": self.key,
            "name": self.name,
            "unit": self.unit,
            "sides": {name: {"median": median(values), "rounds": list(values)} for name, values in self.sides.items()},
            "bars": [
                {
                    "text": bar.text,
                    "wanted": bar.wanted,
                    "then": bar.then,
                    "reached": bar.reached,
                    "rounds": list(bar.rounds),
                    "is_met": bar.is_met,
                }
                for bar in self.bars
            ],
            "notes": dict(self.notes),
        }


def ratios(ours: Sequence[float], reference: Sequence[float]) -> list[float]:
    """Ours divided by the reference, round by round: what stays comparable while a machine drifts."""
    return [mine / theirs for mine, theirs in zip(ours, reference, strict=True)]
