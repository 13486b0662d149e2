"""Password hashes: exact, bounded, and replaced when their parameters age."""

import asyncio

import pytest
from argon2 import PasswordHasher, extract_parameters

from tests.accounts.world import HASH, PASSWORD
from tidings.accounts.passwords import PERMITS, WAITING, hash_password, is_correct, is_outdated
from tidings.kernel.errors import Busy


async def test_the_parameters_are_at_least_those_promised() -> None:
    parameters = extract_parameters(await hash_password(PASSWORD))
    assert (parameters.time_cost, parameters.memory_cost, parameters.parallelism) >= (2, 19 * 1024, 1)
    assert parameters.type.name == "ID"


async def test_only_the_very_password_is_correct() -> None:
    assert await is_correct(PASSWORD, HASH)
    for other in ("", PASSWORD + " ", " " + PASSWORD, PASSWORD.upper(), PASSWORD[:-1]):
        assert not await is_correct(other, HASH)


async def test_code_points_past_byte_72_count() -> None:
    stored = await hash_password("é" * 60 + "a")
    assert not await is_correct("é" * 60 + "b", stored)


async def test_passwords_are_not_normalised() -> None:
    assert not await is_correct("e\u0301tudiant-1", await hash_password("\u00e9tudiant-1"))


async def test_without_a_hash_no_password_is_correct() -> None:
    assert not await is_correct(PASSWORD, None)
    assert not await is_correct("nobody's password", None)


@pytest.mark.parametrize("stored", ["", "plain", "$2b$12$abcdefghijklmnopqrstuu", "$argon2id$v=19$m=1$x"])
async def test_a_hash_of_another_kind_is_nobodys(stored: str) -> None:
    assert not await is_correct("nobody's password", stored)


async def test_a_hash_that_asks_for_too_much_memory_is_not_computed() -> None:
    greedy = HASH.replace("m=19456", "m=4000000")
    assert not await is_correct(PASSWORD, greedy)


def test_a_hash_of_other_parameters_is_outdated() -> None:
    assert is_outdated(PasswordHasher(time_cost=1, memory_cost=8 * 1024, parallelism=1).hash(PASSWORD))
    assert not is_outdated(HASH)


async def test_a_flood_is_shed_instead_of_queued_without_end() -> None:
    flood = PERMITS + WAITING + 20
    answers = await asyncio.gather(*(is_correct("x", HASH) for _ in range(flood)), return_exceptions=True)
    shed = [answer for answer in answers if isinstance(answer, Busy)]
    assert len(shed) >= 1
    assert [answer for answer in answers if not isinstance(answer, Busy)] == [False] * (flood - len(shed))
    assert await is_correct(PASSWORD, HASH)
