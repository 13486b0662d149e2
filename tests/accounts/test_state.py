"""The life of an account: every move that is not named is refused, and every one that is made is recorded."""

import itertools

import pytest
from sqlalchemy import select

from tests.accounts.world import World
from tidings.accounts.audit.models import AuditEntry
from tidings.accounts.audit.types import SERVER, AuditAction
from tidings.accounts.errors import InvalidTransition
from tidings.accounts.models import User
from tidings.accounts.state import MOVES, may_move, move
from tidings.accounts.types import AccountState
from tidings.accounts.users import locked_user

EVERY_PAIR = list(itertools.product(AccountState, AccountState))


async def moved(world: World, user: User, to: AccountState) -> None:
    async with world.database.write() as session:
        held = await locked_user(session, user.id)
        await move(session, held, to, by=SERVER, now=world.clock.now(), reason="a test")


async def somebody(world: World, state: AccountState) -> User:
    """Eve, whom a host knows too, and who has no password yet, because a recipient has none."""
    user = await world.add("eve", state=state, external_id="eve")
    async with world.database.write() as session:
        (await locked_user(session, user.id)).password_hash = None
    return user


async def moves_recorded(world: World) -> list[dict[str, str]]:
    async with world.database.read() as session:
        action = AuditAction.ACCOUNT_STATE_CHANGED
        return [entry.detail for entry in await session.scalars(select(AuditEntry).where(AuditEntry.action == action))]


@pytest.mark.parametrize(("state", "to"), [pair for pair in EVERY_PAIR if may_move(*pair)])
async def test_a_named_move_is_made_and_recorded(world: World, state: AccountState, to: AccountState) -> None:
    user = await somebody(world, state)
    await moved(world, user, to)
    now = await world.user(user.id)
    assert now is not None
    assert now.state is to
    assert await moves_recorded(world) == [{"from": state, "to": to, "reason": "a test"}]


@pytest.mark.parametrize(("state", "to"), [pair for pair in EVERY_PAIR if not may_move(*pair)])
async def test_any_other_move_is_refused_and_changes_nothing(
    world: World, state: AccountState, to: AccountState
) -> None:
    user = await somebody(world, state)
    with pytest.raises(InvalidTransition):
        await moved(world, user, to)
    now = await world.user(user.id)
    assert now is not None
    assert now.state is state
    assert await moves_recorded(world) == []


def test_every_state_says_where_it_leads() -> None:
    assert set(MOVES) == set(AccountState)


def test_only_reactivation_brings_a_suspended_account_back() -> None:
    assert MOVES[AccountState.SUSPENDED] == {AccountState.ACTIVE}
    assert [state for state in AccountState if may_move(state, AccountState.SUSPENDED)] == [AccountState.ACTIVE]


def test_nothing_leads_out_of_a_rejection() -> None:
    assert MOVES[AccountState.REJECTED] == frozenset()
