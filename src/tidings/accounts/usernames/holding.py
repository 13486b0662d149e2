"""Holding user names: whoever takes one passes here first, so that one unique index arbitrates between all who want it.

A name that was tried with a known address is held as long as an account that never showed an address to be its own.
Whoever writes a user name claims it here, or two ways of asking for a name would tell whether there is an account
behind it.
"""

from datetime import datetime, timedelta

from sqlalchemy import delete, exists, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.errors import UsernameTaken
from tidings.accounts.models import User
from tidings.accounts.usernames.models import HeldUsername
from tidings.kernel.errors import Fault
from tidings.kernel.purging import purge

UNVERIFIED_LIFE = timedelta(days=7)
"""After this an account that nobody could ever use goes, with its name: the address was never shown to be theirs."""


async def hold_username(session: AsyncSession, username: str, until: datetime, *, now: datetime) -> None:
    """Keep this name from everybody until then. Raises UsernameTaken if it is held or somebody has it."""
    insert = sqlite_insert if session.get_bind().dialect.name == "sqlite" else postgresql_insert
    held = await session.execute(
        insert(HeldUsername)
        .values(username=username, until=until)
        .on_conflict_do_update(
            index_elements=[HeldUsername.username], set_={"until": until}, where=HeldUsername.until <= now
        )
        .returning(HeldUsername.username)
    )
    if held.first() is None:
        raise username_taken()
    # Only now, and in a statement of its own: whoever held it a moment ago may have given it to somebody.
    if await session.scalar(select(exists().where(User.username == username))):
        raise username_taken()


async def claim_username(session: AsyncSession, username: str, *, now: datetime) -> None:
    """Be the only one who may write this name until the transaction ends. Raises UsernameTaken.

    The row goes again, but who inserts the same name meanwhile waits for it, and then sees whose the name is.
    """
    await hold_username(session, username, now, now=now)
    await release_username(session, username)


async def release_username(session: AsyncSession, username: str) -> None:
    """Hold this name no longer."""
    await session.execute(delete(HeldUsername).where(HeldUsername.username == username))


async def purge_held_usernames(session: AsyncSession, *, now: datetime) -> int:
    """Remove a slice of the names that are held no longer; returns how many."""
    return await purge(session, HeldUsername, HeldUsername.until <= now)


def username_taken() -> UsernameTaken:
    """The refusal, at the field that names it."""
    return UsernameTaken(faults=[Fault("/username", UsernameTaken.code, UsernameTaken.title())])
