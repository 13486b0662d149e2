"""What is written of the figures: ratios by round, bars, the table, the picture."""

from pathlib import Path
from xml.etree import ElementTree as Xml

import pytest

from benchmarks import report
from benchmarks.picture import Curve, draw
from benchmarks.results import OURS, PATTERN_N, Bar, Figure, ratios

MACHINE = {
    "cores": 2,
    "processor": "a processor",
    "memory_gib": 8,
    "system": "Linux",
    "postgresql": "15",
    "fsync": "on",
    "synchronous_commit": "on",
    "shared_buffers": "128MB",
    "python": "3.11",
    "sync_us": 100,
    "load_average": 0.1,
    "generator_per_second": 100_000,
    "commit": "abc",
    "rounds": 3,
    "seconds": 4.0,
}


def figure(key: str = "M1", *, at_least: float = 8) -> Figure:
    sides = {OURS: [900.0, 1_000.0, 400.0], PATTERN_N: [100.0, 100.0, 50.0]}
    bar = Bar(text="× pattern N", rounds=ratios(sides[OURS], sides[PATTERN_N]), at_least=at_least)
    return Figure(key=key, name="create", unit="/s", sides=sides, bars=[bar])


def test_a_ratio_compares_what_was_measured_in_the_same_round() -> None:
    assert ratios([900.0, 1_000.0, 400.0], [100.0, 100.0, 50.0]) == [9, 10, 8]


@pytest.mark.parametrize(
    ("at_least", "at_most", "is_met"),
    [(9, None, True), (9.1, None, False), (None, 9, True), (None, 8.9, False)],
)
def test_a_bar_is_met_by_the_median(at_least: float | None, at_most: float | None, is_met: bool) -> None:
    assert Bar(text="", rounds=[9, 100, 1], at_least=at_least, at_most=at_most).is_met is is_met


def test_a_later_run_replaces_its_own_figures_and_keeps_the_others(tmp_path: Path) -> None:
    out = tmp_path / "build" / "bench.json"
    report.keep(out, MACHINE, [figure("M10").as_json(), figure("M2").as_json()])
    report.keep(out, MACHINE | {"commit": "def"}, [figure("M2").as_json()])
    kept = [(each["key"], each["machine"]["commit"]) for each in report.read(out)["figures"]]
    assert kept == [("M2", "def"), ("M10", "abc")]


def test_the_page_is_rewritten_between_its_markers_alone(tmp_path: Path) -> None:
    page = tmp_path / "performance.md"
    page.write_text(
        "Before.\n<!-- table -->\nold\n<!-- end of table -->\nBetween.\n"
        "<!-- machine -->\nold\n<!-- end of machine -->\nAfter.\n"
    )
    report.write_page(report.merged({"figures": []}, MACHINE, [figure(at_least=10).as_json()]), tmp_path)
    text = page.read_text()
    assert "| M1 | create | 900/s | pattern N: 100/s | ≥ 10 × pattern N | 9 (8–10) | **missed** |" in text
    assert [line for line in ("Before.", "Between.", "After.", "old") if line in text] == [
        "Before.",
        "Between.",
        "After.",
    ]
    assert "commit abc" in text


def test_a_picture_has_a_line_and_a_label_for_each_curve() -> None:
    curves = [Curve("Tidings", "ours", [1.0, 1.1, 1.2]), Curve("pattern N", "theirs dashed", [1.0, 10.0, 100.0])]
    drawn = Xml.fromstring(draw([1_000, 10_000, 100_000], {"A page": curves}))  # noqa: S314 - our own
    svg = "{http://www.w3.org/2000/svg}"
    assert len(drawn.findall(f"{svg}path")) == 2
    assert {"Tidings", "pattern N", "100 K"} <= {text.text for text in drawn.findall(f"{svg}text")}
    flat, steep = ([float(y) for y in path.get("d", "").split(" ")[1::2]] for path in drawn.findall(f"{svg}path"))
    assert max(flat) - min(flat) < max(steep) - min(steep)
