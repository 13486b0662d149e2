"""What is kept of a user on no foreign key, and so would outlive them: counts, and answers kept for a repeat."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.callers import scopes_of
from tidings.accounts.failures.counting import forget_failures
from tidings.accounts.models import ApiKey, User
from tidings.kernel.http.idempotency import forget_idempotency_keys


async def forget_traces(session: AsyncSession, user: User) -> None:
    """Remove failed sign-ins, and answers kept for them and for their keys.

    Call it in the transaction that deletes the user, while what hangs on them is still there. The letters that were
    counted to their addresses stay counted: that keeps mailboxes from being flooded, not theirs alone.
    """
    await forget_failures(session, user.id)
    keys = await session.scalars(select(ApiKey.id).where(ApiKey.owner_user_id == user.id))
    await forget_idempotency_keys(session, scopes_of(user.id, keys.all()))
