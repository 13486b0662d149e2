"""Reads of identity providers."""

from collections.abc import Sequence
from uuid import UUID

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.identity_providers.errors import IdentityProviderNotFound, ProviderUnusable
from tidings.accounts.identity_providers.models import IdentityProvider
from tidings.accounts.identity_providers.types import ProviderAccess
from tidings.kernel.crypto import Keyring, UnreadableSecret

log = structlog.get_logger(__name__)


async def list_providers(session: AsyncSession, *, enabled_only: bool = False) -> Sequence[IdentityProvider]:
    """The providers in the order they are shown."""
    found = select(IdentityProvider).order_by(IdentityProvider.position, IdentityProvider.name, IdentityProvider.id)
    if enabled_only:
        found = found.where(IdentityProvider.enabled)
    return (await session.scalars(found)).all()


async def get_enabled_provider(session: AsyncSession, slug: str, *, hold: bool = False) -> IdentityProvider:
    """The provider with this slug. Raises IdentityProviderNotFound when there is none, or it is switched off.

    `hold` it, with others who do, where people are linked: until they are, nobody switches it off or removes it.
    """
    found = select(IdentityProvider).where(IdentityProvider.slug == slug, IdentityProvider.enabled)
    provider = await session.scalar(found.with_for_update(read=True, key_share=True) if hold else found)
    if provider is None:
        raise IdentityProviderNotFound()
    return provider


async def get_provider(session: AsyncSession, provider_id: UUID) -> IdentityProvider:
    """The provider with this id. Raises IdentityProviderNotFound."""
    provider = await session.get(IdentityProvider, provider_id)
    if provider is None:
        raise IdentityProviderNotFound()
    return provider


def access_to(provider: IdentityProvider, keyring: Keyring) -> ProviderAccess:
    """What it takes to speak with the provider. Raises ProviderUnusable when the key of its secret is gone."""
    try:
        secret = None if provider.sealed is None else keyring.unseal(provider.sealed, place=provider.place).decode()
    except UnreadableSecret as error:  # its key was removed from SECRET_KEYS: an administrator gives it anew
        log.warning("client secret cannot be read", provider=provider.slug)
        raise ProviderUnusable() from error
    return ProviderAccess(
        issuer=provider.issuer, client_id=provider.client_id, client_secret=secret, scopes=tuple(provider.scopes)
    )
