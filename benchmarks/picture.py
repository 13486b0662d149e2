"""The growth curves as a picture: two panels with both axes in steps of ten, readable on light and dark pages."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 900, 380
_LEFT, _TOP, _PANEL_W, _PANEL_H, _GAP = 62, 62, 250, 250, 190
_STYLE = """
text { font: 13px system-ui, sans-serif; fill: #24292f } .title { font-weight: 600; font-size: 15px }
.small { font-size: 12px; fill: #57606a } .grid { stroke: #d0d7de; stroke-width: 1 }
path { fill: none; stroke-width: 2.5; stroke-linejoin: round } .ours { stroke: #0969da } .theirs { stroke: #bc4c00 }
.dashed { stroke-dasharray: 6 5 } .dotted { stroke-dasharray: 2 4 } text.ours { fill: #0969da; stroke: none }
text.theirs { fill: #bc4c00; stroke: none }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 } .small { fill: #9198a1 } .grid { stroke: #3d444d } .ours { stroke: #4493f8 }
  .theirs { stroke: #f0883e } text.ours { fill: #4493f8 } text.theirs { fill: #f0883e }
}"""


@dataclass(frozen=True, slots=True)
class Curve:
    """One line: where it is drawn, how, and its milliseconds for each number of rows."""

    label: str
    style: str
    values: Sequence[float]


@dataclass(frozen=True, slots=True)
class Axes:
    """From numbers to places on the picture, both by their logarithm."""

    left: float
    rows: Sequence[int]
    low: int
    high: int

    def x(self, rows: float) -> float:
        """Where a number of rows stands."""
        first, last = math.log10(self.rows[0]), math.log10(self.rows[-1])
        return self.left + _PANEL_W * (math.log10(rows) - first) / max(last - first, 1e-9)

    def y(self, ms: float) -> float:
        """Where a time stands."""
        return _TOP + _PANEL_H * (self.high - math.log10(ms)) / (self.high - self.low)


def draw(rows: Sequence[int], panels: Mapping[str, Sequence[Curve]]) -> str:
    """The picture as SVG."""
    values = [value for curves in panels.values() for curve in curves for value in curve.values]
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    parts = [
        _panel(Axes(_LEFT + number * (_PANEL_W + _GAP), rows, low, max(high, low + 1)), title, curves)
        for number, (title, curves) in enumerate(panels.items())
    ]
    label = "Time of one request by the number of rows in the database"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{label}">'
        f"<style>{_STYLE}</style>{''.join(parts)}</svg>\n"
    )


def _panel(axes: Axes, title: str, curves: Sequence[Curve]) -> str:
    grid = [_line_across(axes, exponent) for exponent in range(axes.low, axes.high + 1)]
    ticks = [_text(axes.x(rows), _TOP + _PANEL_H + 20, _short(rows), "small", "middle") for rows in axes.rows]
    return "".join(
        [
            _text(axes.left, _TOP - 30, title, "title"),
            _text(axes.left, _TOP - 12, "ms for one request, by rows in the database", "small"),
            *grid,
            *ticks,
            *(_path(axes, curve) for curve in curves),
            *_labels(axes, curves),
        ]
    )


def _line_across(axes: Axes, exponent: int) -> str:
    y = axes.y(10.0**exponent)
    across = f'<line class="grid" x1="{axes.left}" x2="{axes.left + _PANEL_W}" y1="{y:.1f}" y2="{y:.1f}"/>'
    return across + _text(axes.left - 8, y + 4, f"{10.0**exponent:g}", "small", "end")


def _path(axes: Axes, curve: Curve) -> str:
    points = " L".join(
        f"{axes.x(rows):.1f} {axes.y(value):.1f}" for rows, value in zip(axes.rows, curve.values, strict=True)
    )
    return f'<path class="{curve.style}" d="M{points}"/>'


def _labels(axes: Axes, curves: Sequence[Curve]) -> list[str]:
    """A label at the end of each line, kept apart from its neighbours."""
    labels: list[str] = []
    lowest = -math.inf
    for curve in sorted(curves, key=lambda each: axes.y(each.values[-1])):
        lowest = max(axes.y(curve.values[-1]) + 4, lowest + 16)
        labels.append(_text(axes.left + _PANEL_W + 8, lowest, curve.label, curve.style.split()[0]))
    return labels


def _text(x: float, y: float, text: str, style: str, anchor: str = "start") -> str:
    return f'<text class="{style}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'


def _short(rows: int) -> str:
    for size, unit in ((1_000_000, "M"), (1_000, "K")):
        if rows >= size:
            return f"{rows / size:g} {unit}"
    return str(rows)
