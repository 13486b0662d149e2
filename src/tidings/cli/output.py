"""How commands speak: people read standard error and tables, programs read standard output and --json."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
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
from tidings.main.opening import missing_file
from tidings.migrations.upgrade import check_known, current_revision, migrate, newest_revision
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

    Raises SettingsError and NewerSchema.
    """
    configure_logging(level="WARNING")
    settings = Settings()
    if not migrated and (missing := missing_file(settings)) is not None:
        raise SettingsError(
            f"There is no database {missing}: run `tidings migrate` first, or check TIDINGS_DATA_DIR and "
            "TIDINGS_DATABASE_URL."
        )
    tidings = Tidings(settings=settings)
    try:
        if migrated:
            await migrate(tidings.database)
            async with tidings.database.write() as session:
                await ensure_epoch(session)
        found, wanted = await current_revision(tidings.database), newest_revision()
        check_known(found)
        if found != wanted:
            at = found or "nothing"
            raise SettingsError(f"The database is at {at}, this release wants {wanted}: run `tidings migrate` first.")
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
    """A bar on standard error while the block lasts; call what it gives with how much is done. Files get none."""
    columns = (*Progress.get_default_columns(), MofNCompleteColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(what, total=total)
        yield lambda completed: progress.update(task, completed=completed)


def complain(*lines: str) -> None:
    """Say what went wrong."""
    _say(f"[bold red]✗[/] {escape(lines[0])}", *(f"  {escape(line)}" for line in lines[1:]))


def done(line: str) -> None:
    """Say that something worked."""
    _say(f"[bold green]✓[/] {escape(line)}")


def note(line: str) -> None:
    """Say what is worth knowing and needs nothing done."""
    _say(f"[dim]{escape(line)}[/]")


def show(rows: Sequence[Mapping[str, Any]], *, as_json: bool, columns: Sequence[str]) -> None:  # Any: plain values
    """Print rows as a table, or as JSON for programs."""
    if as_json:
        typer.echo(msgspec.json.encode(rows).decode())
        return
    if not rows:
        note("nothing to show")
        return
    table = Table(box=None, header_style="bold")
    for name in columns:
        table.add_column(name, overflow="fold", no_wrap=name == "id")  # an id is there to be copied
    for row in rows:
        table.add_row(*(Text(_cell(row[name])) for name in columns))
    Console(width=None if sys.stdout.isatty() else PIPED_WIDTH).print(table)


def show_made(made: Mapping[str, Any], *, as_json: bool, wanted: str) -> None:  # Any: plain values
    """Print what was made: the one value that a script wants, or as JSON all there is."""
    typer.echo(msgspec.json.encode(made).decode() if as_json else str(made[wanted]))


def _cell(value: object) -> str:
    """A value as people read it."""
    match value:
        case None:
            return ""
        case datetime():
            return f"{value.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
        case list():
            return ", ".join(map(str, value))
        case _:
            return str(value)


def _say(*lines: str) -> None:
    for line in lines:
        console.print(line, highlight=False, soft_wrap=True)  # a terminal wraps by itself, and copies what it wrapped
