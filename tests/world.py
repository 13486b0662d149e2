"""The small named world of the tests: Ada, Grace the administrator, and an app that is too talkative."""

from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

import httpx
from sqlalchemy import Connection, Table, TextClause, delete, text

from tests.clock import StoppedClock
from tidings import Tidings
from tidings.accounts.audit.guards import guard, unguard
from tidings.accounts.audit.models import AuditEntry, AuditLink, AuditWaiting
from tidings.accounts.audit.types import SERVER
from tidings.accounts.cookies import cookie_name
from tidings.accounts.keys import create_key
from tidings.accounts.sessions import Device, start_browser_session
from tidings.accounts.types import AccessType, AccountState, Scope
from tidings.accounts.users import create_user
from tidings.kernel.db import Base, Database
from tidings.notifications.cursors import ensure_epoch
from tidings.notifications.queries import head_of

BASE_URL = "http://testserver"
API = "/api/v1"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with an account, and a browser that is signed in."""

    id: UUID
    name: str
    client: httpx.AsyncClient
    world: "World"

    async def receives(self, type: str = "system", **event: Any) -> dict[str, Any]:
        """Have the app tell this person something; the entry as they see it."""
        event = {"title": f"News of {type}", **event}
        sent = await self.world.app.client.post("/notifications", json={"to": [str(self.id)], "type": type, **event})
        assert sent.status_code in {200, 201}, sent.text
        return await self.sees(sent.json()["notifications"][0]["id"])

    async def sees(self, notification_id: str) -> dict[str, Any]:
        """One entry as this person sees it."""
        found = await self.client.get(f"/notifications/{notification_id}")
        assert found.status_code == 200, found.text
        entry: dict[str, Any] = found.json()
        return entry

    async def does(self, what: str, notification_id: str, **body: Any) -> dict[str, Any]:
        """Act on one entry: `does("read", id)`."""
        answer = await self.client.post(f"/notifications/{notification_id}/{what}", json=body or None)
        assert answer.status_code == 200, answer.text
        entry: dict[str, Any] = answer.json()
        return entry

    async def titles(self, **filters: Any) -> list[str]:
        """What the list shows, newest first."""
        found = await self.client.get("/notifications", params=filters)
        assert found.status_code == 200, found.text
        return [entry["title"] for entry in found.json()["notifications"]]

    async def counts(self) -> tuple[int, int, int]:
        """Unread, unseen, total."""
        found = (await self.client.get("/notifications/count")).json()
        return found["unread_count"], found["unseen_count"], found["total"]

    async def cursor(self) -> str:
        """Where this person's inbox stands now."""
        async with self.world.tidings.database.read() as session:
            return (await head_of(session, self.id)).cursor


@dataclass(frozen=True, slots=True)
class App:
    """A host app with an API key."""

    client: httpx.AsyncClient
    key: str


class World:
    """Everybody, on one Tidings."""

    def __init__(self, tidings: Tidings, clock: StoppedClock) -> None:
        self.tidings = tidings
        self.clock = clock
        self.app: App
        self._clients: list[httpx.AsyncClient] = []

    async def open(self) -> None:
        """Make the noisy app, which everybody hears from."""
        self.app = await self.make_app()

    async def runs(self, task: str) -> None:
        """Let a recurring task run now, as the scheduler does when it is due."""
        await next(each for each in self.tidings.tasks if each.name == task).run(self.clock.now())

    async def close(self) -> None:
        """Hang up."""
        for client in self._clients:
            await client.aclose()

    async def make_person(
        self, name: str, *, admin: bool = False, state: AccountState = AccountState.ACTIVE, **profile: Any
    ) -> Person:
        """Somebody who can sign in, and has."""
        now = self.clock.now()
        async with self.tidings.database.write() as session:
            user = await create_user(
                session,
                username=name,
                email=f"{name}@example.org",
                name=name.capitalize(),
                password_hash=None,
                access_type=AccessType.ADMIN if admin else AccessType.REGULAR,
                state=state,
                external_id=profile.pop("external_id", name),
                by=SERVER,
                now=now,
                **profile,
            )
            token = await start_browser_session(session, user.id, device=Device(), now=now)
        return Person(user.id, name, self.client(cookies={cookie_name(BASE_URL): token}), self)

    async def make_app(self, *scopes: Scope, life: timedelta | None = None) -> App:
        """A host app whose key has these scopes; all that an app needs unless named."""
        now = self.clock.now()
        wanted = scopes or (Scope.NOTIFICATIONS_SEND, Scope.NOTIFICATIONS_READ, Scope.USERS_READ, Scope.USERS_WRITE)
        async with self.tidings.database.write() as session:
            expires_at = now + life if life else None
            _, key = await create_key(
                session, owner_id=None, name="app", scopes=wanted, expires_at=expires_at, by=SERVER, now=now
            )
        return App(self.client(headers={"Authorization": f"Bearer {key}"}), key)

    def client(self, **options: Any) -> httpx.AsyncClient:
        """A browser or program that talks to this Tidings in this process; unsafe methods come from our own pages."""
        headers = {"Origin": BASE_URL, **options.pop("headers", {})}
        client = httpx.AsyncClient(
            transport=httpx.ASGITransport(app=self.tidings.app), base_url=BASE_URL + API, headers=headers, **options
        )
        self._clients.append(client)
        return client


def _empty_audit_log(connection: Connection) -> None:
    """What nobody can do who works through Tidings: its guards sleep meanwhile."""
    is_sqlite = connection.dialect.name == "sqlite"
    if is_sqlite:
        unguard(connection)
    else:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
    for model in (AuditWaiting, AuditLink, AuditEntry):
        connection.execute(delete(model))
    if is_sqlite:
        guard(connection)
    else:
        connection.execute(text("SET LOCAL session_replication_role = origin"))


async def empty(database: Database) -> None:
    """Remove every row and begin a new epoch."""
    async with database.write() as session:
        await (await session.connection()).run_sync(_delete_all)
        await ensure_epoch(session)


def _delete_all(connection: Connection) -> None:
    tables = tuple(Base.metadata.sorted_tables)
    filled = set(connection.scalars(_which_are_filled(tables)))
    if AuditEntry.__tablename__ in filled:
        _empty_audit_log(connection)
    for table in reversed(tables):
        if table.name in filled and not table.name.startswith("tidings_audit_"):
            connection.execute(delete(table))


@lru_cache
def _which_are_filled(tables: tuple[Table, ...]) -> TextClause:
    """Most are empty, and to ask for all at once is much quicker than to delete from each."""
    asked = (f"SELECT '{table.name}' WHERE EXISTS (SELECT 1 FROM {table.name})" for table in tables)
    return text(" UNION ALL ".join(asked))
