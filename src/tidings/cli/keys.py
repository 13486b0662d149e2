"""`tidings key …`: API keys of this server."""

import re
from datetime import timedelta
from typing import Annotated
from uuid import UUID

import typer

from tidings.accounts.audit.types import SERVER
from tidings.accounts.errors import ApiKeyNotFound
from tidings.accounts.keys import create_key, list_keys, revoke_key
from tidings.accounts.types import Scope
from tidings.cli.output import AsJson, done, opened, run, show, show_made

app = typer.Typer(help="Create, list and revoke API keys.", no_args_is_help=True)
_SHOWN = ("id", "name", "owner_user_id", "scopes", "created_at", "expires_at", "last_used_at")
_UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}


@app.command("create")
def create(
    name: Annotated[str, typer.Option(help="What the key is for.")],
    scope: Annotated[list[Scope], typer.Option(help="What it may do; repeat for several.")],
    expires: Annotated[str | None, typer.Option(help="Its life, such as 12h, 90d or 8w; none by default.")] = None,
    as_json: AsJson = False,
) -> None:
    """Create a key of this server; prints the key alone, once."""
    run(_create(name, scope, _life(expires), as_json=as_json))


@app.command("list")
def list_all(as_json: AsJson = False) -> None:
    """List keys; the keys themselves are stored nowhere."""
    run(_list(as_json=as_json))


@app.command("revoke")
def revoke(key_id: Annotated[UUID, typer.Argument(help="The id that `key list` shows.")]) -> None:
    """End a key at once."""
    run(_revoke(key_id))


def _life(text: str | None) -> timedelta | None:
    if text is None:
        return None
    match = re.fullmatch(r"([1-9][0-9]{0,4})([hdw])", text)
    if match is None:
        raise typer.BadParameter("a life looks like 12h, 90d or 8w", param_hint="--expires")
    return int(match[1]) * _UNITS[match[2]]


async def _create(name: str, scopes: list[Scope], life: timedelta | None, *, as_json: bool) -> None:
    async with opened() as tidings:
        now = tidings.clock.now()
        async with tidings.database.write() as session:
            made, key = await create_key(
                session,
                owner_id=None,
                name=name,
                scopes=scopes,
                expires_at=now + life if life else None,
                by=SERVER,
                now=now,
            )
            shown = {column: getattr(made, column) for column in _SHOWN}
    done(f"key {name!r} made; it is shown only now")
    show_made(shown | {"key": key}, as_json=as_json, wanted="key")


async def _list(*, as_json: bool) -> None:
    async with opened() as tidings, tidings.database.read() as session:
        keys = await list_keys(session, owner_id=None)
    show([{name: getattr(key, name) for name in _SHOWN} for key in keys], as_json=as_json, columns=_SHOWN)


async def _revoke(key_id: UUID) -> None:
    async with opened() as tidings, tidings.database.write() as session:
        try:
            await revoke_key(session, key_id, owner_id=None, by=SERVER, now=tidings.clock.now())
        except ApiKeyNotFound:
            raise ApiKeyNotFound("There is no such API key; `tidings key list` shows those there are.") from None
    done("the key no longer works")
