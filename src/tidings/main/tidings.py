"""One Tidings: what it is made of, who hears whom, and what runs as long as it lives."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from typing import Any

from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from tidings.accounts.authentication import SharedProofs
from tidings.accounts.events import (
    AccessEnded,
    EveryAccessEnded,
    ExportStepPosted,
    LetterPosted,
    UserDeleting,
    UsersCreated,
)
from tidings.accounts.exports.sending import prepare_step
from tidings.accounts.identity_providers.discovery import ProviderDirectory
from tidings.accounts.mailing import AccountMails
from tidings.accounts.privacy.keeping import create_privacy
from tidings.kernel.bindings import bind
from tidings.kernel.clock import Clock, SystemClock
from tidings.kernel.db import database_on
from tidings.kernel.events import Events
from tidings.kernel.http.routing import API
from tidings.kernel.outbound.client import OutboundClient
from tidings.kernel.transaction import after_commit
from tidings.main.account_news import connect_account_news
from tidings.main.channels import channel_setups, export_setup, fanout_setup
from tidings.main.contributors import contributors
from tidings.main.limits import hang_up, rate_limits_of
from tidings.main.mail import mail_service
from tidings.main.opening import doorbell_of, open_from
from tidings.main.tasks import recurring_tasks
from tidings.main.web import web_app
from tidings.migrations.upgrade import migrate
from tidings.notifications.cursors import ensure_epoch, format_cursor, parse_cursor
from tidings.notifications.delivering import NotificationMails, note_outcome
from tidings.notifications.fanning_out import prepare_slice
from tidings.notifications.forgetting import forget_in_events
from tidings.notifications.heads import create_heads, hold_head
from tidings.notifications.kinds import BUILT_IN
from tidings.notifications.rules import Rules
from tidings.notifications.sharing import SharedSends
from tidings.notifications.streams import change_reader, head_reader
from tidings.notifications.types import Channel, NotificationType, TypeRegistry
from tidings.outbox.ports import Prepare
from tidings.outbox.recurring import keep_running
from tidings.outbox.types import DeliveryKind
from tidings.outbox.worker import Worker, WorkerLimits
from tidings.outbox.writing import forget_user
from tidings.realtime.doorbell import Chime, DeliveriesDue, Wake
from tidings.realtime.hub import Hub
from tidings.realtime.limits import Limits
from tidings.realtime.presence import Presence
from tidings.realtime.signals import SignalReader, post_signals
from tidings.realtime.types import CloseCode, CloseSignal
from tidings.settings import Settings, load_keyring
from tidings.templates.letters import House


class Tidings:
    """One Tidings on one database: its web app, and the lifespan that runs its hub and its worker.

    With `database` it lives in a host's engine; without, in the database of the settings. With `worker=False` its
    lifespan leaves deliveries and recurring tasks to `tidings worker`; unless given, `TIDINGS_WORKER` decides.
    """

    def __init__(
        self,
        database: AsyncEngine | None = None,
        *,
        types: Iterable[NotificationType] = (),
        settings: Settings | None = None,
        clock: Clock | None = None,
        worker: bool | None = None,
    ) -> None:
        self.settings = settings or Settings()
        self.clock = clock or SystemClock()
        self.mail = mail_service(self.settings)
        self._owns_engine = database is None
        self.database = database_on(database) if database is not None else open_from(self.settings)
        self.keyring = load_keyring(self.settings, is_sqlite=self.database.is_sqlite)
        self.types = TypeRegistry([*BUILT_IN, *types])
        self.doorbell = doorbell_of(self.database)
        self.rate_limits = rate_limits_of(self.settings, self.database, self.clock)
        self.outbound = OutboundClient(allow=self.settings.outbound_allow)
        self.provider_directory = ProviderDirectory(self.outbound)
        self.presence = Presence(self.database, self.clock)
        self.hub = self._hub()
        self.prepare = self._prepare()
        self.tasks = recurring_tasks(
            self.database, self.keyring, self.clock, sweep_every=timedelta(seconds=self.settings.sweep_interval_s)
        )
        self.has_worker = self.settings.worker if worker is None else worker
        self.worker_limits = WorkerLimits(lease_s=self.settings.lease_s, renew_s=self.settings.lease_s / 3)
        self._worker: Worker | None = None
        self._draining: asyncio.Task[None] | None = None
        channels = frozenset({Channel.IN_APP, Channel.EMAIL})
        rules = Rules(self.types, channels, self.clock, self.doorbell.ring)
        bind(self.database.engine, rules)
        self.sends = SharedSends(self.database, rules)
        self.proofs = SharedProofs(self.database, self.keyring, self.clock)
        bind(self.database.engine, self._events())
        bind(self.database.engine, contributors())
        self.app = self._app()

    @asynccontextmanager
    async def lifespan(self, _app: Any = None) -> AsyncIterator[None]:  # Any: whatever app is being started
        """Migrate, then run hub and worker until the app stops. A host passes this to its own app."""
        async with AsyncExitStack() as stack:
            self._dispose_at_end(stack)
            await migrate(self.database)
            async with self.database.write() as session:
                await ensure_epoch(session)
            await self.presence.start()
            stack.push_async_callback(self.presence.stop)
            await self._listen(stack)
            await self.hub.start()
            stack.push_async_callback(self.hub.stop)
            if self.has_worker:
                await stack.enter_async_context(self._working())
            self.app.state.is_draining = False
            stack.push_async_callback(self.drain)
            yield

    @asynccontextmanager
    async def work(self) -> AsyncIterator[None]:
        """Send what is due and run the recurring tasks, and nothing else, on a migrated database; then drain."""
        async with AsyncExitStack() as stack:
            self._dispose_at_end(stack)
            await self._listen(stack)
            await stack.enter_async_context(self._working())
            yield

    async def drain(self) -> None:
        """Stop being ready, claim nothing more, and say goodbye to every open stream.

        What is being sent goes on meanwhile; the end of the lifespan waits for it, for at most 25 seconds from now.
        """
        self.app.state.is_draining = True
        if self._worker is not None and self._draining is None:
            self._draining = asyncio.create_task(self._worker.drain())
        await self.hub.drain()

    # What runs.

    def _dispose_at_end(self, stack: AsyncExitStack) -> None:
        stack.push_async_callback(hang_up, self.rate_limits)
        if self._owns_engine:
            stack.push_async_callback(self.database.engine.dispose)

    async def _listen(self, stack: AsyncExitStack) -> None:
        await self.doorbell.start(self._hear)
        stack.push_async_callback(self.doorbell.stop)

    def _hear(self, chimes: Sequence[Chime]) -> None:
        """One doorbell a process, and everybody in it who listens."""
        self.hub.hear(chimes)
        if self._worker is not None and any(isinstance(chime, DeliveriesDue | Wake) for chime in chimes):
            self._worker.due()

    @asynccontextmanager
    async def _working(self) -> AsyncIterator[None]:
        """Run a worker and the recurring tasks; at the end, finish what is being sent and give back the rest."""
        worker = self._worker = Worker(
            self.database,
            self.clock,
            channels=[
                *channel_setups(self.settings, self.mail),
                fanout_setup(self.database),
                export_setup(self.database, self.keyring, self.clock),
            ],
            prepare=self.prepare,
            on_finished=note_outcome,
            limits=self.worker_limits,
        )
        working = asyncio.create_task(worker.run())
        scheduling = asyncio.create_task(keep_running(self.database, self.clock, self.tasks))
        try:
            yield
        finally:
            scheduling.cancel()
            await asyncio.gather(scheduling, return_exceptions=True)
            await worker.drain()
            await working
            self.mail.close()
            self._worker = self._draining = None

    # What it is made of.

    def _app(self) -> FastAPI:
        names = ("database", "clock", "keyring", "settings", "types", "hub", "doorbell", "presence", "drain", "tasks")
        state = {name: getattr(self, name) for name in (*names, "sends", "proofs", "provider_directory", "rate_limits")}
        return web_app(self.settings, self.lifespan, state | {"mail_folder": self.mail.folder})

    def _prepare(self) -> dict[str, Prepare]:
        """Who makes the message of each kind of delivery; a kind that is missing waits for a worker that knows it."""
        house = House(url=self.settings.base_url)
        api = f"{self.settings.base_url}{API}"
        return {
            DeliveryKind.NOTIFICATION: NotificationMails(types=self.types, keyring=self.keyring, house=house, api=api),
            DeliveryKind.ACCOUNT: AccountMails(keyring=self.keyring, house=house),
            DeliveryKind.FANOUT: prepare_slice,
            DeliveryKind.EXPORT: prepare_step,
        }

    def _hub(self) -> Hub:
        return Hub(
            heads=head_reader(self.database),
            read=change_reader(self.database, self.types),
            signals=SignalReader(self.database, self.clock),
            cursor=format_cursor,
            parse_cursor=parse_cursor,
            clock=self.clock,
            presence=self.presence.note,
            limits=Limits(heartbeat_s=self.settings.heartbeat_s),
        )

    def _events(self) -> Events:
        """Who hears what a lower package says."""
        events = Events()
        events.subscribe(UsersCreated, create_heads)
        events.subscribe(UsersCreated, create_privacy)
        events.subscribe(UserDeleting, hold_head)
        events.subscribe(UserDeleting, forget_in_events)
        events.subscribe(UserDeleting, forget_deliveries)
        events.subscribe(AccessEnded, self._close_streams)
        events.subscribe(EveryAccessEnded, self._close_all_streams)
        events.subscribe(LetterPosted, self._ring_worker)
        events.subscribe(ExportStepPosted, self._ring_worker)
        connect_account_news(events, keyring=self.keyring, house=House(url=self.settings.base_url))
        return events

    async def _close_streams(self, session: AsyncSession, event: AccessEnded) -> None:
        await self._close_all_streams(session, EveryAccessEnded((event,)))

    async def _close_all_streams(self, session: AsyncSession, event: EveryAccessEnded) -> None:
        signals = [
            CloseSignal(ending.user_id, ending.session_ids, CloseCode.REVOKED, ending.reason)
            for ending in event.endings
        ]
        await post_signals(session, self.doorbell, signals, now=self.clock.now())

    async def _ring_worker(self, session: AsyncSession, _event: LetterPosted | ExportStepPosted) -> None:
        after_commit(session, lambda: self.doorbell.ring([DeliveriesDue()]))


async def forget_deliveries(session: AsyncSession, event: UserDeleting) -> None:
    """Deliveries hang on no foreign key, because some are for nobody: they go with their user all the same."""
    await forget_user(session, event.user_id)


def create_app() -> FastAPI:
    """The web app of a server, configured by the environment."""
    return Tidings().app
