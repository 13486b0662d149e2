"""Terminals, on either kind of database."""

import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from uuid import uuid4

import pytest
import structlog

from tests.cli.terminal import Terminal
from tests.services import postgres
from tests.services.run import Run
from tidings.kernel.crypto import new_key_text


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    """Commands decide how their process logs; this process goes on as it was."""
    root = logging.getLogger()
    handlers, level, configuration = root.handlers[:], root.level, structlog.get_config()
    root.handlers[:] = []
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.configure(**configuration)


@pytest.fixture
def empty_terminal(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Terminal:
    """On SQLite, before anything was done."""
    return Terminal(monkeypatch, tmp_path)


@pytest.fixture
def terminal(empty_terminal: Terminal) -> Terminal:
    """On SQLite, migrated."""
    empty_terminal.does("migrate")
    return empty_terminal


@pytest.fixture(params=["sqlite", "postgresql"])
async def any_empty_terminal(
    request: pytest.FixtureRequest, empty_terminal: Terminal, test_run: Run
) -> AsyncIterator[Terminal]:
    """On either kind of database, before anything was done."""
    async with AsyncExitStack() as stack:
        if request.param == "postgresql":
            url = await stack.enter_async_context(postgres.empty_database(test_run, f"cli_{uuid4().hex[:8]}"))
            empty_terminal.set(database_url=url, secret_keys=new_key_text())
        yield empty_terminal


@pytest.fixture
def any_terminal(any_empty_terminal: Terminal) -> Terminal:
    """On either kind of database, migrated."""
    any_empty_terminal.does("migrate")
    return any_empty_terminal
