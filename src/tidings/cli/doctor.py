"""`tidings doctor`: what is wrong, and what to do about it."""

from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Annotated

import msgspec
import typer
from rich.markup import escape
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.audit.chain import verify_chain
from tidings.cli.auditing import WHAT_TO_DO
from tidings.cli.auditing import finding as chain_finding
from tidings.cli.output import AsJson, console, run
from tidings.kernel.crypto import WeakKey
from tidings.kernel.logging import configure_logging
from tidings.main import Tidings
from tidings.main.opening import missing_file
from tidings.migrations.upgrade import NewerSchema, check_known, current_revision, newest_revision
from tidings.notifications.recounting import find_miscounts, mend_counters
from tidings.notifications.sweep import is_anything_due
from tidings.outbox.queries import Backlog, backlog
from tidings.settings import Settings, SettingsError
from tidings.web.serving import STATIC

PATIENCE = timedelta(minutes=5)
_START = "start `tidings serve`, or `tidings worker` beside a `serve --no-worker`"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: fine, or what to do."""

    check: str
    is_fine: bool
    detail: str
    what_to_do: str = ""


def examine(
    fix: Annotated[bool, typer.Option("--fix", help="Mend what can be mended.")] = False, as_json: AsJson = False
) -> None:
    """Check configuration, database, schema, counters, outbox, mail and pages; exit 1 when something is wrong."""
    findings = run(_examine(fix=fix))
    if as_json:
        typer.echo(msgspec.json.encode([asdict(finding) for finding in findings]).decode())
    for finding in [] if as_json else findings:
        mark = "[bold green]✓[/]" if finding.is_fine else "[bold red]✗[/]"
        console.print(f"{mark} {finding.check}: {escape(finding.detail)}", highlight=False, soft_wrap=True)
        if finding.what_to_do:
            console.print(f"  → {escape(finding.what_to_do)}", highlight=False, soft_wrap=True)
    raise typer.Exit(0 if all(finding.is_fine for finding in findings) else 1)


async def _examine(*, fix: bool) -> list[Finding]:
    configure_logging(level="ERROR")
    return [finding async for finding in _findings(fix=fix)]


async def _findings(*, fix: bool) -> AsyncIterator[Finding]:
    try:
        settings = Settings()
        if (missing := missing_file(settings)) is not None:
            yield Finding("database", False, f"there is none at {missing}", "`tidings migrate`, or check the settings")
            return
        tidings = Tidings(settings=settings)
    except (SettingsError, WeakKey, ValueError) as error:
        yield Finding("configuration", False, str(error), "docs/reference/settings.md describes every setting")
        return
    yield Finding("configuration", True, f"{tidings.settings.base_url}, keys readable")
    try:
        async with tidings.database.read() as session:
            await session.execute(text("SELECT 1"))
            yield Finding("database", True, tidings.database.engine.url.render_as_string(hide_password=True))
            async for finding in _inside(tidings, session, fix=fix):
                yield finding
    except (SQLAlchemyError, OSError) as error:
        yield Finding("database", False, str(getattr(error, "orig", None) or error), "check TIDINGS_DATABASE_URL")
    finally:
        await tidings.database.engine.dispose()
    mail = await tidings.mail.channel.check()
    yield Finding("mail", mail.is_fine, mail.detail, mail.what_to_do)
    built = (STATIC / "index.html").exists()
    yield Finding("pages", built, "built" if built else "not built", "" if built else "run `make setup`")


async def _inside(tidings: Tidings, session: AsyncSession, *, fix: bool) -> AsyncIterator[Finding]:
    """What can be looked at once the database answers."""
    revision, wanted = await current_revision(tidings.database), newest_revision()
    if revision != wanted:
        try:
            check_known(revision)
        except NewerSchema as error:
            yield Finding("schema", False, f"at {revision}, this release wants {wanted}", str(error))
            return
        yield Finding("schema", False, f"at {revision or 'nothing'}, this release wants {wanted}", "`tidings migrate`")
        return
    yield Finding("schema", True, wanted)
    wrong = await find_miscounts(session)
    if wrong and fix:
        async with tidings.database.write() as writing:
            mended = await mend_counters(writing)
        yield Finding("counters", True, f"{mended} inboxes mended")
    elif wrong:
        yield Finding("counters", False, f"{len(wrong)} inboxes differ from a recount", "`tidings doctor --fix`")
    else:
        yield Finding("counters", True, "every inbox equals its recount")
    report = await verify_chain(session)
    yield Finding("audit log", report.holds, chain_finding(report), "" if report.holds else WHAT_TO_DO)
    now = tidings.clock.now()
    yield _outbox(await backlog(session, now=now), now)
    is_overdue = await is_anything_due(session, now=now - PATIENCE)
    what = "ends of snoozes or expiries wait to be written" if is_overdue else "nothing is overdue"
    yield Finding("recurring tasks", not is_overdue, what, _START if is_overdue else "")


def _outbox(queue: Backlog, now: datetime) -> Finding:
    """Wrong is that nobody works; what could not be sent is news, and for somebody to look at."""
    said = [f"{queue.due} due, {queue.held} being sent, {queue.dead} dead, {queue.unknown} unknown"]
    if queue.oldest_due_at is not None:
        said.append(f"the oldest due since {queue.oldest_due_at:%Y-%m-%d %H:%M} UTC")
    if queue.lapsed:
        said.append(f"{queue.lapsed} left by a worker that went away")
    is_waiting = queue.lapsed > 0 or (queue.oldest_due_at is not None and queue.oldest_due_at < now - PATIENCE)
    if is_waiting and not queue.held:
        return Finding("outbox", False, "; ".join(said), f"nobody sends: {_START}")
    look = "look at the dead and unknown ones, and retry what should still go" if queue.dead + queue.unknown else ""
    return Finding("outbox", True, "; ".join(said), look)
