"""`tidings user approve`, `reject`, `suspend`, `reactivate`, `reset`: what administrators decide, from a terminal."""

from collections.abc import Awaitable, Callable
from typing import Annotated, TypeAlias
from uuid import UUID

import msgspec
import typer
from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.audit.types import SERVER
from tidings.accounts.mfa.changing import remove_all_factors
from tidings.accounts.models import User
from tidings.accounts.password_resets.resetting import start_reset
from tidings.accounts.sign_up.deciding import approve_user, reject_user
from tidings.accounts.types import AccountState
from tidings.accounts.users import reactivate_user, suspend_user
from tidings.cli.output import AsJson, done, heard, run
from tidings.cli.people import user_named
from tidings.main import Tidings

Who = Annotated[str, typer.Argument(help="A user name, id or external id.")]
Decision: TypeAlias = Callable[[Tidings, AsyncSession, UUID], Awaitable[User]]


def approve(who: Who, as_json: AsJson = False) -> None:
    """Let somebody in who signed up."""

    def decide(tidings: Tidings, session: AsyncSession, user_id: UUID) -> Awaitable[User]:
        return approve_user(session, user_id, keyring=tidings.keyring, by=SERVER, now=tidings.clock.now())

    still = "they can sign in once they have verified their address"
    run(decide_about(who, decide, "approved", still=still, as_json=as_json))


def reject(who: Who, as_json: AsJson = False) -> None:
    """Turn somebody down who signed up."""

    def decide(tidings: Tidings, session: AsyncSession, user_id: UUID) -> Awaitable[User]:
        return reject_user(session, user_id, keyring=tidings.keyring, by=SERVER, now=tidings.clock.now())

    run(decide_about(who, decide, "rejected", as_json=as_json))


def suspend(who: Who, as_json: AsJson = False) -> None:
    """Take every way in from somebody at once."""

    def decide(tidings: Tidings, session: AsyncSession, user_id: UUID) -> Awaitable[User]:
        return suspend_user(session, user_id, by=SERVER, now=tidings.clock.now())

    run(decide_about(who, decide, "suspended", as_json=as_json))


def reactivate(who: Who, as_json: AsJson = False) -> None:
    """Let somebody who was suspended sign in again."""

    def decide(tidings: Tidings, session: AsyncSession, user_id: UUID) -> Awaitable[User]:
        return reactivate_user(session, user_id, by=SERVER, now=tidings.clock.now())

    run(decide_about(who, decide, "active again", as_json=as_json))


def reset(
    who: Who,
    factors: Annotated[
        bool, typer.Option("--factors", help="Take their second factors away too, for who lost them all.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Send somebody a letter to choose a new password with."""

    async def decide(tidings: Tidings, session: AsyncSession, user_id: UUID) -> User:
        if factors:
            await remove_all_factors(session, user_id, keyring=tidings.keyring, by=SERVER, now=tidings.clock.now())
        return await start_reset(session, user_id, keyring=tidings.keyring, by=SERVER, now=tidings.clock.now())

    run(decide_about(who, decide, "sent a letter", as_json=as_json))


async def decide_about(who: str, decide: Decision, what: str, *, still: str = "", as_json: bool) -> None:
    """Do this to whom the name means, and say that they are `what`, and `still` to whom has yet to be let in.

    Raises UserNotFound.
    """
    async with heard() as tidings, tidings.database.write() as session:
        user = await decide(tidings, session, await user_named(session, who))
        told = {"id": str(user.id), "username": user.username, "state": user.state}
    if as_json:
        typer.echo(msgspec.json.encode(told).decode())
    else:
        more = f"; {still}" if still and told["state"] == AccountState.REGISTERED else ""
        done(f"{told['username'] or who} is {what}{more}")
