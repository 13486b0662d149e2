"""A PostgreSQL that goes away again and again: a worker goes on by itself when it is back, and sends nothing twice."""

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy import make_url, text

from tests.faults.office import ONCE, RESEND, Office, WorkerProgram, opened
from tests.faults.sink import PATIENCE_S
from tests.services import postgres
from tests.services.run import Run
from tests.waiting import until
from tidings.kernel.db import Database, open_database
from tidings.outbox.types import DeliveryState

PEOPLE = 25
EVENTS = 8
LOSSES = 4
AWAY = "database_away"
"""What a worker says once it finds that it cannot record what it did."""


@pytest.fixture
async def office(test_run: Run, worker_id: str, tmp_path: Path) -> AsyncIterator[Office]:
    name = f"{worker_id}_losses"
    async with opened("postgresql", test_run, name, tmp_path, slowness_s=0.02, lease_s=4) as office:
        yield office


@pytest.fixture
async def landlord(test_run: Run) -> AsyncIterator[Database]:
    """Somebody who may lock everybody out of a database, and stands outside of it."""
    outside = open_database(await postgres.server_url(test_run))
    yield outside
    await outside.engine.dispose()


async def test_a_worker_that_loses_its_database_again_and_again_sends_everything_once(
    office: Office, landlord: Database
) -> None:
    people = [{"id": f"person-{each}", "email": f"person-{each}@example.org"} for each in range(PEOPLE)]
    for event in range(EVENTS):
        kind = (ONCE, RESEND)[event % 2]
        sent = await office.world.app.client.post("/notifications", json={"to": people, "type": kind.key})
        assert sent.status_code == 201, sent.text
    worker = office.hires("worker")
    for loss in range(LOSSES):
        await until_arrived(office, (loss + 1) * PEOPLE * EVENTS // (LOSSES + 2))
        before = worker.printed().count(AWAY)
        async with locked_out(office, landlord):
            await until_noticed(worker, before + 1)
    await office.until_over()
    assert worker.is_running
    assert await office.states() == {DeliveryState.SENT: PEOPLE * EVENTS}
    assert set(Counter(copy.delivery for copy in office.sink.copies).values()) == {1}


async def until_arrived(office: Office, mails: int) -> None:
    async def are_there() -> bool:
        return len(office.sink.copies) >= mails

    await until(are_there, patience_s=PATIENCE_S)


async def until_noticed(worker: WorkerProgram, times: int) -> None:
    async def is_noticed() -> bool:
        return worker.printed().count(AWAY) >= times

    await until(is_noticed, patience_s=PATIENCE_S)


@asynccontextmanager
async def locked_out(office: Office, landlord: Database) -> AsyncIterator[None]:
    """Every connection ends and none begins, until the body ends."""
    await office.tidings.database.engine.dispose()  # our own would be found broken later
    name = make_url(office.settings["database_url"]).database
    async with landlord.read() as session:
        await session.execute(text(f'ALTER DATABASE "{name}" WITH ALLOW_CONNECTIONS false'))
        ended = await session.execute(
            text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name"), {"name": name}
        )
        assert len(ended.all()) > 0
        try:
            yield
        finally:
            await session.execute(text(f'ALTER DATABASE "{name}" WITH ALLOW_CONNECTIONS true'))
