"""A terminal: commands of ours, run as somebody at a shell runs them, in a data directory of their own."""

import asyncio
import contextlib
import io
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.world import API
from tidings import Tidings
from tidings.cli import main
from tidings.settings import Settings

PASSWORD = "a horse corrects the battery"


@dataclass(frozen=True, slots=True)
class Spoken:
    """What a command said: to programs on standard output, to people on standard error."""

    code: int
    out: str
    err: str

    @property
    def told(self) -> str:
        """Standard error in one line, however wide the terminal was."""
        return " ".join(self.err.split())


class Terminal:
    """Where commands are run; its environment is this test's own."""

    def __init__(self, patch: pytest.MonkeyPatch, data_dir: Path) -> None:
        self._patch = patch
        self.data_dir = data_dir
        self.settings: dict[str, str] = {}
        patch.chdir(data_dir)
        self.set(data_dir=str(data_dir))

    def set(self, **settings: str) -> None:
        """Set TIDINGS_… variables."""
        for name, value in settings.items():
            self.settings[name] = value
            self._patch.setenv(f"TIDINGS_{name.upper()}", value)

    def run(self, *arguments: str, stdin: str = "") -> Spoken:
        """Run a command to its end. It has a thread of its own, since each has an event loop of its own."""
        with ThreadPoolExecutor(1) as thread:
            return thread.submit(_run, arguments, stdin).result()

    def does(self, *arguments: str, stdin: str = "") -> Spoken:
        """Run a command that is expected to work."""
        spoken = self.run(*arguments, stdin=stdin)
        assert spoken.code == 0, spoken
        return spoken

    def makes_user(self, username: str, *options: str) -> str:
        """The id of a new account."""
        who = ["--username", username, "--email", f"{username}@example.org", "--name", username.title()]
        return self.does("user", "create", *who, *options, "--password-stdin", stdin=PASSWORD + "\n").out.strip()

    def makes_key(self, *scopes: str) -> str:
        """A new key."""
        return self.does("key", "create", "--name", "ci", *(w for s in scopes for w in ("--scope", s))).out.strip()


def _run(arguments: tuple[str, ...], stdin: str) -> Spoken:
    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        patch.setattr(sys, "argv", ["tidings", *arguments])
        patch.setattr(sys, "stdin", io.StringIO(stdin))
        try:
            main()
            code = 0
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else int(end.code is not None)
    return Spoken(code, out.getvalue(), err.getvalue())


class Door:
    """The web app of the terminal's database, for looking at what a command did."""

    def __init__(self) -> None:
        self.tidings = Tidings(settings=Settings())
        transport = httpx.ASGITransport(self.tidings.app)
        origin = self.tidings.settings.base_url
        self.client = httpx.AsyncClient(transport=transport, base_url=origin + API, headers={"Origin": origin})

    async def __aenter__(self) -> httpx.AsyncClient:
        return self.client

    async def __aexit__(self, *_: object) -> None:
        await self.client.aclose()
        await self.tidings.database.engine.dispose()


def asked(method: str, path: str, *, token: str | None = None, json: object = None) -> httpx.Response:
    """One request to the app on the terminal's database, from outside any event loop."""

    async def ask() -> httpx.Response:
        async with Door() as client:
            headers = {"Authorization": f"Bearer {token}"} if token else {}
            return await client.request(method, path, headers=headers, json=json)

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, ask()).result()
