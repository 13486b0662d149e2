"""How commands speak: people read standard error and tables, programs read standard output and --json."""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Annotated, Any, TypeVar

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from tidings.kernel.logging import configure_logging
from tidings.main import Tidings
from tidings.migrations.upgrade import current_revision, newest_revision
from tidings.settings import Settings, SettingsError

Result = TypeVar("Result")
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
console = Console(stderr=True)


def run(work: Coroutine[Any, Any, Result]) -> Result:
    """Run one command's work to its end."""
    return asyncio.run(work)


@asynccontextmanager
async def opened() -> AsyncIterator[Tidings]:
    """The Tidings of the settings, with a database that this release can work with. Raises SettingsError."""
    configure_logging(level="WARNING")
    tidings = Tidings(settings=Settings())
    try:
        if await current_revision(tidings.database) != newest_revision():
            raise SettingsError("The database is not at this release's schema: run `tidings migrate` first.")
        yield tidings
    finally:
        await tidings.database.engine.dispose()


def complain(*lines: str) -> None:
    """Say what went wrong."""
    console.print(f"[bold red]✗[/] {lines[0]}", highlight=False)
    for line in lines[1:]:
        console.print(f"  {line}", highlight=False)


def done(line: str) -> None:
    """Say that something worked."""
    console.print(f"[bold green]✓[/] {line}", highlight=False)


def show(rows: Sequence[Mapping[str, Any]], *, as_json: bool, columns: Sequence[str]) -> None:  # Any: plain values
    """Print rows as a table, or as JSON for programs."""
    if as_json:
        typer.echo(msgspec.json.encode(rows).decode())
        return
    table = Table(*columns, box=None, header_style="bold")
    for row in rows:
        table.add_row(*("" if row[name] is None else str(row[name]) for name in columns))
    Console().print(table)
