"""Reads of identity providers."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.identity_providers.errors import IdentityProviderNotFound
from tidings.accounts.identity_providers.models import IdentityProvider
from tidings.accounts.identity_providers.types import ProviderAccess
from tidings.kernel.crypto import Keyring


async def list_providers(session: AsyncSession, *, enabled_only: bool = False) -> Sequence[IdentityProvider]:
    """The providers in the order they are shown."""
    found = select(IdentityProvider).order_by(IdentityProvider.position, IdentityProvider.name, IdentityProvider.id)
    if enabled_only:
        found = found.where(IdentityProvider.enabled)
    return (await session.scalars(found)).all()


async def get_enabled_provider(session: AsyncSession, slug: str) -> IdentityProvider:
    """The provider with this slug. Raises IdentityProviderNotFound when there is none, or it is switched off."""
    provider = await session.scalar(
        select(IdentityProvider).where(IdentityProvider.slug == slug, IdentityProvider.enabled)
    )
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
    """What it takes to speak with the provider. Raises UnreadableSecret when its key is gone."""
    secret = None if provider.sealed is None else keyring.unseal(provider.sealed, place=provider.place).decode()
    return ProviderAccess(
        issuer=provider.issuer, client_id=provider.client_id, client_secret=secret, scopes=tuple(provider.scopes)
    )
