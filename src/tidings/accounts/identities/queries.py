"""Reads of identities."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.identities.models import Identity
from tidings.accounts.identities.schemas import IdentityOut
from tidings.accounts.identity_providers.models import IdentityProvider
from tidings.accounts.mfa.models import Passkey
from tidings.accounts.models import User
from tidings.accounts.server_settings.reading import read_server_settings


async def list_identities(session: AsyncSession, user_id: UUID) -> Sequence[IdentityOut]:
    """This person's identities, oldest first."""
    found = await session.execute(
        select(Identity, IdentityProvider.slug, IdentityProvider.name)
        .join(IdentityProvider, IdentityProvider.id == Identity.provider_id)
        .where(Identity.user_id == user_id)
        .order_by(Identity.id)
    )
    return [
        IdentityOut(
            id=identity.id,
            provider=slug,
            provider_name=name,
            issuer=identity.issuer,
            subject=identity.subject,
            email=identity.email,
            created_at=identity.created_at,
            last_used_at=identity.last_used_at,
        )
        for identity, slug, name in found.all()
    ]


async def has_way_in_without(session: AsyncSession, user: User, identity_id: UUID) -> bool:
    """Whether this person could still sign in without that identity, as the settings are now."""
    settings = await read_server_settings(session)
    if settings.local_login_enabled and (user.password_hash is not None or await _has_passkey(session, user)):
        return True
    others = (
        select(func.count())
        .select_from(Identity)
        .join(IdentityProvider, IdentityProvider.id == Identity.provider_id)
        .where(Identity.user_id == user.id, Identity.id != identity_id, IdentityProvider.enabled)
    )
    return settings.sso_enabled and bool(await session.scalar(others))


async def _has_passkey(session: AsyncSession, user: User) -> bool:
    return bool(await session.scalar(select(exists().where(Passkey.user_id == user.id))))
