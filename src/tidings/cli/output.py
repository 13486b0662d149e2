"""How commands speak: people read standard error and tables, programs read standard output and --json."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Annotated, Any, TypeVar

import msgspec
import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import MofNCompleteColumn, Progress
from rich.table import Table
from rich.text import Text

from tidings.kernel.logging import configure_logging
from tidings.main import Tidings
from tidings.migrations.upgrade import current_revision, migrate, newest_revision
from tidings.notifications.cursors import ensure_epoch
from tidings.settings import Settings, SettingsError

Result = TypeVar("Result")
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
console = Console(stderr=True)
PIPED_WIDTH = 1_000  # who reads a pipe can do without folded columns


def run(work: Coroutine[Any, Any, Result]) -> Result:
    """Run one command's work to its end."""
    return asyncio.run(work)


@asynccontextmanager
async def opened(*, migrated: bool = False) -> AsyncIterator[Tidings]:
    """The Tidings of the settings, with a database that this release can work with: it must be, or is `migrated` now.

    Raises SettingsError.
    """
    configure_logging(level="WARNING")
    tidings = Tidings(settings=Settings())
    try:
        if migrated:
            await migrate(tidings.database)
            async with tidings.database.write() as session:
                await ensure_epoch(session)
        if await current_revision(tidings.database) != newest_revision():
            raise SettingsError("The database is not at this release's schema: run `tidings migrate` first.")
        yield tidings
    finally:
        await tidings.database.engine.dispose()


@asynccontextmanager
async def heard() -> AsyncIterator[Tidings]:
    """As `opened`, and the running servers hear at once of what is done: letters leave, streams close."""
    async with opened() as tidings:
        await tidings.doorbell.start(lambda _chimes: None)
        try:
            yield tidings
        finally:
            await tidings.doorbell.stop()


@contextmanager
def progress_bar(what: str, total: int) -> Iterator[Callable[[int], None]]:
    """A bar on standard error while the block lasts; call what it gives with how much is done."""
    with Progress(*Progress.get_default_columns(), MofNCompleteColumn(), console=console, transient=True) as progress:
        task = progress.add_task(what, total=total)
        yield lambda completed: progress.update(task, completed=completed)


def complain(*lines: str) -> None:
    """Say what went wrong."""
    _say(f"[bold red]✗[/] {escape(lines[0])}", *(f"  {escape(line)}" for line in lines[1:]))


def done(line: str) -> None:
    """Say that something worked."""
    _say(f"[bold green]✓[/] {escape(line)}")


def show(rows: Sequence[Mapping[str, Any]], *, as_json: bool, columns: Sequence[str]) -> None:  # Any: plain values
    """Print rows as a table, or as JSON for programs."""
    if as_json:
        typer.echo(msgspec.json.encode(rows).decode())
        return
    table = Table(box=None, header_style="bold")
    for name in columns:
        table.add_column(name, overflow="fold", no_wrap=name == "id")  # an id is there to be copied
    for row in rows:
        table.add_row(*(Text("" if row[name] is None else str(row[name])) for name in columns))
    Console(width=None if sys.stdout.isatty() else PIPED_WIDTH).print(table)


def _say(*lines: str) -> None:
    for line in lines:
        console.print(line, highlight=False, soft_wrap=True)  # a terminal wraps by itself, and copies what it wrapped
