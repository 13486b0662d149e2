"""`tidings send`: tell somebody something."""

from typing import Annotated

import msgspec
import typer

from tidings.cli.output import AsJson, done, opened, run
from tidings.cli.people import as_recipients
from tidings.notifications.notifying import SentEvent, notify
from tidings.notifications.types import Priority


def send(
    to: Annotated[list[str], typer.Option(help="An id, external id or user name; repeat for several.")],
    title: Annotated[str, typer.Option(help="What it says first.")],
    message: Annotated[str, typer.Option(help="What it says.")] = "",
    type: Annotated[str, typer.Option(help="The notification type's key.")] = "system",
    priority: Annotated[Priority | None, typer.Option(help="How much it matters.")] = None,
    dedupe_key: Annotated[str | None, typer.Option(help="Send this only once, ever.")] = None,
    create_missing: Annotated[bool, typer.Option("--create-missing", help="Make recipients not known yet.")] = False,
    as_json: AsJson = False,
) -> None:
    """Send a notification; it appears at once wherever the recipients look."""
    sent = run(_send(to, title, message, type, priority, dedupe_key, create_missing=create_missing))
    if as_json:
        typer.echo(msgspec.json.encode({"event_id": sent.id, "accepted": sent.accepted}).decode())
    elif sent.deduplicated:
        done(f"sent before, as event {sent.id}")
    else:
        done(f"sent to {sent.accepted} as event {sent.id}")


async def _send(
    to: list[str],
    title: str,
    message: str,
    type: str,
    priority: Priority | None,
    dedupe_key: str | None,
    *,
    create_missing: bool,
) -> SentEvent:
    async with opened() as tidings:
        # Heard by the running servers: through the file on SQLite, by NOTIFY on PostgreSQL.
        await tidings.doorbell.start(lambda _chimes: None)
        try:
            async with tidings.database.write() as session:
                sent = await notify(
                    session,
                    type,
                    to=await as_recipients(session, to),
                    title=title,
                    message=message,
                    priority=priority,
                    dedupe_key=dedupe_key,
                    create_missing=create_missing,
                )
        finally:
            await tidings.doorbell.stop()
    return sent
