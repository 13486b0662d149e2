"""The life of an account: every move that is not named is refused."""

import itertools

import pytest

from tidings.accounts.errors import InvalidTransition
from tidings.accounts.models import User
from tidings.accounts.state import MOVES, may_move, move
from tidings.accounts.types import AccountState

EVERY_PAIR = list(itertools.product(AccountState, AccountState))


@pytest.mark.parametrize(("state", "to"), [pair for pair in EVERY_PAIR if may_move(*pair)])
def test_a_named_move_is_made(state: AccountState, to: AccountState) -> None:
    user = User(state=state)
    move(user, to)
    assert user.state is to


@pytest.mark.parametrize(("state", "to"), [pair for pair in EVERY_PAIR if not may_move(*pair)])
def test_any_other_move_is_refused_and_changes_nothing(state: AccountState, to: AccountState) -> None:
    user = User(state=state)
    with pytest.raises(InvalidTransition):
        move(user, to)
    assert user.state is state


def test_every_state_says_where_it_leads() -> None:
    assert set(MOVES) == set(AccountState)


def test_only_reactivation_brings_a_suspended_account_back() -> None:
    assert MOVES[AccountState.SUSPENDED] == {AccountState.ACTIVE}
    assert [state for state in AccountState if may_move(state, AccountState.SUSPENDED)] == [AccountState.ACTIVE]
