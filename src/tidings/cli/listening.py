"""`tidings listen`: a person's stream in a terminal."""

import asyncio
from collections.abc import Sequence
from typing import Annotated

import typer

from tidings.cli.output import console, opened, run
from tidings.cli.people import as_recipients
from tidings.notifications.audience import find_user
from tidings.notifications.cursors import parse_cursor
from tidings.realtime.frames import Frame
from tidings.realtime.ports import Position, ResetReason, Subscriber


def listen(
    name: Annotated[str, typer.Option("--as", help="Whose stream: an id, external id or user name.")],
    since: Annotated[str | None, typer.Option(help="A cursor to resume from.")] = None,
) -> None:
    """Print somebody's stream, one JSON object a line, until interrupted; it resumes by itself."""
    try:
        run(_listen(name, since))
    except KeyboardInterrupt:
        console.print("stopped", style="dim")


async def _listen(name: str, since: str | None) -> None:
    async with opened() as tidings:
        async with tidings.database.read() as session:
            user_id = await find_user(session, (await as_recipients(session, [name]))[0])
        position: Position | ResetReason | None = None
        if since is not None:
            position = parse_cursor(since) or ResetReason.EPOCH_CHANGED
        await tidings.doorbell.start(tidings.hub.hear)
        try:
            await tidings.hub.start()
            while True:
                printer = _Printer()
                tidings.hub.open(printer, Subscriber(user_id=user_id, mark=tidings.hub.mark(), since=position))
                await printer.closed.wait()
                position = parse_cursor(printer.cursor) if printer.cursor else position
                await asyncio.sleep(1)
        finally:
            await tidings.hub.stop()
            await tidings.doorbell.stop()


class _Printer:
    """A stream whose other side is standard output."""

    answers = False

    def __init__(self) -> None:
        self.closed = asyncio.Event()
        self.cursor: str | None = None

    def send_now(self, frames: Sequence[Frame]) -> bool:
        """Print at once."""
        for frame in frames:
            typer.echo(frame.text)
            self.cursor = frame.cursor or self.cursor
        return True

    async def send(self, frames: Sequence[Frame]) -> None:
        """Print at once."""
        self.send_now(frames)

    async def close(self, code: int, reason: str) -> None:
        """Be opened again."""
        console.print(f"closed with {code}: {reason}", style="dim")
        self.closed.set()
