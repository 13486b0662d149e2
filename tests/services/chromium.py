"""Chromium for the tests: found or brought, never skipped.

In this order: TIDINGS_TEST_CHROMIUM; one on the PATH; Debian's package, when root runs the tests there;
Playwright's own download. The build without a window comes first: the same engine, for a third of the processor time.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.services.run import Run, lock

VARIABLE = "TIDINGS_TEST_CHROMIUM"
PACKAGES = ("chromium-headless-shell", "chromium")
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
_PLAYWRIGHT = "from playwright.sync_api import sync_playwright as p\nwith p() as q: print(q.chromium.executable_path)"


class NoChromium(Exception):
    """The browser tests need Chromium and could not get it."""


def executable(run: Run) -> str:
    """Find or install Chromium and return its path, to be started with FLAGS; the first to ask installs."""
    known = run.folder / "chromium.path"
    with lock(run, "chromium"):
        if not known.exists():
            known.write_text(os.environ.get(VARIABLE) or _on_path() or _from_debian() or _from_playwright())
    return known.read_text()


def _on_path() -> str | None:
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def _from_debian() -> str | None:
    """Install Debian's package; None where that is not possible, so that the next way is tried."""
    if os.geteuid() != 0 or not Path("/etc/debian_version").exists() or not shutil.which("apt-get"):
        return None
    _say("installing Chromium (Debian's package)")
    quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for command in ("update", *(f"install -y {package}" for package in PACKAGES)):
        done = subprocess.run(
            ["apt-get", "-q", *command.split()], env=quiet, capture_output=True, text=True, check=False
        )
        if done.returncode:
            _say(f"apt-get {command} failed: {done.stderr.strip()[-300:]}")
        elif found := _on_path():
            return found
    return None


def _from_playwright() -> str:
    _say("installing Chromium (Playwright's download)")
    install = [sys.executable, "-m", "playwright", "install", "chromium"]
    installed = subprocess.run(install, capture_output=True, text=True, check=False)
    path = subprocess.run([sys.executable, "-c", _PLAYWRIGHT], capture_output=True, text=True, check=False)
    if installed.returncode or path.returncode:
        raise NoChromium(
            "No Chromium for the browser tests. Install it (Debian: apt-get install chromium) or name it: "
            f"{VARIABLE}=/path/to/chromium. Playwright could not download it: "
            f"{(installed.stderr + path.stderr).strip()[-500:]}"
        )
    return path.stdout.strip()


def _say(text: str) -> None:
    """Speak past pytest's capture: this can take a minute."""
    print(f"· {text}", file=sys.__stderr__, flush=True)
