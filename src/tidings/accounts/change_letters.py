"""Every change of what opens an account is told to its owner, by exactly one letter.

By a letter of accounts and not by the mail of a notification: that one is not sent once its entry was read, and whoever
has somebody's session can read it. A letter leaves whatever happens here afterwards, for the address of that moment.
"""

from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.asked_letters import tell
from tidings.accounts.events import CredentialChanged
from tidings.accounts.queries import get_user
from tidings.kernel.crypto import Keyring

TOLD_WHERE_THEY_ARE_MADE = frozenset({"password", "email"})
"""Of these changes the letter is written by whoever makes them, because it gives a way back as well."""


async def write_of_change(session: AsyncSession, event: CredentialChanged, *, keyring: Keyring) -> None:
    """Mail the owner what was changed, unless whoever changed it has."""
    if event.what in TOLD_WHERE_THEY_ARE_MADE:
        return
    user = await get_user(session, event.user_id)
    letter = "sign_in_changed" if event.second_step is None else f"mfa_{event.second_step}"
    await tell(session, user, letter, keyring=keyring, now=event.at, at=event.at.isoformat(), change=event.what)
