"""A small named world for the tests of accounts: people, a clock that stands still, and clients for both."""

from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from types import SimpleNamespace
from uuid import UUID

import httpx
from argon2 import PasswordHasher
from fastapi import FastAPI

from tests.clock import StoppedClock
from tidings.accounts.api import router
from tidings.accounts.audit.types import SERVER
from tidings.accounts.authentication import SharedProofs
from tidings.accounts.change_letters import write_of_change
from tidings.accounts.contributors import Contributors
from tidings.accounts.events import (
    AccessEnded,
    ApprovalHandled,
    ApprovalRequested,
    CredentialChanged,
    EveryAccessEnded,
    UserDeleting,
    UsersCreated,
)
from tidings.accounts.keys import create_key
from tidings.accounts.models import User
from tidings.accounts.privacy.keeping import create_privacy
from tidings.accounts.sessions import Device, start_browser_session, start_token_session
from tidings.accounts.tokens import Tokens, issue_tokens
from tidings.accounts.types import AccessType, AccountState, Scope
from tidings.accounts.users import create_user
from tidings.kernel.bindings import bind
from tidings.kernel.crypto import Keyring, new_key_text, parse_keys
from tidings.kernel.db import Database
from tidings.kernel.events import Events
from tidings.kernel.http.problems import install_problems
from tidings.kernel.http.routing import Router, add_routes
from tidings.kernel.rate_limits.counting import RateLimits
from tidings.kernel.rate_limits.memory import MemoryCounts
from tidings.kernel.rate_limits.types import Limit

BASE_URL = "http://tidings.example"
PASSWORD = "correct horse battery staple"
NONE = Limit("none", 0)
_HEARD = (
    UsersCreated,
    UserDeleting,
    AccessEnded,
    EveryAccessEnded,
    CredentialChanged,
    ApprovalRequested,
    ApprovalHandled,
)
HASH = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1).hash(PASSWORD)


@dataclass
class World:
    database: Database
    clock: StoppedClock = field(default_factory=StoppedClock)
    keyring: Keyring = field(default_factory=lambda: parse_keys(new_key_text()))
    heard: list[object] = field(default_factory=list)
    trusted_proxies: int = 0
    rate_limits: RateLimits = field(default_factory=lambda: RateLimits(MemoryCounts(), NONE, NONE, NONE))
    """None, since no minute passes while a test's clock stands still."""
    app: FastAPI = field(init=False)

    def __post_init__(self) -> None:
        events = Events()
        for kind in _HEARD:
            events.subscribe(kind, self._hear)
        events.subscribe(UsersCreated, create_privacy)
        events.subscribe(CredentialChanged, partial(write_of_change, keyring=self.keyring))
        bind(self.database.engine, events)
        bind(self.database.engine, Contributors())
        self.app = make_app(self, router)

    async def _hear(self, _session: object, event: object) -> None:
        self.heard.append(event)

    @property
    def ended(self) -> list[AccessEnded]:
        return [event for event in self.heard if isinstance(event, AccessEnded)]

    async def add(
        self,
        username: str,
        *,
        admin: bool = False,
        state: AccountState = AccountState.ACTIVE,
        external_id: str | None = None,
    ) -> User:
        is_recipient = state is AccountState.RECIPIENT
        async with self.database.write() as session:
            return await create_user(
                session,
                username=None if is_recipient else username,
                email=f"{username}@example.org",
                name=username.title(),
                password_hash=None if is_recipient else HASH,
                access_type=AccessType.ADMIN if admin else AccessType.REGULAR,
                state=state,
                external_id=external_id,
                by=SERVER,
                now=self.clock.now(),
            )

    def client(
        self, *, app: FastAPI | None = None, bearer: str | None = None, cookie: str | None = None
    ) -> httpx.AsyncClient:
        headers = {"Origin": BASE_URL}
        if bearer is not None:
            headers["Authorization"] = f"Bearer {bearer}"
        base_url: str = (app or self.app).state.settings.base_url
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(app or self.app),
            base_url=base_url,
            headers=headers,
            cookies={"tidings": cookie} if cookie else None,
        )

    async def cookie_of(self, user: User) -> str:
        async with self.database.write() as session:
            return await start_browser_session(session, user.id, device=Device(), now=self.clock.now())

    async def browser_of(self, user: User) -> httpx.AsyncClient:
        return self.client(cookie=await self.cookie_of(user))

    async def tokens_of(self, user: User) -> Tokens:
        async with self.database.write() as session:
            started = await start_token_session(session, user.id, device=Device(), now=self.clock.now())
            return await issue_tokens(session, started, now=self.clock.now())

    async def key(self, *scopes: Scope, owner: User | None = None, expires_at: datetime | None = None) -> str:
        async with self.database.write() as session:
            _, key = await create_key(
                session,
                owner_id=owner.id if owner else None,
                name="ci",
                scopes=scopes,
                expires_at=expires_at,
                by=SERVER,
                now=self.clock.now(),
            )
            return key

    async def user(self, user_id: UUID) -> User | None:
        async with self.database.read() as session:
            return await session.get(User, user_id)


def make_app(world: World, routes: Router, *, base_url: str = BASE_URL) -> FastAPI:
    """A small app around some routes, as the composition root would make it."""
    app = FastAPI()
    app.state.database = world.database
    app.state.clock = world.clock
    app.state.keyring = world.keyring
    app.state.settings = SimpleNamespace(
        base_url=base_url,
        allowed_origins=("https://app.example",),
        trusted_proxies=world.trusted_proxies,
        breached_passwords="",
    )
    app.state.rate_limits = world.rate_limits
    app.state.proofs = SharedProofs(world.database, world.keyring, world.clock)
    add_routes(app, routes)
    install_problems(app)
    return app


def code(response: httpx.Response) -> tuple[int, str]:
    """What a refusal says in short."""
    return response.status_code, response.json()["code"]
