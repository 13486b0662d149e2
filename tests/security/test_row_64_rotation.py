"""A secret key can be replaced: what the old one sealed is sealed again, and then the old one can go."""

from collections.abc import Sequence
from dataclasses import dataclass

import httpx
import pyotp
import pytest
from sqlalchemy import insert, select

from tests.accounts.factors import totp_of
from tests.accounts.mailbox import newest
from tests.accounts.oidc import Sso, Traveller
from tests.accounts.signing_in import API, half_signed_in, pass_mfa
from tests.accounts.world import World
from tidings.accounts.audit.types import SERVER
from tidings.accounts.authentication import SharedProofs
from tidings.accounts.models import SigningSecret, TokenPair, User
from tidings.accounts.signing_secrets import create_signing_secret
from tidings.kernel.crypto import Keyring, WeakKey, new_key_text, parse_keys
from tidings.kernel.db import Database
from tidings.kernel.ids import new_id
from tidings.kernel.rotation import BATCH, SealedColumn, count_outdated, seal_again
from tidings.main.sealed import SEALED_COLUMNS

OLD, NEW = new_key_text("k1"), new_key_text("k2")
BOTH, NEW_ALONE = parse_keys(f"{NEW},{OLD}"), parse_keys(NEW)


@pytest.fixture
async def world(database: Database) -> World:
    """A world that knows the old key alone."""
    return World(database, keyring=parse_keys(OLD))


def knows(world: World, keyring: Keyring) -> None:
    """Start the server anew with these keys."""
    world.keyring = world.app.state.keyring = keyring
    world.app.state.proofs = SharedProofs(world.database, keyring, world.clock)


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


async def outdated(world: World, columns: Sequence[SealedColumn] = SEALED_COLUMNS) -> int:
    async with world.database.read() as session:
        return await count_outdated(session, columns, keyring=BOTH)


async def test_row_64_after_it_the_old_key_can_be_removed(world: World, sso: Sso, ada: User, grace: User) -> None:
    """Whatever the old key sealed is used by a server that does not know it."""
    sealed_by_old = await seal_one_of_each(world, sso, ada, grace)
    assert [column.name for column in SEALED_COLUMNS if not await outdated(world, [column])] == []
    total = await outdated(world)
    rotation = await seal_again(world.database, SEALED_COLUMNS, keyring=BOTH)
    assert (rotation.sealed_again, rotation.unreadable, await outdated(world)) == (total, 0, 0)
    knows(world, NEW_ALONE)
    await use_them(world, sealed_by_old)


@dataclass(frozen=True, slots=True)
class Sealed:
    """One of everything that is sealed, as those hold it who were given it."""

    app: pyotp.TOTP
    traveller: Traveller
    way_back: str
    signing: tuple[SigningSecret, str]
    refreshed: tuple[str, str]
    mailed: str


async def seal_one_of_each(world: World, sso: Sso, ada: User, grace: User) -> Sealed:
    app = await totp_of(world, ada)
    await sso.links(grace)
    traveller, now = sso.browser(), world.clock.now()
    way_back = await traveller.visits(await traveller.leaves())
    tokens = await world.tokens_of(grace)
    async with world.database.write() as session:
        signing = await create_signing_secret(session, name="host", keyring=world.keyring, by=SERVER, now=now)
    async with world.client() as client:
        await client.post(f"{API}/auth/password-reset/request", json={"email": ada.email})
        refreshed = await refresh(client, tokens.refresh_token)
    mailed = (await newest(world, "password_reset")).token
    return Sealed(app, traveller, way_back, signing, (tokens.refresh_token, refreshed), mailed)


async def use_them(world: World, sealed: Sealed) -> None:
    async with world.client() as client:
        pending = await half_signed_in(client)
        assert (await pass_mfa(client, pending, code=sealed.app.at(world.clock.now()))).status_code == 200
        assert await refresh(client, sealed.refreshed[0]) == sealed.refreshed[1]
    await sealed.traveller.returns(sealed.way_back)  # with the verifier of the trip, and as the provider's client
    assert await sealed.traveller.is_signed_in()
    assert (await newest(world, "password_reset")).token == sealed.mailed
    row, secret = sealed.signing
    async with world.database.read() as session:
        stored = await session.scalar(select(SigningSecret.sealed).where(SigningSecret.id == row.id))
    assert stored is not None
    assert world.keyring.unseal(stored, place=row.place) == secret.encode()


async def refresh(client: httpx.AsyncClient, token: str) -> str:
    answer = await client.post(f"{API}/auth/refresh", json={"refresh_token": token})
    assert answer.status_code == 200, answer.text
    successor: str = answer.json()["refresh_token"]
    return successor


async def test_row_64_stopped_half_way_it_takes_up_where_it_was(world: World) -> None:
    await write_secrets(world, BATCH + 7)

    def stop(_done: int) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        await seal_again(world.database, SEALED_COLUMNS, keyring=BOTH, on_progress=stop)
    assert await outdated(world) == 7
    told: list[int] = []
    rotation = await seal_again(world.database, SEALED_COLUMNS, keyring=BOTH, on_progress=told.append)
    assert (rotation.sealed_again, await outdated(world), told[-1]) == (7, 0, 7)


async def test_row_64_what_no_key_opens_is_told_and_stops_nothing(world: World) -> None:
    await write_secrets(world, 2)
    world.keyring = parse_keys(new_key_text("gone"))
    await write_secrets(world, BATCH + 1)
    rotation = await seal_again(world.database, SEALED_COLUMNS, keyring=BOTH)
    assert (rotation.sealed_again, rotation.unreadable) == (2, BATCH + 1)


async def test_row_64_without_anything_to_do_it_does_nothing(world: World) -> None:
    rotation = await seal_again(world.database, SEALED_COLUMNS, keyring=BOTH)
    assert (rotation.sealed_again, rotation.unreadable) == (0, 0)


async def test_row_64_a_pair_without_a_successor_is_passed_over(world: World) -> None:
    await world.tokens_of(await world.add("ada"))
    assert await outdated(world) == 0
    async with world.database.read() as session:
        assert await session.scalar(select(TokenPair.successor)) is None


@pytest.mark.parametrize(
    "text",
    ["", "k1:", "k1:c2hvcnQ=", f"k1:{'A' * 43}=", f"{OLD},{OLD}", "no key"],
    ids=["empty", "no value", "short", "nothing random", "twice", "no key"],
)
def test_row_64_a_weak_key_is_refused(text: str) -> None:
    with pytest.raises(WeakKey):
        parse_keys(text)
