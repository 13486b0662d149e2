"""Whoever reads the whole database finds no token in it."""

from base64 import urlsafe_b64decode

import pyotp
from sqlalchemy import Connection, select

from tests.accounts.factors import recovery_codes_of, turn_on_totp
from tests.accounts.signing_in import API, confirm, half_signed_in, log_in
from tests.accounts.world import PASSWORD, World
from tests.clock import StoppedClock
from tidings.accounts.models import User
from tidings.accounts.types import Scope
from tidings.kernel.crypto import new_token
from tidings.kernel.db import Base


def test_row_23_a_token_has_256_random_bits() -> None:
    tokens = {new_token() for _ in range(100)}
    assert len(tokens) == 100
    assert {len(urlsafe_b64decode(f"{token}=")) for token in tokens} == {32}


async def test_row_23_a_dump_holds_no_secret(world: World, ada: User, grace: User, clock: StoppedClock) -> None:
    secrets = await secrets_of(world, grace, clock)
    dumped = await dump(world)
    assert len(secrets) >= 12
    assert [name for name, secret in secrets.items() if secret.encode() in dumped] == []


async def secrets_of(world: World, grace: User, clock: StoppedClock) -> dict[str, str]:
    """One of everything that opens something, as it was handed out."""
    found = {"password": PASSWORD}
    async with world.client() as browser:
        await log_in(browser)
        found |= {"cookie": browser.cookies["tidings"], "device": browser.cookies["tidings-device"]}
        await confirm(browser)
        found["cookie after confirming"] = browser.cookies["tidings"]
        app: pyotp.TOTP = await turn_on_totp(world, browser)
        found["authenticator"] = app.secret
        found |= {f"recovery code {n}": each for n, each in enumerate(await recovery_codes_of(browser))}
        found["ticket"] = (await browser.post(f"{API}/notifications/ws/ticket")).json()["ticket"]
    async with world.client() as elsewhere:
        found["pending"] = await half_signed_in(elsewhere)
        await elsewhere.post(f"{API}/auth/password-reset/request", json={"email": "ada@example.org"})
    tokens = await world.tokens_of(grace)
    found |= {"access": tokens.access_token, "refresh": tokens.refresh_token, "key": await world.key(Scope.ADMIN)}
    async with world.client() as refreshed:
        again = await refreshed.post(f"{API}/auth/refresh", json={"refresh_token": tokens.refresh_token})
        found["refreshed"] = again.json()["refresh_token"]
    return found


async def dump(world: World) -> bytes:
    """Every value of every row, one after another."""

    def read(connection: Connection) -> bytes:
        values = [
            value
            for table in Base.metadata.sorted_tables
            if table.name in connection.dialect.get_table_names(connection)
            for row in connection.execute(select(table))
            for value in row
        ]
        return b"\n".join(value if isinstance(value, bytes) else str(value).encode() for value in values)

    async with world.database.read() as session:
        return await (await session.connection()).run_sync(read)
