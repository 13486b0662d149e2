"""`tidings audit …`: whether the audit log is what was written."""

from typing import Annotated

import msgspec
import typer

from tidings.accounts.audit.chain import ChainReport, Head, chain_head, verify_chain
from tidings.cli.output import AsJson, complain, done, opened, progress_bar, run

app = typer.Typer(help="Examine the audit log.", no_args_is_help=True)
WHAT_TO_DO = "restore the log from a backup made before, and find out who wrote to the database"


def _head(text: str) -> Head:
    try:
        return Head.parse(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


@app.callback()
def _root() -> None:
    """So that the one command keeps its name."""


@app.command("verify")
def verify(
    head: Annotated[
        Head | None,
        typer.Option(
            parser=_head, metavar="NUMBER:HASH", help="What this printed earlier: the log must still contain it."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Follow the chain of the audit log from its first link to its last; exit 1 where it breaks.

    Prints the head of the chain: noted where this server cannot write, it shows later that nothing was cut off.
    """
    report = run(_verify(head))
    if as_json:
        typer.echo(msgspec.json.encode(as_values(report)).decode())
    if not report.holds:
        complain(finding(report), WHAT_TO_DO)
        raise typer.Exit(1)
    if not as_json:
        done(finding(report))
        typer.echo(str(report.head))


def finding(report: ChainReport) -> str:
    """What came of it, in a sentence."""
    if report.broken is not None:
        return (
            f"the chain breaks at link {report.broken.number}, entry {report.broken.entry_id}: {report.broken.reason}"
        )
    if report.unknown:
        return f"{report.unknown} entries neither have a link nor wait for one"
    if report.missing is not None:
        return f"link {report.missing.number}, as it was noted, is not there: the log was cut off or written anew"
    return f"all {report.links} links hold, {report.waiting} entries wait for theirs"


def as_values(report: ChainReport) -> dict[str, object]:
    """The same for programs."""
    broken = report.broken
    return {
        "holds": report.holds,
        "links": report.links,
        "waiting": report.waiting,
        "unknown": report.unknown,
        "head": str(report.head),
        "broken": broken and {"number": broken.number, "entry_id": broken.entry_id, "reason": broken.reason},
        "missing": report.missing and str(report.missing),
    }


async def _verify(noted: Head | None) -> ChainReport:
    async with opened() as tidings, tidings.database.read() as session:
        with progress_bar("links", (await chain_head(session)).number) as advance:
            return await verify_chain(session, noted=noted, on_progress=advance)
