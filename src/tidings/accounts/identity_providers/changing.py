"""Making, changing and removing identity providers."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.audit.recording import record
from tidings.accounts.audit.types import Actor, AuditAction
from tidings.accounts.identity_providers.errors import IdentityProviderNotFound, IssuerInvalid, SlugTaken
from tidings.accounts.identity_providers.models import IdentityProvider
from tidings.accounts.identity_providers.templates import TEMPLATES
from tidings.accounts.ways_in import check_an_admin_gets_in
from tidings.kernel.crypto import Keyring
from tidings.kernel.ids import new_id
from tidings.kernel.outbound.errors import OutboundRefused
from tidings.kernel.outbound.urls import parse_target


def check_issuer(issuer: str, template: str | None) -> None:
    """Let pass what can be an issuer, one of this template if one is named. Raises IssuerInvalid.

    An issuer is a URL without query and fragment (OpenID Connect Discovery 1.0 §2). Whether its address may be asked
    is seen when it is.
    """
    try:
        parse_target(issuer)
    except OutboundRefused:
        raise IssuerInvalid() from None
    known = None if template is None else TEMPLATES.get(template)
    if "?" in issuer or "#" in issuer or (template is not None and (known is None or not known.fits(issuer))):
        raise IssuerInvalid()


async def create_provider(
    session: AsyncSession,
    values: Mapping[str, Any],  # Any: each column's own type
    *,
    client_secret: str | None,
    keyring: Keyring,
    by: Actor,
    now: datetime,
) -> IdentityProvider:
    """A new provider; its secret is stored sealed. Raises IssuerInvalid, SlugTaken."""
    check_issuer(values["issuer"], values["template"])
    provider = IdentityProvider(id=new_id(), created_at=now, updated_at=now, **values)
    _keep_secret(provider, client_secret, keyring)
    try:
        async with session.begin_nested():
            session.add(provider)
    except IntegrityError as error:  # the slug is the only thing of it that must be unique
        raise SlugTaken() from error
    await record(
        session,
        AuditAction.PROVIDER_CREATED,
        by=by,
        now=now,
        target_id=provider.id,
        detail={"slug": provider.slug, "issuer": provider.issuer},
    )
    return provider


async def change_provider(
    session: AsyncSession,
    provider_id: UUID,
    changes: Mapping[str, Any],  # Any: each column's own type
    *,
    keyring: Keyring,
    by: Actor,
    now: datetime,
) -> IdentityProvider:
    """The provider with these changes; `client_secret` among them is sealed.

    Raises IdentityProviderNotFound, and NoWayIn where no administrator could sign in.
    """
    provider = await locked_provider(session, provider_id)
    for name, value in changes.items():
        if name == "client_secret":
            _keep_secret(provider, value, keyring)
        else:
            setattr(provider, name, value)
    await _keep(session, provider, sorted(changes), by=by, now=now)
    return provider


async def close_provider(session: AsyncSession, provider: IdentityProvider, *, by: Actor, now: datetime) -> None:
    """Let nobody in through this provider, whose row the caller holds. Raises NoWayIn."""
    provider.enabled = False
    await _keep(session, provider, ["enabled"], by=by, now=now)


async def delete_provider(session: AsyncSession, provider: IdentityProvider, *, by: Actor, now: datetime) -> None:
    """Remove a provider that nobody is linked to any more. Hold its row."""
    detail = {"slug": provider.slug, "issuer": provider.issuer}
    await session.delete(provider)
    await session.flush()
    await record(session, AuditAction.PROVIDER_DELETED, by=by, now=now, target_id=provider.id, detail=detail)


async def locked_provider(session: AsyncSession, provider_id: UUID) -> IdentityProvider:
    """The provider as it is until this transaction ends; nobody is linked to it before that.

    Take it before any user's row, and the row of the server settings last. Raises IdentityProviderNotFound.
    """
    provider = await session.get(IdentityProvider, provider_id, with_for_update=True, populate_existing=True)
    if provider is None:
        raise IdentityProviderNotFound()
    return provider


async def _keep(
    session: AsyncSession, provider: IdentityProvider, changed: list[str], *, by: Actor, now: datetime
) -> None:
    provider.updated_at = now
    await session.flush()
    detail = {"slug": provider.slug, "changed": changed}
    await record(session, AuditAction.PROVIDER_CHANGED, by=by, now=now, target_id=provider.id, detail=detail)
    await check_an_admin_gets_in(session)


def _keep_secret(provider: IdentityProvider, secret: str | None, keyring: Keyring) -> None:
    provider.sealed = None if secret is None else keyring.seal(secret.encode(), place=provider.place)
