"""The life of an account: which moves between states exist. Deletion removes the row and is no state."""

from collections.abc import Mapping

from tidings.accounts.errors import InvalidTransition
from tidings.accounts.models import User
from tidings.accounts.types import AccountState

MOVES: Mapping[AccountState, frozenset[AccountState]] = {
    AccountState.RECIPIENT: frozenset({AccountState.INVITED}),
    AccountState.INVITED: frozenset({AccountState.ACTIVE}),
    AccountState.REGISTERED: frozenset({AccountState.ACTIVE, AccountState.REJECTED}),
    AccountState.ACTIVE: frozenset({AccountState.SUSPENDED}),
    AccountState.SUSPENDED: frozenset({AccountState.ACTIVE}),
    AccountState.REJECTED: frozenset(),
}


def may_move(state: AccountState, to: AccountState) -> bool:
    """Whether an account in `state` may go to `to`; staying is no move."""
    return to in MOVES[state]


def move(user: User, to: AccountState) -> None:
    """Put the user into another state. Raises InvalidTransition when no such move exists."""
    if not may_move(user.state, to):
        raise InvalidTransition(f"An account that is {user.state} cannot become {to}.")
    user.state = to
