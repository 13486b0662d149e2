"""`tidings user …`: accounts from the command line."""

import sys
from typing import Annotated

import typer
from pydantic import TypeAdapter, ValidationError

from tidings.accounts.audit.types import SERVER
from tidings.accounts.password_policy import PasswordHouse, PasswordOwner, check_new_password
from tidings.accounts.passwords import hash_password
from tidings.accounts.queries import first_users
from tidings.accounts.schemas import Email, Name, NewPassword, Username
from tidings.accounts.types import AccessType, AccountState
from tidings.accounts.users import create_user
from tidings.cli.output import AsJson, done, note, opened, run, show, show_made

_SHOWN = ("id", "username", "external_id", "email", "name", "access_type", "state")

app = typer.Typer(help="Create, list and decide about accounts.", no_args_is_help=True)


@app.command("create")
def create(
    username: Annotated[str, typer.Option(help="Letters, digits and dots.")],
    email: Annotated[str, typer.Option(help="Where mail reaches them.")],
    name: Annotated[str, typer.Option(help="What people call them.")],
    admin: Annotated[bool, typer.Option("--admin", help="Make an administrator.")] = False,
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from standard input.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Create an account that is active at once; prints its id."""
    password = sys.stdin.readline().rstrip("\n") if password_stdin else _ask_password()
    run(
        _create(
            _checked(TypeAdapter(Username), username, "--username"),
            _checked(TypeAdapter(Email), email, "--email"),
            _checked(TypeAdapter(Name), name, "--name"),
            _checked(TypeAdapter(NewPassword), password, "the password"),
            admin=admin,
            as_json=as_json,
        )
    )


@app.command("list")
def list_users(
    search: Annotated[str | None, typer.Option(help="Part of a name, user name, external id or address.")] = None,
    state: Annotated[AccountState | None, typer.Option(help="Only those in this state.")] = None,
    limit: Annotated[int, typer.Option(help="How many to show.", min=1, max=1000)] = 100,
    as_json: AsJson = False,
) -> None:
    """List accounts and recipients."""
    run(_list(search, state, limit, as_json=as_json))


def _ask_password() -> str:
    if not sys.stdin.isatty():
        raise typer.BadParameter("nobody is there to ask; --password-stdin reads it", param_hint="the password")
    password: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    return password


def _checked(kind: TypeAdapter[str], value: str, what: str) -> str:
    try:
        return kind.validate_python(value)
    except ValidationError as error:
        raise typer.BadParameter(error.errors()[0]["msg"], param_hint=what) from None


async def _create(username: str, email: str, name: str, password: str, *, admin: bool, as_json: bool) -> None:
    owner = PasswordOwner(access_type=AccessType.ADMIN if admin else AccessType.REGULAR, known=(username, email, name))
    async with opened() as tidings:
        house = PasswordHouse(base_url=tidings.settings.base_url, breached=tidings.settings.breached_passwords)
        async with tidings.database.read() as reading:
            await check_new_password(reading, password, owner=owner, house=house)
        password_hash = await hash_password(password)
        async with tidings.database.write() as session:
            user = await create_user(
                session,
                username=username,
                email=email,
                name=name,
                password_hash=password_hash,
                access_type=owner.access_type,
                state=AccountState.ACTIVE,
                by=SERVER,
                now=tidings.clock.now(),
            )
            made = {column: getattr(user, column) for column in _SHOWN}
    done(f"{username} can sign in")
    show_made(made, as_json=as_json, wanted="id")


async def _list(search: str | None, state: AccountState | None, limit: int, *, as_json: bool) -> None:
    async with opened() as tidings, tidings.database.read() as session:
        found = await first_users(session, search=search, state=state, limit=limit + 1)
    users = found[:limit]
    show([{name: getattr(user, name) for name in _SHOWN} for user in users], as_json=as_json, columns=_SHOWN)
    if len(found) > limit:
        note(f"the first {limit}; there are more, see --limit and --search")
