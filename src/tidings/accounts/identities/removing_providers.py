"""Removing a provider with every identity at it: step by step, each a short transaction, so that nobody waits for long.

First it is switched off, so that nobody comes in through it any more; then some people at a time lose what they had
there, are signed out and told; when nobody is left it goes. Stopped half way it stays switched off: remove it again.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.audit.recording import record_each
from tidings.accounts.audit.types import Actor, AuditAction
from tidings.accounts.ending_sessions import end_access_of_each
from tidings.accounts.events import CredentialChanged
from tidings.accounts.identities.models import Identity
from tidings.accounts.identity_providers.changing import close_provider, delete_provider, locked_provider
from tidings.accounts.identity_providers.models import IdentityProvider
from tidings.accounts.locking import lock_users
from tidings.accounts.models import User
from tidings.kernel.db import Database
from tidings.kernel.events import publish

AT_ONCE = 100
_REASON = "identity_changed"


async def remove_provider(database: Database, provider_id: UUID, *, but: UUID | None, by: Actor, now: datetime) -> None:
    """Remove it. Everybody linked there is signed out, apart from the session `but`, in which that was decided.

    Raises IdentityProviderNotFound, and NoWayIn, before anything has changed, where no administrator could sign in.
    """
    is_gone = False
    while not is_gone:
        async with database.write() as session:
            is_gone = await _take_a_step(session, provider_id, but=but, by=by, now=now)


async def _take_a_step(session: AsyncSession, provider_id: UUID, *, but: UUID | None, by: Actor, now: datetime) -> bool:
    """The next thing to do, and whether it was the last.

    The provider's row is held, as by whoever links or signs in there: nobody new is linked until the step is over.
    """
    provider = await locked_provider(session, provider_id)
    if provider.enabled:  # at first, and if another administrator has just switched it on again
        await close_provider(session, provider, by=by, now=now)
        return False
    linked = select(Identity.user_id).where(Identity.provider_id == provider.id).distinct().limit(AT_ONCE)
    found = (await session.scalars(linked)).all()
    if not found:
        await delete_provider(session, provider, by=by, now=now)
        return True
    if user_ids := await lock_users(session, found):  # some, or all of them, may have been deleted just now
        await _unlink_each(session, provider, user_ids, but=but, by=by, now=now)
    return False


async def _unlink_each(
    session: AsyncSession,
    provider: IdentityProvider,
    user_ids: Sequence[UUID],
    *,
    but: UUID | None,
    by: Actor,
    now: datetime,
) -> None:
    """Take what these people have at the provider. Hold their rows."""
    theirs = Identity.user_id.in_(user_ids), Identity.provider_id == provider.id
    await session.execute(delete(Identity).where(*theirs).execution_options(synchronize_session=False))
    left = select(func.count()).select_from(Identity).where(Identity.user_id == User.id).scalar_subquery()
    await session.execute(
        update(User)
        .where(User.id.in_(user_ids))
        .values(external_auth_count=left)
        .execution_options(synchronize_session=False)
    )
    detail = {"provider": provider.slug}
    await record_each(session, AuditAction.IDENTITY_UNLINKED, user_ids, by=by, now=now, detail=detail)
    await end_access_of_each(session, user_ids, but=but, reason=_REASON)
    for user_id in user_ids:
        await publish(session, CredentialChanged(user_id, "identity", now))
