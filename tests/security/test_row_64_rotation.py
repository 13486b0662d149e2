"""A secret key can be replaced: what the old one sealed is sealed again, and then the old one can go."""

import pytest
from sqlalchemy import insert, select

from tests.accounts.world import World
from tidings.accounts.audit.types import SERVER
from tidings.accounts.models import SigningSecret, TokenPair
from tidings.accounts.signing_secrets import create_signing_secret
from tidings.accounts.tokens import refresh_tokens
from tidings.kernel.crypto import Keyring, WeakKey, new_key_text, parse_keys
from tidings.kernel.ids import new_id
from tidings.kernel.rotation import BATCH, count_outdated, seal_again
from tidings.main.sealed import SEALED_COLUMNS

OLD, NEW = new_key_text("k1"), new_key_text("k2")
HERE = [column for column in SEALED_COLUMNS if column.table.name.startswith(("tidings_signing", "tidings_token"))]
SECRETS = [column for column in HERE if column.table.name == "tidings_signing_secrets"]
BOTH, NEW_ALONE = parse_keys(f"{NEW},{OLD}"), parse_keys(NEW)


@pytest.fixture
def world_of_old(world: World) -> World:
    """A world that knows the old key alone."""
    world.keyring = parse_keys(OLD)
    return world


async def write_secrets(world: World, count: int) -> None:
    rows = [SigningSecret(id=new_id(), name="host", created_at=world.clock.now()) for _ in range(count)]
    async with world.database.write() as session:
        values = [
            {"id": row.id, "name": row.name, "created_at": row.created_at, "sealed": sealed(world.keyring, row)}
            for row in rows
        ]
        await session.execute(insert(SigningSecret), values)


def sealed(keyring: Keyring, row: SigningSecret) -> str:
    return keyring.seal(f"secret of {row.id}".encode(), place=row.place)


async def outdated(world: World, keyring: Keyring = BOTH) -> int:
    async with world.database.read() as session:
        return await count_outdated(session, HERE, keyring=keyring)


async def test_row_64_after_it_the_old_key_can_be_removed(world_of_old: World) -> None:
    world = world_of_old
    ada = await world.add("ada")
    tokens = await world.tokens_of(ada)
    async with world.database.write() as session:
        row, secret = await create_signing_secret(
            session, name="host", keyring=world.keyring, by=SERVER, now=world.clock.now()
        )
        first = await refresh_tokens(session, tokens.refresh_token, keyring=world.keyring, now=world.clock.now())
    assert await outdated(world) == 2
    rotation = await seal_again(world.database, HERE, keyring=BOTH)
    assert (rotation.sealed_again, rotation.unreadable, await outdated(world)) == (2, 0, 0)
    async with world.database.write() as session:
        stored = await session.scalar(select(SigningSecret.sealed).where(SigningSecret.id == row.id))
        assert stored is not None
        assert NEW_ALONE.unseal(stored, place=row.place) == secret.encode()
        again = await refresh_tokens(session, tokens.refresh_token, keyring=NEW_ALONE, now=world.clock.now())
    assert again.refresh_token == first.refresh_token


async def test_row_64_stopped_half_way_it_takes_up_where_it_was(world_of_old: World) -> None:
    await write_secrets(world_of_old, BATCH + 7)

    def stop(_done: int) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        await seal_again(world_of_old.database, HERE, keyring=BOTH, on_progress=stop)
    assert await outdated(world_of_old) == 7
    told: list[int] = []
    rotation = await seal_again(world_of_old.database, HERE, keyring=BOTH, on_progress=told.append)
    assert (rotation.sealed_again, await outdated(world_of_old), told[-1]) == (7, 0, 7)


async def test_row_64_what_no_key_opens_is_told_and_stops_nothing(world_of_old: World) -> None:
    await write_secrets(world_of_old, 2)
    world_of_old.keyring = parse_keys(new_key_text("gone"))
    await write_secrets(world_of_old, BATCH + 1)
    rotation = await seal_again(world_of_old.database, SECRETS, keyring=BOTH)
    assert (rotation.sealed_again, rotation.unreadable) == (2, BATCH + 1)


async def test_row_64_without_anything_to_do_it_does_nothing(world: World) -> None:
    rotation = await seal_again(world.database, HERE, keyring=BOTH)
    assert (rotation.sealed_again, rotation.unreadable) == (0, 0)


async def test_row_64_a_pair_without_a_successor_is_passed_over(world_of_old: World) -> None:
    await world_of_old.tokens_of(await world_of_old.add("ada"))
    assert await outdated(world_of_old) == 0
    async with world_of_old.database.read() as session:
        assert await session.scalar(select(TokenPair.successor)) is None


@pytest.mark.parametrize(
    "text",
    ["", "k1:", "k1:c2hvcnQ=", f"k1:{'A' * 43}=", f"{OLD},{OLD}", "no key"],
    ids=["empty", "no value", "short", "nothing random", "twice", "no key"],
)
def test_row_64_a_weak_key_is_refused(text: str) -> None:
    with pytest.raises(WeakKey):
        parse_keys(text)
