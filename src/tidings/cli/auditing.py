"""`tidings audit …`: whether the audit log is what was written."""

import msgspec
import typer

from tidings.accounts.audit.chain import ChainReport, chain_length, verify_chain
from tidings.cli.output import AsJson, complain, done, opened, progress_bar, run

app = typer.Typer(help="Examine the audit log.", no_args_is_help=True)
WHAT_TO_DO = "restore the log from a backup made before, and find out who wrote to the database"


@app.callback()
def _root() -> None:
    """So that the one command keeps its name."""


@app.command("verify")
def verify(as_json: AsJson = False) -> None:
    """Follow the chain of the audit log from its first link to its last; exit 1 where it breaks."""
    report = run(_verify())
    if as_json:
        typer.echo(msgspec.json.encode(as_values(report)).decode())
    if not report.holds:
        complain(finding(report), WHAT_TO_DO)
        raise typer.Exit(1)
    if not as_json:
        done(finding(report))
        typer.echo(f"{report.links} {report.head.hex()}")


def finding(report: ChainReport) -> str:
    """What came of it, in a sentence."""
    if report.broken is not None:
        return (
            f"the chain breaks at link {report.broken.number}, entry {report.broken.entry_id}: {report.broken.reason}"
        )
    if report.unknown:
        return f"{report.unknown} entries neither have a link nor wait for one"
    return f"all {report.links} links hold, {report.waiting} entries wait for theirs"


def as_values(report: ChainReport) -> dict[str, object]:
    """The same for programs."""
    broken = report.broken
    return {
        "holds": report.holds,
        "links": report.links,
        "waiting": report.waiting,
        "unknown": report.unknown,
        "head": report.head.hex(),
        "broken": broken and {"number": broken.number, "entry_id": broken.entry_id, "reason": broken.reason},
    }


async def _verify() -> ChainReport:
    async with opened() as tidings, tidings.database.read() as session:
        with progress_bar("links", await chain_length(session)) as advance:
            return await verify_chain(session, on_progress=advance)
