"""Redis for the tests: found or brought.

In this order: TIDINGS_TEST_REDIS_URL; a server on 127.0.0.1:6379 that answers without a password; `redis-server` or
`valkey-server` on the PATH; Debian's package, when root runs the tests there. No wheel carries a server that is
kept up.
"""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.services.run import Run, lock

VARIABLE = "TIDINGS_TEST_REDIS_URL"
_LOCAL = ("127.0.0.1", 6379)
_PROGRAMS = ("redis-server", "valkey-server")
_PATIENCE_S = 30


class NoRedis(Exception):
    """The tests need Redis and could not get it."""


@contextmanager
def server(run: Run) -> Iterator[str]:
    """The URL of a server that may be shared with others: only keys nobody else has may be written."""
    if VARIABLE in os.environ:
        yield os.environ[VARIABLE]
    elif _answers(_LOCAL):
        yield f"redis://{_LOCAL[0]}:{_LOCAL[1]}/0"
    else:
        with _started(_program(run)) as url:
            yield url


def _answers(address: tuple[str, int]) -> bool:
    try:
        with socket.create_connection(address, timeout=2) as connection:
            connection.sendall(b"PING\r\n")
            return connection.recv(5) == b"+PONG"
    except OSError:  # nobody listens
        return False


def _program(run: Run) -> str:
    with lock(run, "redis"):
        path = _on_path() or _from_debian()
    if path is None:
        raise NoRedis(
            f"No Redis for the tests. Install it (Debian: apt-get install redis-server) or name one: {VARIABLE}=redis://…"
        )
    return path


def _on_path() -> str | None:
    return next((path for name in _PROGRAMS if (path := shutil.which(name))), None)


def _from_debian() -> str | None:
    if os.geteuid() != 0 or not Path("/etc/debian_version").exists() or not shutil.which("apt-get"):
        return None
    print("· installing Redis (Debian's package)", file=sys.__stderr__, flush=True)
    quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for command in (["apt-get", "-q", "update"], ["apt-get", "-q", "install", "-y", "redis-server"]):
        subprocess.run(command, env=quiet, capture_output=True, check=False)
    return _on_path()


@contextmanager
def _started(program: str) -> Iterator[str]:
    """A server of this process's own, which keeps nothing."""
    with socket.socket() as probe:
        probe.bind((_LOCAL[0], 0))
        port = int(probe.getsockname()[1])
    options = ["--bind", _LOCAL[0], "--port", str(port), "--save", "", "--appendonly", "no"]
    quiet = subprocess.DEVNULL
    process = subprocess.Popen([program, *options], stdin=quiet, stdout=quiet, stderr=quiet)
    try:
        deadline = time.monotonic() + _PATIENCE_S
        while not _answers((_LOCAL[0], port)):
            if process.poll() is not None or time.monotonic() > deadline:
                raise NoRedis(f"{program} did not start")
            time.sleep(0.02)
        yield f"redis://{_LOCAL[0]}:{port}/0"
    finally:
        process.terminate()
        process.wait(_PATIENCE_S)
