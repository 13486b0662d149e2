"""The life of an account: which moves between states exist, each recorded. Deletion removes the row and is no state."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.audit.recording import record
from tidings.accounts.audit.types import Actor, AuditAction
from tidings.accounts.errors import InvalidTransition
from tidings.accounts.models import User
from tidings.accounts.types import AccountState

MOVES: Mapping[AccountState, frozenset[AccountState]] = {
    AccountState.RECIPIENT: frozenset({AccountState.INVITED}),
    AccountState.INVITED: frozenset({AccountState.ACTIVE, AccountState.REGISTERED}),
    AccountState.REGISTERED: frozenset({AccountState.ACTIVE, AccountState.REJECTED, AccountState.RECIPIENT}),
    AccountState.ACTIVE: frozenset({AccountState.SUSPENDED}),
    AccountState.SUSPENDED: frozenset({AccountState.ACTIVE}),
    AccountState.REJECTED: frozenset(),
}


def may_move(state: AccountState, to: AccountState) -> bool:
    """Whether an account in `state` may go to `to`; staying is no move."""
    return to in MOVES[state]


async def move(session: AsyncSession, user: User, to: AccountState, *, by: Actor, now: datetime, reason: str) -> None:
    """Put the user, whose row the caller holds, into another state, and record from where and why.

    Raises InvalidTransition when no such move exists.
    """
    if not may_move(user.state, to):
        raise InvalidTransition(f"An account that is {user.state} cannot become {to}.")
    detail = {"from": user.state, "to": to, "reason": reason}
    user.state = to
    user.updated_at = now
    await session.flush()
    await record(session, AuditAction.ACCOUNT_STATE_CHANGED, by=by, now=now, target_id=user.id, detail=detail)
