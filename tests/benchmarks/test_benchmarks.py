"""Every benchmark runs, at toy sizes, and counts right. How fast it was is not asked here."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from benchmarks.figures import GROUPS

ROOT = Path(__file__).parents[2]
SECONDS = 600
KEYS = [key for keys, _ in GROUPS for key in keys]


def test_every_benchmark_runs_and_counts_right(tmp_path: Path) -> None:
    """One test, so that the run is made once, whichever workers there are."""
    out = tmp_path / "bench.json"
    done = benchmarks("--quick", "--out", str(out))
    assert done.returncode == 0, done.stdout + done.stderr
    figures: list[dict[str, Any]] = json.loads(out.read_text())["figures"]
    assert {figure["key"] for figure in figures} == set(KEYS)
    for figure in figures:
        assert figure["bars"], figure["name"]
        assert all(side["median"] > 0 for side in figure["sides"].values()), figure
    (heard,) = (figure["notes"] for figure in figures if figure["key"] == "M9")
    assert heard["frames that came"] == heard["calls"]


def test_a_figure_that_does_not_exist_is_said_so(tmp_path: Path) -> None:
    done = benchmarks("--only", "M99", "--out", str(tmp_path / "bench.json"))
    assert done.returncode == 1
    assert "There is no figure M99." in done.stdout


def benchmarks(*options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "benchmarks", *options]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=SECONDS, check=False)
