"""Whether people can still get in, as the providers and the server settings are now.

Passwords can be switched off in one transaction while another takes the last provider away, and each sees the other's
world as it was. So whoever may close a way in first does so, and then looks, holding the row of the server settings:
of two the second sees what the first has left.
"""

from sqlalchemy import Boolean, Uuid, column, select, table
from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.models import User
from tidings.accounts.server_settings.changing import locked_server_settings
from tidings.accounts.server_settings.errors import NoWayIn
from tidings.accounts.types import AccessType, AccountState

# By their names: whatever closes a way in asks this module, the packages of these tables too.
_identities = table("tidings_identities", column("user_id", Uuid), column("provider_id", Uuid))
_providers = table("tidings_identity_providers", column("id", Uuid), column("enabled", Boolean))


async def check_an_admin_gets_in(session: AsyncSession) -> None:
    """Raises NoWayIn where nobody signs in with a password and no administrator with a provider either.

    Whatever may close a way in calls it by itself, last, in the transaction that did: nobody else closes one until it
    ends. Who calls it after locking people locks no more of them.
    """
    settings = await locked_server_settings(session)
    if not settings.local_login_enabled and not (settings.sso_enabled and await is_an_admin_linked(session)):
        raise NoWayIn()


async def is_an_admin_linked(session: AsyncSession) -> bool:
    """Whether an active administrator can come in through a provider that is enabled."""
    linked = (
        select(User.id)
        .join(_identities, _identities.c.user_id == User.id)
        .join(_providers, _providers.c.id == _identities.c.provider_id)
        .where(User.access_type == AccessType.ADMIN, User.state == AccountState.ACTIVE, _providers.c.enabled.is_(True))
        .limit(1)
    )
    return await session.scalar(linked) is not None
