"""`tidings user end-sessions`: sign somebody out everywhere, or everybody."""

from collections.abc import Awaitable
from typing import Annotated
from uuid import UUID

import msgspec
import typer
from rich.prompt import Confirm
from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.audit.types import SERVER
from tidings.accounts.ending_sessions import count_signed_in, end_everybodys_sessions, end_user_sessions
from tidings.accounts.models import User
from tidings.cli.deciding import decide_about
from tidings.cli.output import AsJson, complain, console, done, heard, progress_bar, run
from tidings.main import Tidings


def end_sessions(
    who: Annotated[str | None, typer.Argument(help="A user name, id or external id.")] = None,
    everybody: Annotated[bool, typer.Option("--all", help="Of every user, in an emergency; asks before.")] = False,
    is_agreed: Annotated[bool, typer.Option("--yes", help="With --all: do not ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """Sign somebody out everywhere at once; they can sign in again, and API keys go on working."""
    if (who is not None) == everybody:
        raise typer.BadParameter("name one user, or say --all", param_hint="WHO")
    if who is None:
        run(_end_all(is_agreed=is_agreed, as_json=as_json))
    else:
        run(decide_about(who, _end_one, "signed out everywhere", as_json=as_json))


def _end_one(tidings: Tidings, session: AsyncSession, user_id: UUID) -> Awaitable[User]:
    return end_user_sessions(session, user_id, by=SERVER, now=tidings.clock.now())


async def _end_all(*, is_agreed: bool, as_json: bool) -> None:
    async with heard() as tidings:
        async with tidings.database.read() as session:
            total = await count_signed_in(session)
        if total and not is_agreed:
            _ask(total)
        with progress_bar("users", total) as advance:
            ended = await end_everybodys_sessions(
                tidings.database, by=SERVER, now=tidings.clock.now(), on_progress=advance
            )
    if as_json:
        typer.echo(msgspec.json.encode({"users": ended}).decode())
    else:
        done(f"signed out: {ended}")


def _ask(total: int) -> None:
    """Go on only if somebody at the terminal says so."""
    try:
        if Confirm.ask(f"Signed in: {total}. Sign everybody out?", console=console, default=False):
            return
        complain("nothing was done")
    except EOFError:  # which is all that a script has to say
        console.print()
        complain("nobody answered, so nothing was done", "Say --yes where nobody can answer.")
    raise typer.Exit(1)
