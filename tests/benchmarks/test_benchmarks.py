"""Every benchmark runs, at toy sizes, and counts right. How fast it was is not asked here."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks.figures import GROUPS

ROOT = Path(__file__).parents[2]
SECONDS = 600
KEYS = [key for keys, _ in GROUPS for key in keys]
pytestmark = pytest.mark.xdist_group("benchmarks")


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """The figures of a quick run of everything."""
    out = tmp_path_factory.mktemp("benchmarks") / "bench.json"
    done = benchmarks("--quick", "--out", str(out))
    assert done.returncode == 0, done.stdout + done.stderr
    figures: list[dict[str, Any]] = json.loads(out.read_text())["figures"]
    return figures


@pytest.mark.parametrize("key", KEYS)
def test_every_side_is_measured_and_held_to_its_bars(key: str, measured: list[dict[str, Any]]) -> None:
    figures = [figure for figure in measured if figure["key"] == key]
    assert figures
    for figure in figures:
        assert figure["bars"], figure["name"]
        assert all(side["median"] > 0 for side in figure["sides"].values()), figure


def test_every_call_is_heard_of(measured: list[dict[str, Any]]) -> None:
    notes = next(figure["notes"] for figure in measured if figure["key"] == "M9")
    assert notes["frames that came"] == notes["calls"]


def test_a_figure_that_does_not_exist_is_said_so(tmp_path: Path) -> None:
    done = benchmarks("--only", "M99", "--out", str(tmp_path / "bench.json"))
    assert done.returncode == 1
    assert "There is no figure M99." in done.stdout


def benchmarks(*options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "benchmarks", *options]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=SECONDS, check=False)
