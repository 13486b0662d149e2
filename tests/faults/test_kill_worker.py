"""A worker that is killed at a named point of a mail's way: what became of the mail, and what the record says of it."""

import asyncio

import pytest
from sqlalchemy import select, text

from tests.faults.office import ONCE, RESEND, Office, WorkerProgram
from tests.waiting import until
from tests.world import Person
from tidings.outbox.models import Delivery
from tidings.outbox.types import LEASED

PATIENCE_S = 60.0
LEASE_S = 60.0  # unless a setting says otherwise
End = tuple[str, list[str], list[str]]


@pytest.fixture
async def ada(office: Office) -> Person:
    return await office.world.make_person("ada")


@pytest.mark.parametrize(
    ("step", "resend", "once"),
    [
        # What is still to come when the worker dies, and then: state, attempts as recorded, who handed over a mail.
        ("RCPT", ("sent", ["interrupted", "sent"], ["heir"]), ("sent", ["interrupted", "sent"], ["heir"])),
        ("DATA", ("sent", ["interrupted", "sent"], ["heir"]), ("unknown", ["interrupted", "unknown"], [])),
        (
            "final dot",
            ("sent", ["interrupted", "sent"], ["doomed", "heir"]),
            ("unknown", ["interrupted", "unknown"], ["doomed"]),
        ),
    ],
)
async def test_a_worker_killed_before_the_answer_to(
    office: Office, ada: Person, step: str, resend: End, once: End
) -> None:
    await both_told(ada)
    office.sink.stop(step)
    doomed = office.hires("doomed")
    await office.sink.until_reached(step, 2)
    doomed.kill()
    await inherited(office)
    assert await came_of(office, ada) == {RESEND.key: resend, ONCE.key: once}


async def test_a_worker_killed_with_deliveries_it_has_only_claimed(office: Office, ada: Person) -> None:
    """Here the lease really runs out."""
    for _ in range(2):
        await ada.receives("system", priority="urgent", channels=["email"])
    await both_told(ada)
    office.sink.stop("MAIL")
    doomed = office.hires("doomed", smtp_connections=2, lease_s=2)
    await office.sink.until_reached("MAIL", 2)
    await until(lambda: all_leased(office), patience_s=PATIENCE_S)
    doomed.kill()
    office.sink.go_on()
    office.hires("heir")
    await office.until_over(patience_s=LEASE_S / 2)
    untouched = ("sent", ["sent"], ["heir"])
    assert {key: end for key, end in (await came_of(office, ada)).items() if key != "system"} == {
        RESEND.key: untouched,
        ONCE.key: untouched,
    }


async def test_a_worker_killed_between_the_answer_and_the_record_of_it(office: Office, ada: Person) -> None:
    """Our own connection locks the rows, so that what the server answers cannot be recorded."""
    await both_told(ada)
    both_arrived, locked = asyncio.Event(), asyncio.Event()

    async def wait_for_the_lock() -> None:
        if len(office.sink.copies) == 2:
            both_arrived.set()
        await locked.wait()

    office.sink.before_answer = wait_for_the_lock
    doomed = office.hires("doomed")
    async with asyncio.timeout(PATIENCE_S):
        await both_arrived.wait()
    async with office.tidings.database.write() as session:
        await session.execute(select(Delivery.id).with_for_update())
        locked.set()
        await office.sink.until_reached("answer", 2)
        await until_blocked(office, doomed)
        doomed.kill()
    await inherited(office)
    assert await came_of(office, ada) == {
        RESEND.key: ("sent", ["interrupted", "sent"], ["doomed", "heir"]),
        ONCE.key: ("unknown", ["interrupted", "unknown"], ["doomed"]),
    }


async def both_told(person: Person) -> None:
    """One mail that may be repeated, and one that may not."""
    for type in (RESEND.key, ONCE.key):
        await person.receives(type)


async def all_leased(office: Office) -> bool:
    return set(await office.states()) <= LEASED


async def until_blocked(office: Office, worker: WorkerProgram) -> None:
    """Wait until the worker has tried to record what it was answered, and cannot."""
    if office.tidings.database.is_sqlite:
        await worker.until_printed("journal_failed")
        return

    async def is_waiting_for_a_lock() -> bool:
        async with office.tidings.database.read() as session:
            found = await session.execute(text("SELECT 1 FROM pg_locks WHERE NOT granted"))
            return found.first() is not None

    await until(is_waiting_for_a_lock, patience_s=PATIENCE_S)


async def inherited(office: Office) -> None:
    """Another worker does the rest."""
    office.sink.before_answer = None
    office.sink.go_on()
    await office.leases_run_out()
    office.hires("heir")
    await office.until_over()


async def came_of(office: Office, person: Person) -> dict[str, End]:
    """By type: the state and the attempts that an operator is shown, and who handed over a mail."""
    ends: dict[str, End] = {}
    for shown in await office.record(person):
        copies = [copy for copy in office.sink.copies if str(copy.delivery) == shown["id"]]
        assert len({copy.mail["Message-ID"] for copy in copies}) <= 1, "a repeat has another identity"
        assert {copy.mail["Subject"] for copy in copies} <= {shown["title"]}
        attempts = [attempt["outcome"] for attempt in shown["attempts"]]
        ends[shown["type"]] = (shown["state"], attempts, [copy.worker for copy in copies])
    return ends
