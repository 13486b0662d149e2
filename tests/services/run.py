"""One test run: the folder that its processes share, and what happens once in it.

pytest's controller begins and ends the run; its workers find it through the environment.
"""

import fcntl
import os
import secrets
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_VARIABLE = "TIDINGS_TEST_RUN"
_PATIENCE_S = 20


@dataclass(frozen=True)
class Run:
    """A test run. Its folder is readable by everyone, since servers may run as somebody else."""

    folder: Path

    @property
    def name(self) -> str:
        """The controller's process id and a few random characters: safe in a database's name."""
        return self.folder.name.removeprefix("tidings-test-").replace("-", "")

    @property
    def owner(self) -> int:
        return int(self.folder.name.split("-")[2])

    @property
    def stopping(self) -> Path:
        """Exists once services are to stop."""
        return self.folder / "stopping"


def begin() -> Run:
    """Begin a run that belongs to this process."""
    run = Run(Path(tempfile.gettempdir()) / f"tidings-test-{os.getpid()}-{secrets.token_hex(3)}")
    run.folder.mkdir(mode=0o755)
    os.environ[_VARIABLE] = str(run.folder)
    return run


def current() -> Run:
    """Find the run that this process takes part in."""
    return Run(Path(os.environ[_VARIABLE]))


def end(run: Run) -> None:
    """Stop the run's services, wait for them, and remove its folder; repeating it does nothing."""
    if not run.folder.exists():
        return
    run.stopping.touch()
    deadline = time.monotonic() + _PATIENCE_S
    while any(run.folder.glob("*.pid")) and time.monotonic() < deadline:
        time.sleep(0.05)
    shutil.rmtree(run.folder, ignore_errors=True)


@contextmanager
def lock(run: Run, name: str) -> Iterator[None]:
    """Let one process of the run at a time do what `name` says."""
    with (run.folder / f"{name}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
