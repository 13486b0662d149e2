"""What every test of notifications has besides the small world: counters that are right afterwards."""

import io
from collections.abc import AsyncIterator

import httpx
import jwt
import pytest

from tests.world import Person, World
from tidings import Tidings
from tidings.accounts.audit.types import SERVER
from tidings.accounts.signing_secrets import create_signing_secret
from tidings.accounts.types import AccessType, AccountState
from tidings.accounts.users import create_user
from tidings.kernel.logging import configure_logging
from tidings.notifications.recounting import find_miscounts


@pytest.fixture(scope="session", autouse=True)
def logs() -> io.StringIO:
    """Logs as a server writes them, kept apart."""
    written = io.StringIO()
    configure_logging(level="WARNING", stream=written)
    return written


@pytest.fixture
async def tidings(tidings: Tidings) -> AsyncIterator[Tidings]:
    """The Tidings under test; whatever a test does, every counter equals a count of the rows afterwards."""
    yield tidings
    async with tidings.database.read() as session:
        assert list(await find_miscounts(session)) == []


@pytest.fixture
async def guest(world: World) -> Person:
    """Somebody only the host knows, in an embedded inbox."""
    now = world.clock.now()
    async with world.tidings.database.write() as session:
        user = await create_user(
            session,
            username=None,
            email="guest@example.org",
            name="Guest",
            password_hash=None,
            access_type=AccessType.REGULAR,
            state=AccountState.RECIPIENT,
            external_id="guest-1",
            by=SERVER,
            now=now,
        )
        _, secret = await create_signing_secret(session, name="shop", keyring=world.tidings.keyring, by=SERVER, now=now)
    claims = {"sub": "guest-1", "aud": "tidings", "exp": now.timestamp() + 3_600}
    token = jwt.encode(claims, secret, "HS256")
    return Person(user.id, "guest", world.client(headers={"Authorization": f"Bearer {token}"}), world)


@pytest.fixture
def nobody(world: World) -> httpx.AsyncClient:
    """A program without a credential."""
    return world.client()
