import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
LARGEST = 10 * 2**20


def test_the_wheel_carries_all_it_needs_and_stays_small(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path)]
    done = subprocess.run(build, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (wheel,) = tmp_path.glob("*.whl")
    archive = zipfile.ZipFile(wheel)
    names = set(archive.namelist())
    assert names >= {"tidings/py.typed", "tidings/migrations/env.py"}
    assert any(name.startswith("tidings/migrations/versions/") for name in names)
    assert any(name.startswith("tidings/web/static/") and name.endswith(".js") for name in names)
    assert any(name.endswith("licenses/LICENSE") for name in names)
    (sbom,) = (name for name in names if ".dist-info/sboms/" in name)
    assert archive.read(sbom) == (ROOT / "tidings.cdx.json").read_bytes()
    assert {name.split("/")[0].partition("-")[0] for name in names} == {"tidings"}  # no tests, no examples
    assert wheel.stat().st_size <= LARGEST
