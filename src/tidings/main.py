"""The composition root: the only module that knows every package and connects them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import structlog
from fastapi import FastAPI
from sqlalchemy import make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from starlette.middleware.cors import CORSMiddleware

from tidings import __version__
from tidings.accounts.api import router as accounts_router
from tidings.accounts.events import AccessEnded, UserDeleting, UsersCreated
from tidings.accounts.sessions import purge_sessions
from tidings.accounts.tickets import purge_tickets
from tidings.kernel.bindings import bind
from tidings.kernel.clock import Clock, SystemClock
from tidings.kernel.db import Database, database_on, open_database
from tidings.kernel.events import Events
from tidings.kernel.http.headers import SafeHeaders
from tidings.kernel.http.health import add_health
from tidings.kernel.http.idempotency import purge_idempotency_keys
from tidings.kernel.http.problems import add_problem_pages, install_problems
from tidings.migrations.upgrade import migrate
from tidings.notifications.api import router as notifications_router
from tidings.notifications.cursors import ensure_epoch, format_cursor, parse_cursor
from tidings.notifications.heads import create_heads, hold_head
from tidings.notifications.kinds import BUILT_IN
from tidings.notifications.rules import Rules
from tidings.notifications.streams import change_reader, head_reader
from tidings.notifications.sweep import is_anything_due, sweep
from tidings.notifications.types import Channel, NotificationType, TypeRegistry
from tidings.outbox.writing import forget_user
from tidings.realtime.doorbell import Doorbell
from tidings.realtime.hub import Hub
from tidings.realtime.limits import Limits
from tidings.realtime.memory import MemoryDoorbell
from tidings.realtime.postgres import PostgresDoorbell
from tidings.realtime.presence import Presence
from tidings.realtime.signals import SignalReader, post_signal
from tidings.realtime.sqlite import SqliteDoorbell
from tidings.realtime.types import CloseCode, CloseSignal
from tidings.settings import Settings, SettingsError, load_keyring
from tidings.web.description import add_description
from tidings.web.serving import add_pages

API = "/api/v1"
PURGE_EVERY = timedelta(hours=1)
log = structlog.get_logger(__name__)


class Tidings:
    """One Tidings on one database: its web app, and the lifespan that runs its loops.

    With `database` it lives in a host's engine; without, in the database of the settings.
    """

    def __init__(
        self,
        database: AsyncEngine | None = None,
        *,
        types: Iterable[NotificationType] = (),
        settings: Settings | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.settings = settings or Settings()
        self.clock = clock or SystemClock()
        self.keyring = load_keyring(self.settings)
        self._owns_engine = database is None
        self.database = database_on(database) if database is not None else _open(self.settings)
        self.types = TypeRegistry([*BUILT_IN, *types])
        self.doorbell = _doorbell(self.database)
        self.presence = Presence(self.database, self.clock)
        self.hub = self._hub()
        bind(self.database.engine, Rules(self.types, frozenset({Channel.IN_APP}), self.clock, self.doorbell.ring))
        bind(self.database.engine, self._events())
        self.app = self._app()

    @asynccontextmanager
    async def lifespan(self, _app: Any = None) -> AsyncIterator[None]:  # Any: whatever app is being started
        """Migrate, then run the hub and the loops until the app stops. A host passes this to its own app."""
        await migrate(self.database)
        async with self.database.write() as session:
            await ensure_epoch(session)
        await self.presence.start()
        await self.hub.start()
        loops = [
            asyncio.create_task(_every(self.settings.sweep_interval_s, self._sweep)),
            asyncio.create_task(_every(PURGE_EVERY.total_seconds(), self._purge)),
        ]
        try:
            yield
        finally:
            for loop in loops:
                loop.cancel()
            await asyncio.gather(*loops, return_exceptions=True)
            await self.hub.stop()
            await self.presence.stop()
            if self._owns_engine:
                await self.database.engine.dispose()

    async def drain(self) -> None:
        """Stop being ready, then say goodbye to every open stream."""
        self.app.state.is_draining = True
        await self.hub.drain()

    def _app(self) -> FastAPI:
        app = FastAPI(
            title="Tidings",
            version=__version__,
            summary="Accounts, connected services and notifications.",
            lifespan=self.lifespan,
            openapi_url=None,
            docs_url=None,
            redoc_url=None,
            redirect_slashes=False,
        )
        for name in ("database", "clock", "keyring", "settings", "hub", "doorbell", "presence"):
            setattr(app.state, name, getattr(self, name))
        app.state.drain = self.drain
        install_problems(app)
        app.include_router(accounts_router, prefix=API)
        app.include_router(notifications_router, prefix=API)
        add_description(app, API, docs=self.settings.docs)
        add_problem_pages(app)
        add_health(app)
        add_pages(app)
        if self.settings.allowed_origins:
            app.add_middleware(CORSMiddleware, **_cors(self.settings))
        app.add_middleware(SafeHeaders, https=self.settings.is_https)
        return app

    def _hub(self) -> Hub:
        return Hub(
            heads=head_reader(self.database),
            read=change_reader(self.database, self.types),
            signals=SignalReader(self.database, self.clock),
            cursor=format_cursor,
            parse_cursor=parse_cursor,
            doorbell=self.doorbell,
            clock=self.clock,
            presence=self.presence.note,
            limits=Limits(heartbeat_s=self.settings.heartbeat_s),
        )

    def _events(self) -> Events:
        """Who hears what a lower package says."""
        events = Events()
        events.subscribe(UsersCreated, create_heads)
        events.subscribe(UserDeleting, hold_head)
        events.subscribe(UserDeleting, forget_deliveries)
        events.subscribe(AccessEnded, self._close_streams)
        return events

    async def _close_streams(self, session: AsyncSession, event: AccessEnded) -> None:
        signal = CloseSignal(event.user_id, event.session_id, CloseCode.REVOKED, event.reason)
        await post_signal(session, self.doorbell, signal, now=self.clock.now())

    async def _sweep(self) -> None:
        async with self.database.read() as session:
            if not await is_anything_due(session, now=self.clock.now()):
                return
        changed = 1
        while changed:
            async with self.database.write() as session:
                changed = await sweep(session, now=self.clock.now())

    async def _purge(self) -> None:
        now = self.clock.now()
        async with self.database.write() as session:
            await purge_idempotency_keys(session, now=now)
            await purge_tickets(session, now=now)
            await purge_sessions(session, now=now)


async def forget_deliveries(session: AsyncSession, event: UserDeleting) -> None:
    """Deliveries hang on no foreign key, because some are for nobody: they go with their user all the same."""
    await forget_user(session, event.user_id)


def create_app() -> FastAPI:
    """The web app of a server, configured by the environment."""
    return Tidings().app


def _open(settings: Settings) -> Database:
    url = make_url(settings.database)
    if url.get_backend_name() not in {"sqlite", "postgresql"}:
        raise SettingsError("TIDINGS_DATABASE_URL must begin with sqlite:// or postgresql://")
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    folder = Path(url.database or "").parent
    if url.get_backend_name() == "sqlite" and not folder.is_dir():
        raise SettingsError(f"TIDINGS_DATABASE_URL: there is no folder {folder}")
    if url.get_backend_name() == "sqlite" and url.database and not url.database.startswith((":", "file:")):
        Path(url.database).touch(mode=0o600)  # personal data; SQLite gives its side files the same mode
    return open_database(settings.database, pool_size=settings.pool_size)


def _doorbell(database: Database) -> Doorbell:
    url = make_url(database.engine.url)
    if not database.is_sqlite:
        return PostgresDoorbell(url)
    return SqliteDoorbell(url) if url.database and url.database != ":memory:" else MemoryDoorbell()


def _cors(settings: Settings) -> dict[str, Any]:  # Any: keyword arguments of Starlette's middleware
    return {
        "allow_origins": list(settings.allowed_origins),
        "allow_credentials": True,
        "allow_methods": ["GET", "POST", "PUT", "PATCH", "DELETE"],
        "allow_headers": ["Authorization", "Content-Type", "Idempotency-Key", "If-None-Match", "Last-Event-ID"],
        "expose_headers": ["ETag", "Link", "Retry-After", "Idempotent-Replayed"],
    }


async def _every(seconds: float, work: Callable[[], Awaitable[None]]) -> None:
    """Repeat work; a failure is logged and tried again at the next turn."""
    while True:
        try:
            await work()
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            log.warning("loop_failed", loop=getattr(work, "__name__", ""), error=str(error))
        await asyncio.sleep(seconds)
