"""argon2id with at least OWASP's parameters, brought up to date at sign-in, and never dearer than we can afford."""

import asyncio
import resource

from argon2 import PasswordHasher, Type, extract_parameters
from sqlalchemy import update

from tests.accounts.signing_in import log_in
from tests.accounts.world import HASH, PASSWORD, World
from tidings.accounts.models import User
from tidings.accounts.passwords import hash_password, is_correct


async def test_row_04_the_parameters_are_at_least_those_promised() -> None:
    parameters = extract_parameters(await hash_password(PASSWORD))
    assert parameters.type is Type.ID
    assert parameters.time_cost >= 2
    assert parameters.memory_cost >= 19 * 1024
    assert parameters.parallelism >= 1


async def test_row_04_a_sign_in_replaces_an_older_hash(world: World, ada: User) -> None:
    weak = PasswordHasher(time_cost=1, memory_cost=8 * 1024, parallelism=1).hash(PASSWORD)
    async with world.database.write() as session:
        await session.execute(update(User).values(password_hash=weak))
    async with world.client() as browser:
        assert (await log_in(browser)).status_code == 200
    stored = await world.user(ada.id)
    assert stored is not None
    assert extract_parameters(stored.password_hash or "").memory_cost >= 19 * 1024


async def test_row_04_a_hash_that_asks_for_gigabytes_is_not_computed() -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    greedy = HASH.replace("m=19456", "m=4194304")
    answers = await asyncio.gather(*(is_correct(PASSWORD, greedy) for _ in range(4)))
    assert answers == [False] * 4
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 1024 * 1024  # KiB
