"""Servers for tests: a real uvicorn in this process, and a program of its own that may be killed."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import httpx
from starlette.types import ASGIApp

from tests.devices import Device, EventStreamDevice, WebSocketDevice, cookie_of
from tests.world import API, Person
from tidings import Tidings
from tidings.cli.serving import DrainingServer, server_config

PATIENCE_S = 60.0


class _Server(DrainingServer):
    """Leaves the signals of the test's process alone."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class Live:
    """A Tidings that listens on a loopback port, and the devices connected to it."""

    def __init__(self, tidings: Tidings, port: int, server: _Server) -> None:
        self.tidings = tidings
        self.origin = f"http://127.0.0.1:{port}"
        self.url = self.origin + API
        self._server = server
        self._devices: list[Device] = []

    async def websocket(
        self, person: Person | None = None, *, headers: Mapping[str, str] | None = None, **query: str
    ) -> WebSocketDevice:
        """Open a WebSocket: as a person's browser does on our own page, or with the headers and query given."""
        device = await WebSocketDevice.open(self.url, self._headers(person, headers), query)
        self._devices.append(device)
        return device

    async def events(
        self, person: Person | None = None, *, headers: Mapping[str, str] | None = None, **query: str
    ) -> EventStreamDevice:
        """Open an event stream likewise. Raises httpx.HTTPStatusError when it is refused."""
        device = await EventStreamDevice.open(self.url, self._headers(person, headers), query)
        self._devices.append(device)
        return device

    def shut_down(self) -> None:
        """Begin to stop, as SIGTERM makes a server do."""
        self._server.should_exit = True

    async def hang_up(self) -> None:
        """Close every device."""
        for device in self._devices:
            await device.close()

    def _headers(self, person: Person | None, headers: Mapping[str, str] | None) -> dict[str, str]:
        own = {"Cookie": cookie_of(person), "Origin": self.origin} if person else {}
        return own | dict(headers or {})


@asynccontextmanager
async def serving(tidings: Tidings, app: ASGIApp | None = None) -> AsyncIterator[Live]:
    """Serve a Tidings, or the app that stands around it, its lifespan running, until the body ends."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = _Server(server_config(app or tidings.app, lifespan="on"))
        live = Live(tidings, listening.getsockname()[1], server)
        running = asyncio.create_task(server.serve(sockets=[listening]))
        try:
            async with asyncio.timeout(PATIENCE_S):
                while not server.started:
                    assert not running.done(), "the server did not start"
                    await asyncio.sleep(0.005)
            yield live
        finally:
            await live.hang_up()
            live.shut_down()
            await running


class Program:
    """`tidings serve` as a process, on one port for life, so that who knew it before a restart finds it again."""

    def __init__(self, data_dir: Path, settings: Mapping[str, str], *options: str) -> None:
        self.data_dir = data_dir
        self.port = free_port()
        self.origin = f"http://127.0.0.1:{self.port}"
        self.url = self.origin + API
        self.log = data_dir / "server.log"
        self._command = [sys.executable, "-m", "tidings", "serve", "--port", str(self.port), *options]
        self._environment = environment(data_dir, settings)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the process; it is not ready yet."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                cwd=self.data_dir,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    async def ready(self) -> None:
        """Wait until /readyz says yes."""
        assert self._process is not None, "not started"
        deadline = time.monotonic() + PATIENCE_S
        async with httpx.AsyncClient(trust_env=False) as client:
            while True:
                assert self._process.poll() is None, f"the server ended: {self.printed()}"
                assert time.monotonic() < deadline, f"the server is not ready: {self.printed()}"
                try:
                    if (await client.get(f"{self.origin}/readyz")).is_success:
                        return
                except httpx.TransportError:
                    pass  # it does not listen yet
                await asyncio.sleep(0.02)

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def kill(self) -> None:
        """End it as a power cut would: at once, whatever it is doing, with all its workers."""
        if self._process is not None and self.is_running:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(PATIENCE_S)

    def stop(self) -> None:
        """Ask it to end, as an operator does."""
        assert self._process is not None, "not started"
        self._process.terminate()

    async def exit_code(self) -> int:
        """Wait for its end, and tell how it ended."""
        assert self._process is not None, "not started"
        return await asyncio.to_thread(self._process.wait, PATIENCE_S)

    def printed(self) -> str:
        """What it wrote so far."""
        return self.log.read_text(errors="replace")


@contextmanager
def program(data_dir: Path, settings: Mapping[str, str], *options: str) -> Iterator[Program]:
    """A server process that is gone when the body ends."""
    server = Program(data_dir, settings, *options)
    server.start()
    try:
        yield server
    finally:
        server.kill()


def environment(data_dir: Path, settings: Mapping[str, str]) -> dict[str, str]:
    """What a program of ours is started with: nothing of this machine's own configuration."""
    # Several run at once, on a PostgreSQL that takes a hundred connections.
    chosen = {"data_dir": str(data_dir), "pool_size": "5", **settings}
    ours = {f"TIDINGS_{name.upper()}": value for name, value in chosen.items()}
    return {"PATH": os.defpath, "NO_COLOR": "1", "COLUMNS": "200", **ours}


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
