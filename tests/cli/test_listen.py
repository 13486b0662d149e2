"""`tidings listen`: a person's stream in a terminal."""

import asyncio
import json
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from tests.cli.terminal import Terminal
from tests.server import environment

PATIENCE_S = 60.0


@asynccontextmanager
async def listening(terminal: Terminal, *options: str) -> AsyncIterator[Process]:
    """`tidings listen` as a program of its own, gone afterwards."""
    command = [sys.executable, "-m", "tidings", "listen", "--as", "ada", *options]
    settings = {name: value for name, value in terminal.settings.items() if name != "data_dir"}
    process = await asyncio.create_subprocess_exec(
        *command, cwd=terminal.data_dir, env=environment(terminal.data_dir, settings), stdout=PIPE, stderr=PIPE
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def line_of(process: Process) -> dict[str, Any]:
    """The next line it prints."""
    assert process.stdout is not None
    async with asyncio.timeout(PATIENCE_S):
        line = await process.stdout.readline()
    frame: dict[str, Any] = json.loads(line)
    return frame


async def test_what_somebody_is_told_is_printed_as_it_happens(any_terminal: Terminal) -> None:
    any_terminal.makes_user("ada")
    async with listening(any_terminal) as process:
        assert (await line_of(process))["type"] == "connected"
        await asyncio.to_thread(any_terminal.does, "send", "--to", "ada", "--title", "Hello")
        frame = await line_of(process)
        assert (frame["event"], frame["data"]["title"]) == ("new_notification", "Hello")


async def test_it_goes_on_from_a_cursor(terminal: Terminal) -> None:
    terminal.makes_user("ada")
    async with listening(terminal) as process:
        since = (await line_of(process))["cursor"]
    terminal.does("send", "--to", "ada", "--title", "Missed")
    async with listening(terminal, "--since", since) as process:
        assert (await line_of(process))["cursor"] == since
        assert (await line_of(process))["data"]["title"] == "Missed"


async def test_interrupting_it_ends_it_without_a_word_of_python(terminal: Terminal) -> None:
    terminal.makes_user("ada")
    async with listening(terminal) as process:
        await line_of(process)
        process.send_signal(signal.SIGINT)
        _, said = await process.communicate()
    assert "Traceback" not in said.decode()
    assert "stopped" in said.decode()
