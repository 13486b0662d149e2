"""Whoever reads the whole database finds no token in it."""

import binascii
import re
from base64 import b32decode, urlsafe_b64decode
from collections.abc import Iterator

import pyotp
from sqlalchemy import Connection, select

from tests.accounts.factors import recovery_codes_of, turn_on_totp
from tests.accounts.mailbox import newest
from tests.accounts.oidc import Sso, query_of
from tests.accounts.signing_in import API, confirm, half_signed_in, log_in
from tests.accounts.world import PASSWORD, World
from tests.clock import StoppedClock
from tests.services.oidc_provider import CLIENT_SECRET
from tidings.accounts.known_devices.models import KnownDevice
from tidings.accounts.models import User
from tidings.accounts.setup import ensure_setup_token
from tidings.accounts.types import Scope
from tidings.kernel.crypto import new_token
from tidings.kernel.db import Base


def test_row_23_a_token_has_256_random_bits() -> None:
    tokens = {new_token() for _ in range(100)}
    assert len(tokens) == 100
    assert {len(urlsafe_b64decode(f"{token}=")) for token in tokens} == {32}


SECRETS = {
    *("password", "cookie", "cookie after confirming", "device", "authenticator", "ticket", "pending", "access"),
    *("refresh", "refreshed", "key", "setup", "signing", "reset", "trip", "browser of the trip", "client secret"),
    *(f"recovery code {n}" for n in range(10)),
}
"""What is handed out, by the names below."""


async def test_row_23_a_dump_holds_no_secret(world: World, sso: Sso, ada: User, clock: StoppedClock) -> None:
    setup = await setup_token(world)
    grace = await world.add("grace", admin=True)
    secrets = await secrets_of(world, grace, clock) | await secrets_of_a_trip(sso) | {"setup": setup}
    dumped = await dump(world)
    assert set(secrets) == SECRETS
    assert [name for name, secret in secrets.items() if is_in(dumped, secret)] == []


async def test_row_23_a_token_in_the_dump_would_be_found(world: World, ada: User, clock: StoppedClock) -> None:
    for number in range(3):
        token = new_token("tdd_")
        assert not is_in(await dump(world), token)
        raw = urlsafe_b64decode(f"{token[4:]}=")
        stored = (token.encode(), raw, raw.hex().encode())
        async with world.database.write() as session:
            now = clock.now()
            session.add(KnownDevice(user_id=ada.id, digest=stored[number], created_at=now, last_seen_at=now))
        assert is_in(await dump(world), token)


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
    found["reset"] = (await newest(world, "password_reset")).token
    async with await world.browser_of(grace) as administrator:
        made = await administrator.post(f"{API}/signing-secrets", json={"name": "host"})
        found["signing"] = made.json()["secret"]
    tokens = await world.tokens_of(grace)
    found |= {"access": tokens.access_token, "refresh": tokens.refresh_token, "key": await world.key(Scope.ADMIN)}
    async with world.client() as refreshed:
        again = await refreshed.post(f"{API}/auth/refresh", json={"refresh_token": tokens.refresh_token})
        found["refreshed"] = again.json()["refresh_token"]
    return found


async def setup_token(world: World) -> str:
    """What makes the first administrator, while there is none."""
    async with world.database.write() as session:
        token = await ensure_setup_token(session, now=world.clock.now())
    assert token is not None
    return token


async def secrets_of_a_trip(sso: Sso) -> dict[str, str]:
    """What a browser takes along that leaves for a provider, and by what the provider knows us."""
    traveller = sso.browser()
    state = query_of(await traveller.leaves())["state"]
    (cookie,) = (value for value in traveller.client.cookies.values() if value.startswith("tdo_"))
    return {"trip": state, "browser of the trip": cookie, "client secret": CLIENT_SECRET}


def is_in(dumped: bytes, secret: str) -> bool:
    """Whether the dump shows this secret, in whatever form."""
    return any(form in dumped for form in forms_of(secret))


def forms_of(secret: str) -> Iterator[bytes]:
    """How a secret could be kept by mistake: as its text, as the bytes that it stands for, and as these in hex."""
    yield from (secret.encode(), secret.replace("-", "").encode())
    text = re.sub("^td[a-z]_", "", secret)
    for decode, block in ((urlsafe_b64decode, 4), (b32decode, 8)):
        try:
            raw = decode(text + "=" * (-len(text) % block))
        except binascii.Error:  # it is no text of this alphabet
            continue
        if len(raw) >= 10:  # fewer would be found by chance
            yield from (raw, raw.hex().encode())


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
