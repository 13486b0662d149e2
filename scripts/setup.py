"""Bring a checkout up to date: .venv, the locked packages, the web pages, Tidings itself.

Started by `make setup` with any Python ≥ 3.11; uses the standard library alone. Repeating it is quick:
each step is taken again only when the files it depends on have changed.
"""

import fcntl
import hashlib
import importlib.util
import os
import subprocess
import sys
import time
import venv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LOCK = ROOT / "requirements.lock"
PYPROJECT = ROOT / "pyproject.toml"


def main() -> None:
    """Take every step that is due; a failed build of the web pages is reported after the rest is done."""
    os.chdir(ROOT)
    with one_at_a_time():
        if not is_usable(PYTHON):
            make_environment()
        when_changed("packages", [LOCK], install_packages)
        ui = subprocess.run([PYTHON, "scripts/ui.py", "build"], check=False)
        when_changed("tidings", [LOCK, PYPROJECT, ROOT / "hatch_build.py"], install_tidings)
    if ui.returncode:
        sys.exit(ui.returncode)
    say("up to date")


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Hold the checkout, so that `make run` and `make test` started together do not install twice."""
    folder = os.open(ROOT, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def is_usable(python: Path) -> bool:
    """Say whether an environment's Python starts, is new enough and has pip."""
    question = "import sys, pip; sys.exit(sys.version_info < (3, 11))"
    try:
        return subprocess.run([python, "-c", question], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def make_environment() -> None:
    """Make .venv afresh with the Python that runs this script."""
    version = ".".join(map(str, sys.version_info[:3]))
    if importlib.util.find_spec("ensurepip") is None:
        sys.exit(
            f"{sys.executable} ({version}) cannot make virtual environments: it comes without ensurepip.\n"
            "On Debian and Ubuntu: apt-get install python3-venv. Or name another: make setup PYTHON=…"
        )
    say(f".venv with Python {version}")
    venv.create(VENV, clear=True, with_pip=True, symlinks=True)


def install_packages() -> None:
    """Install exactly what the lock file names, each file checked against its hash."""
    total = sum(1 for line in LOCK.read_text().splitlines() if "==" in line)
    pip("packages", total, "-r", str(LOCK), "--require-hashes")


def install_tidings() -> None:
    """Install this checkout itself, editable, with the build tools that .venv already has."""
    pip("tidings", 1, "-e", ".", "--no-deps", "--no-build-isolation")


def when_changed(name: str, files: list[Path], step: Callable[[], None]) -> None:
    """Take a step unless it already succeeded in this .venv with these very files."""
    stamp = VENV / f".{name}.sha256"
    digest = hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()
    if stamp.exists() and stamp.read_text() == digest:
        return
    step()
    stamp.write_text(digest)


def pip(what: str, total: int, *arguments: str) -> None:
    """Run `pip install`, count along while it collects, and end with its words when it fails."""
    started, collected, lines = time.monotonic(), 0, list[str]()
    command = [str(PYTHON), "-m", "pip", "install", "--disable-pip-version-check", "--no-input", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            lines.append(line)
            if line.startswith(("Collecting ", "Requirement already satisfied", "Ignoring ")):
                collected += 1
                show_progress(f"{what} {min(collected, total)}/{total}")
            elif line.startswith("Installing collected"):
                show_progress(f"{what}: installing")
    if process.returncode:
        sys.exit("".join(lines[-30:]) + f"\n{what} could not be installed; pip's last words are above.")
    say(f"{what} installed in {time.monotonic() - started:.0f} s")


def show_progress(text: str) -> None:
    """Rewrite the current line of a terminal; say nothing into a log."""
    if sys.stdout.isatty():
        print(f"\r\033[K· {text}", end="", flush=True)


def say(text: str) -> None:
    """Print one line of what has been done."""
    print(("\r\033[K" if sys.stdout.isatty() else "") + f"· {text}", flush=True)


if __name__ == "__main__":
    main()
