"""A post office of real processes: a database, a mail server with a ledger, and `tidings worker` as often as asked."""

import asyncio
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Collection
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import func, select, update

from tests.clock import RunningClock
from tests.conftest import TEST_TYPES
from tests.faults.sink import Sink, sinking
from tests.server import PATIENCE_S, environment
from tests.services import postgres
from tests.services.run import Run
from tests.waiting import until
from tests.world import Person, World
from tidings import NotificationType, Tidings
from tidings.kernel.crypto import new_key_text
from tidings.migrations.upgrade import migrate
from tidings.notifications.cursors import ensure_epoch
from tidings.notifications.recounting import find_miscounts
from tidings.outbox.models import Delivery
from tidings.outbox.types import LEASED, DeliveryState
from tidings.settings import Settings

ONCE = NotificationType("door.code", title="The door's code", channels=("in_app", "email"), once=True)
RESEND = NotificationType("order.sent", title="It is on its way", channels=("in_app", "email"))
TYPES = {ONCE.key: ONCE, RESEND.key: RESEND}
OPEN = (DeliveryState.SCHEDULED, *LEASED)


class WorkerProgram:
    """`tidings worker` as a process. Its mails come from an address of its own, so that a mail says who sent it."""

    def __init__(self, name: str, data_dir: Path, settings: dict[str, str]) -> None:
        self.name = name
        self._log = data_dir / f"{name}.log"
        self._data_dir = data_dir
        self._environment = environment(data_dir, settings | {"mail_from": f"{name}@example.org"})
        self._was_ended = False
        self._process = self._start()

    @property
    def is_running(self) -> bool:
        return self._process.poll() is None

    @property
    def has_failed(self) -> bool:
        """Whether it ended by itself."""
        return not self.is_running and not self._was_ended

    async def exit_code(self) -> int:
        """Wait for its end, and tell how it ended."""
        return await asyncio.to_thread(self._process.wait, PATIENCE_S)

    def kill(self) -> None:
        """End it as a power cut would."""
        self._was_ended = True
        if self.is_running:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(PATIENCE_S)

    def stop(self) -> None:
        """Ask it to end, as an operator does."""
        self._was_ended = True
        self._process.terminate()

    def printed(self) -> str:
        """What it wrote so far."""
        return self._log.read_text(errors="replace")

    async def until_printed(self, words: str) -> None:
        """Wait until it wrote this."""

        async def is_there() -> bool:
            assert self.is_running, self.printed()
            return words in self.printed()

        await until(is_there, patience_s=PATIENCE_S)

    def _start(self) -> subprocess.Popen[bytes]:
        with self._log.open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "tidings", "worker"],
                cwd=self._data_dir,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )


@dataclass
class Office:
    """Everything that takes part. `world` writes what is to be sent and reads what came of it, and sends nothing."""

    world: World
    sink: Sink
    data_dir: Path
    settings: dict[str, str]
    workers: list[WorkerProgram] = field(default_factory=list)
    grace: Person = field(init=False)

    @property
    def tidings(self) -> Tidings:
        return self.world.tidings

    def hires(self, name: str, **settings: object) -> WorkerProgram:
        """Start a worker; it is gone when the test ends."""
        texts = {key: str(value) for key, value in settings.items()}
        worker = WorkerProgram(name, self.data_dir, self.settings | {"smtp_url": self.sink.url} | texts)
        self.workers.append(worker)
        return worker

    async def deliveries(self) -> list[Delivery]:
        """What is stored of every delivery, oldest first."""
        async with self.tidings.database.read() as session:
            return list(await session.scalars(select(Delivery).order_by(Delivery.id)))

    async def states(self) -> Counter[DeliveryState]:
        """How many deliveries stand in each state."""
        async with self.tidings.database.read() as session:
            counted = await session.execute(select(Delivery.state, func.count()).group_by(Delivery.state))
            return Counter({row[0]: row[1] for row in counted})

    async def until_states(self, wanted: Collection[DeliveryState], *, patience_s: float = PATIENCE_S) -> None:
        """Wait until every delivery is in one of these states."""

        async def are_so() -> bool:
            failed = [worker.printed() for worker in self.workers if worker.has_failed]
            assert not failed, failed
            return set(await self.states()) <= set(wanted)

        await until(are_so, patience_s=patience_s)

    async def until_over(self, *, patience_s: float = PATIENCE_S) -> None:
        """Wait until nothing is left to do."""
        await self.until_states(set(DeliveryState) - set(OPEN), patience_s=patience_s)

    async def leases_run_out(self) -> None:
        """As if the time of every lease had passed."""
        async with self.tidings.database.write() as session:
            past = self.world.clock.now().replace(year=2000)
            await session.execute(update(Delivery).where(Delivery.state.in_(LEASED)).values(lease_until=past))

    async def counts_are_right(self) -> bool:
        """Whether every inbox's counters equal a count of its rows."""
        async with self.tidings.database.read() as session:
            return not await find_miscounts(session)

    async def record(self, person: Person) -> list[dict[str, Any]]:
        """What an operator is shown of a person's deliveries, newest first."""
        found = await self.grace.client.get("/deliveries", params={"user_id": str(person.id)})
        assert found.status_code == 200, found.text
        shown: list[dict[str, Any]] = found.json()["deliveries"]
        return shown


@asynccontextmanager
async def opened(
    kind: str, run: Run, name: str, data_dir: Path, *, slowness_s: float = 0.0, **settings: object
) -> AsyncIterator[Office]:
    """An office on a database of its own, `sqlite` or `postgresql`; whatever happens, no process outlives it."""
    texts = {"secret_keys": new_key_text(), "log_level": "WARNING", **{key: str(v) for key, v in settings.items()}}
    async with AsyncExitStack() as stack:
        if kind == "postgresql":
            texts["database_url"] = await stack.enter_async_context(postgres.empty_database(run, name))
        sink = await stack.enter_async_context(sinking(slowness_s=slowness_s))
        configuration = Settings.model_validate({"data_dir": data_dir, **texts})
        tidings = Tidings(settings=configuration, types=[*TEST_TYPES, *TYPES.values()], clock=RunningClock())
        stack.push_async_callback(tidings.database.engine.dispose)
        await migrate(tidings.database)
        async with tidings.database.write() as session:
            await ensure_epoch(session)
        office = Office(World(tidings, RunningClock()), sink, data_dir, texts)
        stack.push_async_callback(office.world.close)
        await office.world.open()
        office.grace = await office.world.make_person("grace", admin=True)
        await stack.enter_async_context(_everybody_leaves(office))
        yield office


@asynccontextmanager
async def _everybody_leaves(office: Office) -> AsyncIterator[None]:
    try:
        yield
    finally:
        for worker in office.workers:
            worker.kill()
