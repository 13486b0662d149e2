"""Signing in with providers, in tests: a provider that can misbehave, and browsers that travel to it and back."""

import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import httpx
import pytest

from tests.accounts.world import World
from tests.server import environment, free_port
from tests.services.oidc_provider import CLIENT_ID, CLIENT_SECRET
from tidings.accounts.audit.types import SERVER
from tidings.accounts.identities.models import Identity
from tidings.accounts.identity_providers.changing import create_provider
from tidings.accounts.identity_providers.discovery import ProviderDirectory
from tidings.accounts.identity_providers.models import IdentityProvider
from tidings.accounts.models import User
from tidings.accounts.server_settings.models import ServerSettings
from tidings.accounts.server_settings.reading import default_settings
from tidings.kernel.ids import new_id
from tidings.kernel.outbound.addresses import parse_networks
from tidings.kernel.outbound.client import OutboundClient

API = "/api/v1"
_PATIENCE_S = 30


@dataclass
class Tenant:
    """A provider of this test's own, as its operator sees it."""

    issuer: str

    async def behaves(self, **habits: Any) -> None:
        """Change how it behaves; the habits are those of tests/services/oidc_provider.py."""
        async with httpx.AsyncClient(trust_env=False) as client:
            (await client.post(f"{self.issuer}/habits", json=habits)).raise_for_status()

    async def asked(self, path: str) -> int:
        """How often this path was asked for."""
        async with httpx.AsyncClient(trust_env=False) as client:
            asked: list[str] = (await client.get(f"{self.issuer}/asked")).json()
            return asked.count(path)


@dataclass
class Traveller:
    """One browser."""

    client: httpx.AsyncClient

    async def leaves(self, slug: str = "club", **query: str) -> str:
        """Begin to sign in; where the browser is sent."""
        return location(await self.client.get(f"{API}/auth/oidc/{slug}/start", params=query))

    async def visits(self, url: str) -> str:
        """Open the provider's page, where somebody is signed in already; where it sends the browser."""
        async with httpx.AsyncClient(trust_env=False) as network:
            answer = await network.get(url)
        assert answer.status_code == 302, answer.text
        return answer.headers["location"]

    async def returns(self, url: str) -> str:
        """Follow the provider's answer; where the browser ends up, as a path of this server."""
        parts = urlsplit(url)
        return location(await self.client.get(f"{parts.path}?{parts.query}"))

    async def signs_in(self, slug: str = "club", **query: str) -> str:
        """The whole way."""
        return await self.returns(await self.visits(await self.leaves(slug, **query)))

    async def is_signed_in(self) -> bool:
        return (await self.client.get(f"{API}/users/me")).status_code == 200

    async def username(self) -> str:
        return str((await self.client.get(f"{API}/users/me")).json()["username"])


@dataclass
class Sso:
    """A world in which people may sign in with the provider `club`."""

    world: World
    tenant: Tenant
    provider: IdentityProvider

    def browser(self, cookie: str | None = None) -> Traveller:
        return Traveller(self.world.client(cookie=cookie))

    async def links(self, user: User, subject: str = "subject-1") -> Identity:
        """Have somebody linked already."""
        identity = Identity(
            user_id=user.id,
            id=new_id(),
            provider_id=self.provider.id,
            issuer=self.tenant.issuer,
            subject=subject,
            created_at=self.world.clock.now(),
        )
        async with self.world.database.write() as session:
            session.add(identity)
            found = await session.get_one(User, user.id)
            found.external_auth_count += 1
        return identity

    async def settings(self, **values: Any) -> None:
        """Change the server settings."""
        async with self.world.database.write() as session:
            settings = await session.get(ServerSettings, 1)
            if settings is None:
                settings = default_settings()
                session.add(settings)
            for name, value in values.items():
                setattr(settings, name, value)

    async def changes(self, **values: Any) -> None:
        """Change the provider."""
        async with self.world.database.write() as session:
            provider = await session.get_one(IdentityProvider, self.provider.id)
            for name, value in values.items():
                setattr(provider, name, value)

    async def opens(self, **habits: Any) -> None:
        """Let newcomers in at once, whom the provider knows as the habits say."""
        await self.settings(signup_enabled=True, signup_require_admin_approval=False)
        await self.changes(auto_create=True)
        await self.tenant.behaves(**habits)


def location(answer: httpx.Response) -> str:
    """Where a browser is sent: of this server only the path."""
    assert answer.status_code == 303, answer.text
    return answer.headers["location"].removeprefix(str(answer.request.url.copy_with(raw_path=b"/")).rstrip("/"))


def query_of(url: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


@pytest.fixture(scope="session")
def oidc_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The provider's process, for as many tenants as tests want."""
    folder, port = tmp_path_factory.mktemp("oidc"), free_port()
    log = folder / "provider.log"
    settings = environment(folder, {}) | {
        "AUTHLIB_INSECURE_TRANSPORT": "1",
        "PYTHONPATH": ":".join(filter(None, sys.path)),
    }
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.services.oidc_provider", str(port)],
            env=settings,
            stdout=output,
            stderr=output,
        )
    url = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + _PATIENCE_S
        with httpx.Client(trust_env=False) as client:
            while True:
                assert process.poll() is None, log.read_text()
                assert time.monotonic() < deadline, log.read_text()
                try:
                    client.get(f"{url}/nobody/jwks-of-nobody")
                    break
                except httpx.TransportError:
                    time.sleep(0.02)  # it does not listen yet
        yield url
    finally:
        process.terminate()
        process.wait(_PATIENCE_S)


@pytest.fixture
async def sso(oidc_process: str, world: World) -> Sso:
    """Signing in with `club` is open to people who linked it."""
    tenant = Tenant(f"{oidc_process}/{uuid4().hex}")
    await tenant.behaves(moment=world.clock.now().timestamp())
    world.app.state.provider_directory = ProviderDirectory(OutboundClient(allow=parse_networks(["127.0.0.1"])))
    values = {
        "slug": "club",
        "name": "The Club",
        "template": None,
        "issuer": tenant.issuer,
        "client_id": CLIENT_ID,
        "scopes": ["openid", "email", "profile"],
        "enabled": True,
        "auto_create": False,
        "trust_email": False,
        "sync_profile": False,
        "position": 0,
    }
    async with world.database.write() as session:
        provider = await create_provider(
            session,
            values,
            client_secret=CLIENT_SECRET,
            keyring=world.keyring,
            by=SERVER,
            now=world.clock.now(),
        )
    made = Sso(world, tenant, provider)
    await made.settings(sso_enabled=True)
    return made
