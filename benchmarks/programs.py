"""Programs that are measured or that measure, each a process of its own on this machine."""

import asyncio
import os
import resource
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

import msgspec

from benchmarks.load.processes import memory_kib

PATIENCE_S = 120.0
_ROOT = Path(__file__).parents[1]
Found = TypeVar("Found")


class ProgramFailed(Exception):
    """A program of the benchmark ended with an error; the message holds what it said."""


class Server:
    """A process that listens on a port."""

    def __init__(self, port: int, process: asyncio.subprocess.Process, log: Path) -> None:
        self.port = port
        self.log = log
        self._process = process

    @property
    def pid(self) -> int:
        return self._process.pid

    async def ready(self, path: str) -> None:
        """Wait until it answers this path with success."""
        deadline = time.monotonic() + PATIENCE_S
        while not await self._answers(path):
            if self._process.returncode is not None or time.monotonic() > deadline:
                raise ProgramFailed("The server did not start.")
            await asyncio.sleep(0.01)

    def said(self) -> str:
        """The end of what it wrote on its terminal."""
        return self.log.read_text(errors="replace")[-2000:] or "nothing"

    def memory_kib(self) -> int:
        """What it holds in memory that nobody else shares, and its part of what is shared."""
        return memory_kib(self.pid)

    async def stop(self) -> None:
        """End it, gently at first."""
        for each in (signal.SIGTERM, signal.SIGKILL):
            if self._process.returncode is None:
                self._process.send_signal(each)
                try:
                    await asyncio.wait_for(self._process.wait(), 10)
                except TimeoutError:
                    continue

    async def call(
        self, method: str, path: str, headers: Mapping[str, str] | None = None, body: bytes = b""
    ) -> tuple[int, bytes]:
        """One request on a connection of its own; the status and the body of its answer. Raises OSError."""
        given = {"Host": "127.0.0.1", "Connection": "close", "Content-Length": str(len(body)), **(headers or {})}
        head = "\r\n".join([f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in given.items())])
        async with asyncio.timeout(PATIENCE_S):
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
            try:
                writer.write(f"{head}\r\n\r\n".encode() + body)
                answer = await reader.readuntil(b"\r\n\r\n")
                length = int(answer.lower().partition(b"content-length:")[2].partition(b"\r\n")[0] or 0)
                return int(answer.split(b" ", 2)[1]), await reader.readexactly(length)
            except asyncio.IncompleteReadError as error:
                raise ConnectionError("the server closed the connection") from error
            finally:
                writer.close()

    async def _answers(self, path: str) -> bool:
        try:
            status, _ = await self.call("GET", path)
        except OSError:
            return False
        return status < 300


@asynccontextmanager
async def serving(
    folder: Path, module: str, *arguments: str, ready: str | None, environment: Mapping[str, str] | None = None
) -> AsyncIterator[Server]:
    """`python -m module …` with `{port}` in its arguments filled in, until the body ends; it answers `ready`.

    What fails meanwhile is raised with what the server said, so that one can tell which of several it was.
    """
    port = free_port()
    log = folder / f"{module.rpartition('.')[2]}-{port}.log"
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            module,
            *(argument.replace("{port}", str(port)) for argument in arguments),
            cwd=_ROOT,
            env=_environment(environment or {}),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
    server = Server(port, process, log)
    try:
        if ready is not None:
            await server.ready(ready)
        yield server
    except ProgramFailed as error:
        await server.stop()  # it may write of a request after having answered it
        raise ProgramFailed(f"{error}\n\n{module} on port {port} had said:\n{server.said()}") from error
    finally:
        await server.stop()


async def ask(
    module: str, question: object, answer: type[Found], *, environment: Mapping[str, str] | None = None
) -> Found:
    """Run `python -m module`, give it the question as JSON, and read its answer. Raises ProgramFailed."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        module,
        cwd=_ROOT,
        env=_environment(environment or {}),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        said, complained = await process.communicate(msgspec.json.encode(question))
    except BaseException:
        process.kill()
        raise
    if process.returncode:
        raise ProgramFailed(f"{module}: {complained.decode(errors='replace')[-2000:]}")
    return msgspec.json.decode(said, type=answer)


async def run(*command: str) -> None:
    """Run a command to its end. Raises ProgramFailed."""
    process = await asyncio.create_subprocess_exec(
        *command, cwd=_ROOT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    said, _ = await process.communicate()
    if process.returncode:
        raise ProgramFailed(f"{' '.join(command)}: {said.decode(errors='replace')[-2000:]}")


def open_files() -> int:
    """Take as many open files as this machine allows, for this process and what it starts; how many that is."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    return most


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _environment(more: Mapping[str, str]) -> dict[str, str]:
    """Nothing of this machine's own configuration, but the same source as this process."""
    ours = {"PATH": os.defpath, "NO_COLOR": "1", "COLUMNS": "200", "PYTHONPATH": os.environ.get("PYTHONPATH", "")}
    return {**ours, **more}
