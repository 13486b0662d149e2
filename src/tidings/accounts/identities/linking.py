"""Linking identities to an account, and taking them away."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.audit.recording import record
from tidings.accounts.audit.types import Actor, AuditAction
from tidings.accounts.events import CredentialChanged
from tidings.accounts.identities.errors import AccountClosed, IdentityNotFound, IdentityTaken, LastWayIn
from tidings.accounts.identities.models import Identity
from tidings.accounts.identities.profiles import email_of
from tidings.accounts.identities.queries import has_way_in_without
from tidings.accounts.identity_providers.models import IdentityProvider
from tidings.accounts.identity_providers.types import ProvenIdentity
from tidings.accounts.models import User
from tidings.accounts.sessions import end_all_access, end_other_sessions
from tidings.accounts.types import AccessType
from tidings.accounts.users import locked_user
from tidings.accounts.ways_in import check_an_admin_gets_in
from tidings.kernel.events import publish
from tidings.kernel.ids import new_id

_REASON = "identity_changed"


async def link_identity(
    session: AsyncSession,
    user_id: UUID,
    proven: ProvenIdentity,
    provider: IdentityProvider,
    *,
    by: Actor,
    now: datetime,
) -> Identity:
    """From now on this identity signs this user in; repeating it changes nothing. Raises IdentityTaken."""
    user = await locked_user(session, user_id)
    if not user.is_active:
        raise AccountClosed()
    try:
        async with session.begin_nested():
            identity = await add_identity(session, user, proven, provider, by=by, now=now)
    except IntegrityError:
        known = await session.scalar(
            select(Identity).where(Identity.issuer == proven.issuer, Identity.subject == proven.subject)
        )
        if known is None or known.user_id != user_id:
            raise IdentityTaken() from None
        return known
    await publish(session, CredentialChanged(user.id, "identity", now))
    return identity


async def add_identity(
    session: AsyncSession,
    user: User,
    proven: ProvenIdentity,
    provider: IdentityProvider,
    *,
    by: Actor,
    now: datetime,
) -> Identity:
    """The identity as this user's, whose row the caller holds or has just made. Raises IntegrityError if it is had."""
    identity = Identity(
        id=new_id(),
        user_id=user.id,
        provider_id=provider.id,
        issuer=proven.issuer,
        subject=proven.subject,
        email=email_of(proven),
        created_at=now,
        last_used_at=None,
    )
    session.add(identity)
    await session.flush()
    await count_identities(session, user)
    detail = {"provider": provider.slug, "identity_id": str(identity.id)}
    await record(session, AuditAction.IDENTITY_LINKED, by=by, now=now, target_id=user.id, detail=detail)
    return identity


async def unlink_own_identity(
    session: AsyncSession, user_id: UUID, identity_id: UUID, *, session_id: UUID | None, by: Actor, now: datetime
) -> None:
    """Take one of one's own identities away; the other sessions end.

    Raises IdentityNotFound, LastWayIn, and NoWayIn when passwords are switched off meanwhile and nobody else is linked.
    """
    user = await locked_user(session, user_id)
    await _remove(session, user, identity_id, by=by, now=now)
    if not await has_way_in_without(session, user, identity_id):
        raise LastWayIn()
    if session_id is None:
        await end_all_access(session, user_id, reason=_REASON)
    else:
        await end_other_sessions(session, user_id, but=session_id, reason=_REASON)
    await _keep_a_way_in(session, user)


async def unlink_identity(session: AsyncSession, user_id: UUID, identity_id: UUID, *, by: Actor, now: datetime) -> None:
    """Take somebody's identity away, also a last one; every session of theirs ends.

    Raises UserNotFound, IdentityNotFound, and NoWayIn where no administrator could sign in.
    """
    user = await locked_user(session, user_id)
    await _remove(session, user, identity_id, by=by, now=now)
    await end_all_access(session, user_id, reason=_REASON)
    await _keep_a_way_in(session, user)


async def count_identities(session: AsyncSession, user: User) -> None:
    """Bring the number in this user's profile up to date. Hold their row."""
    count = select(func.count()).select_from(Identity).where(Identity.user_id == user.id)
    user.external_auth_count = await session.scalar(count) or 0
    await session.flush()


async def _remove(session: AsyncSession, user: User, identity_id: UUID, *, by: Actor, now: datetime) -> None:
    gone = await session.execute(
        delete(Identity).where(Identity.user_id == user.id, Identity.id == identity_id).returning(Identity.provider_id)
    )
    if gone.first() is None:
        raise IdentityNotFound()
    await count_identities(session, user)
    detail = {"identity_id": str(identity_id)}
    await record(session, AuditAction.IDENTITY_UNLINKED, by=by, now=now, target_id=user.id, detail=detail)
    await publish(session, CredentialChanged(user.id, "identity", now))


async def _keep_a_way_in(session: AsyncSession, user: User) -> None:
    if user.is_active and user.access_type is AccessType.ADMIN:  # with anybody else no administrator's way goes
        await check_an_admin_gets_in(session)
