"""A Tidings with a database of its own, its server, and the people in it."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from benchmarks.bench import Bench
from benchmarks.programs import Server, serving
from benchmarks.references import pattern_n
from tests.services import postgres
from tidings import Tidings, notify
from tidings.accounts.audit.types import SERVER
from tidings.accounts.keys import create_key
from tidings.accounts.recipients import NewRecipient, create_recipients
from tidings.accounts.sessions import Device, start_browser_session
from tidings.accounts.signing_secrets import create_signing_secret
from tidings.accounts.types import AccessType, AccountState, Scope
from tidings.accounts.users import create_user
from tidings.kernel.crypto import new_key_text
from tidings.migrations.upgrade import migrate
from tidings.notifications.cursors import ensure_epoch
from tidings.settings import Settings

FAR_AWAY = "1000000000"
KEY_SCOPES = (Scope.NOTIFICATIONS_SEND, Scope.NOTIFICATIONS_READ, Scope.USERS_READ)


@dataclass(frozen=True, slots=True)
class Place:
    """A migrated database and how a server is configured for it. `key` sends and reads."""

    tidings: Tidings
    url: str
    settings: dict[str, str]
    key: str
    folder: Path
    clients: int
    """Callers that a server has at once, and so the connections a reference keeps."""

    @property
    def with_key(self) -> dict[str, str]:
        """The headers of an app."""
        return {"Authorization": f"Bearer {self.key}"}

    def serving(self, *options: str) -> AbstractAsyncContextManager[Server]:
        """`tidings serve` for this place."""
        environment = {f"TIDINGS_{name.upper()}": value for name, value in self.settings.items()}
        return serving(
            self.folder, "tidings", "serve", "--port", "{port}", *options, ready="/readyz", environment=environment
        )

    @asynccontextmanager
    async def pattern_n(self, schema: str = pattern_n.USUAL) -> AsyncIterator[Server]:
        """Pattern N on the same database."""
        environment = {
            pattern_n.DATABASE: pattern_n.url_in(self.url, schema),
            pattern_n.CONNECTIONS: str(self.clients),
        }
        app = ("--factory", "benchmarks.references.pattern_n:create_app", "--port", "{port}", "--log-level", "warning")
        async with serving(self.folder, "uvicorn", *app, ready="/ready", environment=environment) as server:
            yield server

    async def people(self, count: int) -> list[str]:
        """New recipients; the names an app calls them by, all of one length."""
        names = [f"person-{number:06d}" for number in range(count)]
        now = self.tidings.clock.now()
        for start in range(0, count, 5_000):
            async with self.tidings.database.write() as session:
                await create_recipients(session, [NewRecipient(name) for name in names[start : start + 5_000]], now=now)
        return names

    async def person(self, name: str) -> "Person":
        """Somebody with an account, signed in with a browser."""
        now = self.tidings.clock.now()
        async with self.tidings.database.write() as session:
            user = await create_user(
                session,
                username=name,
                email=f"{name}@example.org",
                name=name.capitalize(),
                password_hash=None,
                access_type=AccessType.REGULAR,
                state=AccountState.ACTIVE,
                external_id=name,
                by=SERVER,
                now=now,
            )
            token = await start_browser_session(session, user.id, device=Device(), now=now)
        return Person(user.id, {"Cookie": f"tidings={token}"})

    async def fill(self, person: "Person", count: int) -> None:
        """Tell somebody this many things."""
        async with self.tidings.database.write() as session:
            for number in range(count):
                await notify(session, "system", to=person.id, title=f"Number {number}", message="Something happened.")

    async def signing_secret(self) -> str:
        """What an app signs recipient tokens with."""
        tidings = self.tidings
        async with tidings.database.write() as session:
            _, secret = await create_signing_secret(
                session, name="bench", keyring=tidings.keyring, by=SERVER, now=tidings.clock.now()
            )
        return secret


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who reads, and the headers of their browser."""

    id: UUID
    headers: dict[str, str]


@asynccontextmanager
async def on_postgres(bench: Bench, name: str) -> AsyncIterator[Place]:
    """A place on PostgreSQL; its database is gone when the body ends."""
    async with postgres.empty_database(bench.run, name) as url, _opened(bench, name, url) as place:
        yield place


@asynccontextmanager
async def on_sqlite(bench: Bench, name: str) -> AsyncIterator[Place]:
    """A place in a SQLite file."""
    folder = bench.folder / name
    folder.mkdir()
    async with _opened(bench, name, f"sqlite+aiosqlite:///{folder / 'tidings.db'}") as place:
        yield place


@asynccontextmanager
async def _opened(bench: Bench, name: str, url: str) -> AsyncIterator[Place]:
    bench.say(f"making the database {name}")
    folder = bench.folder / f"{name}-data"
    folder.mkdir()
    connections = bench.sizes.clients + 4  # the usual 20 with the usual clients, and few where tests run beside it
    settings = {
        "database_url": url,
        "data_dir": str(folder),
        "secret_keys": new_key_text(),
        "log_level": "WARNING",
        "pool_size": str(connections),
        "rate_limit_user": FAR_AWAY,  # counted as ever, so that counting is measured too
        "rate_limit_key": FAR_AWAY,
        "rate_limit_sign_in": FAR_AWAY,
    }
    tidings = Tidings(
        settings=Settings(
            database_url=url,
            data_dir=folder,
            secret_keys=settings["secret_keys"],
            log_level="WARNING",
            pool_size=connections,
        )
    )
    try:
        await migrate(tidings.database)
        async with tidings.database.write() as session:
            await ensure_epoch(session)
            _, key = await create_key(
                session,
                owner_id=None,
                name="bench",
                scopes=KEY_SCOPES,
                expires_at=None,
                by=SERVER,
                now=tidings.clock.now(),
            )
        yield Place(tidings, url, settings, key, folder, bench.sizes.clients)
    finally:
        await tidings.database.engine.dispose()


def sending(to: Sequence[str]) -> dict[str, object]:
    """A load's fields for one notification to one person at a time."""
    body = (
        '{"to":["@to@"],"type":"system","title":"Number @number@","message":"Something happened that you asked '
        'to hear of.","data":{"number":"@number@"},"dedupe_key":"bench-@number@"}'
    )
    return {"method": "POST", "body": body, "to": list(to)}
