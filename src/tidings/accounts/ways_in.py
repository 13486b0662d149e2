"""Whether people can still get in, as the providers and the server settings are now.

Passwords can be switched off in one transaction while another takes the last provider away, and each sees the other's
world as it was. So whoever may close a way in first does so, and then looks, holding the row of the server settings:
of two the second sees what the first has left.
"""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.identities.models import Identity
from tidings.accounts.identity_providers.models import IdentityProvider
from tidings.accounts.models import User
from tidings.accounts.server_settings.changing import locked_server_settings
from tidings.accounts.server_settings.errors import NoWayIn
from tidings.accounts.types import AccessType, AccountState


async def check_an_admin_gets_in(session: AsyncSession) -> None:
    """Raises NoWayIn where nobody signs in with a password and no administrator with a provider either.

    Call it last, in the transaction that may have closed a way in: nobody else closes one until it ends.
    """
    settings = await locked_server_settings(session)
    if not settings.local_login_enabled and not (settings.sso_enabled and await is_an_admin_linked(session)):
        raise NoWayIn()


async def is_an_admin_linked(session: AsyncSession) -> bool:
    """Whether an active administrator can come in through a provider that is enabled."""
    linked = (
        select(User.id)
        .join(Identity, Identity.user_id == User.id)
        .join(IdentityProvider, IdentityProvider.id == Identity.provider_id)
        .where(
            User.access_type == AccessType.ADMIN, User.state == AccountState.ACTIVE, IdentityProvider.enabled.is_(True)
        )
        .limit(1)
    )
    return await session.scalar(linked) is not None
