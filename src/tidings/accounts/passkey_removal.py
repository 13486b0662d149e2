"""Removing a passkey of one's own, but never the last way in."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.identities.errors import LastWayIn
from tidings.accounts.identities.queries import has_way_in_without
from tidings.accounts.mfa.changing import Change, remove_passkey
from tidings.accounts.queries import get_user


async def remove_own_passkey(session: AsyncSession, change: Change, passkey_id: UUID) -> None:
    """This passkey opens nothing any more.

    Raises PasskeyNotFound, MfaRequired, PasswordTooShortAlone, and LastWayIn: each puts the passkey back.
    """
    await remove_passkey(session, change, passkey_id)
    # Every identity stays: none has the id of a passkey.
    if not await has_way_in_without(session, await get_user(session, change.user_id), passkey_id):
        raise LastWayIn()
