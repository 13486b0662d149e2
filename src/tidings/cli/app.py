"""Every command in one place, and how errors look: what went wrong, and what to do next."""

import sys

import typer
from pydantic import ValidationError
from sqlalchemy.exc import SQLAlchemyError

from tidings import __version__
from tidings.cli import (
    auditing,
    deciding,
    demo,
    doctor,
    ending,
    keys,
    listening,
    migrating,
    rotating,
    sending,
    serving,
    users,
    working,
)
from tidings.cli.output import complain
from tidings.kernel.crypto import WeakKey
from tidings.kernel.errors import TidingsError
from tidings.migrations.upgrade import NewerSchema
from tidings.settings import SettingsError

app = typer.Typer(
    name="tidings",
    help="Accounts, connected services and notifications, self-hosted.",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("serve")(serving.serve)
app.command("worker")(working.work)
app.command("migrate")(migrating.migrate_database)
app.command("demo")(demo.fill)
app.command("send")(sending.send)
app.command("listen")(listening.listen)
app.command("doctor")(doctor.examine)
app.command("rotate-keys")(rotating.rotate_keys)
for decide in (deciding.approve, deciding.reject, deciding.suspend, deciding.reactivate, deciding.reset):
    users.app.command(decide.__name__)(decide)
users.app.command("end-sessions")(ending.end_sessions)
app.add_typer(users.app, name="user")
app.add_typer(keys.app, name="key")
app.add_typer(auditing.app, name="audit")


@app.callback(invoke_without_command=True)
def _root(version: bool = typer.Option(False, "--version", help="Print the version and exit.", is_eager=True)) -> None:
    if version:
        typer.echo(__version__)
        raise typer.Exit


def main() -> None:
    """Run the command line; a known error is one sentence and exit code 1, never a traceback."""
    try:
        " ".join(sys.argv).encode()
    except UnicodeEncodeError:
        complain("What was typed is not text in UTF-8.")
        sys.exit(2)
    try:
        app()
    except TidingsError as error:
        said = error.detail or error.title()
        complain(said, *(f"{fault.pointer}: {fault.detail}" for fault in error.faults if fault.detail != said))
    except (SettingsError, NewerSchema) as error:
        complain(str(error))
    except WeakKey as error:
        complain(f"TIDINGS_SECRET_KEYS: {error}")
    except ValidationError as error:
        complain(*(f"TIDINGS_{'_'.join(map(str, e['loc'])).upper()}: {e['msg']}" for e in error.errors()))
    except (SQLAlchemyError, OSError) as error:
        complain(*_why(error))
    sys.exit(1)


def _why(error: SQLAlchemyError | OSError) -> tuple[str, str]:
    """What is wrong around us, and what to do about it."""
    reason = str(getattr(error, "orig", None) or error)
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.filename}: {error.strerror}", "Check TIDINGS_DATA_DIR."
    if "database is locked" in reason:
        return "The database is busy: another program keeps writing to it.", "Run this again in a moment."
    return f"The database does not answer: {reason}", "Check TIDINGS_DATABASE_URL, then `tidings doctor`."
