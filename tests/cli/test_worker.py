"""`tidings worker` and the worker inside `tidings serve`, as programs of their own."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from email.parser import BytesParser

from sqlalchemy import select

from tests.channels.email.ordinary import Ordinary, ordinary
from tests.channels.email.peer import STALL, hostile
from tests.cli.terminal import Terminal
from tests.server import PATIENCE_S, environment, program
from tests.waiting import until
from tidings.main import Tidings
from tidings.outbox.models import Delivery
from tidings.outbox.types import DeliveryState
from tidings.settings import Settings

ALERT = ("send", "--to", "ada", "--title", "Look here", "--type", "account.security")
"""Goes out by mail to everybody."""


class Worker:
    """`tidings worker` as a process."""

    def __init__(self, terminal: Terminal, settings: dict[str, str]) -> None:
        self.log = terminal.data_dir / f"worker-{id(self)}.log"
        given = {name: value for name, value in {**terminal.settings, **settings}.items() if name != "data_dir"}
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tidings", "worker"],
                cwd=terminal.data_dir,
                env=environment(terminal.data_dir, given),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    @property
    def printed(self) -> str:
        return self.log.read_text(errors="replace")

    async def says(self, words: str) -> None:
        """Wait until it has printed this."""

        async def is_said() -> bool:
            assert words in self.printed or self.process.poll() is None, self.printed
            return words in self.printed

        await until(is_said, patience_s=PATIENCE_S)

    async def ended(self) -> int:
        """Wait for its end; returns its exit code."""
        return await asyncio.to_thread(self.process.wait, PATIENCE_S)


@contextmanager
def worker(terminal: Terminal, **settings: str) -> Iterator[Worker]:
    """A worker on the terminal's database that is gone when the body ends."""
    started = Worker(terminal, settings)
    try:
        yield started
    finally:
        started.process.kill()
        started.process.wait(PATIENCE_S)


@asynccontextmanager
async def server(terminal: Terminal, *options: str, **settings: str) -> AsyncIterator[None]:
    """`tidings serve`, ready, on the terminal's database."""
    given = {name: value for name, value in {**terminal.settings, **settings}.items() if name != "data_dir"}
    with program(terminal.data_dir, given, *options) as started:
        await started.ready()
        yield


def url_of(mail_server: Ordinary) -> str:
    return f"smtp://{mail_server.authority}?tls=off"


async def deliveries() -> Sequence[Delivery]:
    """What is stored of every delivery in the terminal's database, oldest first."""
    tidings = Tidings(settings=Settings())
    try:
        async with tidings.database.read() as session:
            return (await session.scalars(select(Delivery).order_by(Delivery.id))).all()
    finally:
        await tidings.database.engine.dispose()


async def until_all_are(state: DeliveryState, count: int) -> None:
    """Wait until there are so many deliveries, and all of them in this state."""

    async def are_so() -> bool:
        return [delivery.state for delivery in await deliveries()] == [state] * count

    await until(are_so, patience_s=PATIENCE_S)


async def test_a_server_sends_mail_by_itself(any_terminal: Terminal) -> None:
    any_terminal.makes_user("ada")
    async with ordinary() as mail, server(any_terminal, smtp_url=url_of(mail)):
        any_terminal.does(*ALERT)
        await until_all_are(DeliveryState.SENT, 1)
    assert [received.recipients for received in mail.mails] == [["ada@example.org"]]


async def test_a_server_told_not_to_leaves_it_to_a_worker(any_terminal: Terminal) -> None:
    any_terminal.makes_user("ada")
    async with (
        ordinary() as of_server,
        ordinary() as of_worker,
        server(any_terminal, "--no-worker", smtp_url=url_of(of_server)),
    ):
        any_terminal.does(*ALERT)
        with worker(any_terminal, smtp_url=url_of(of_worker)):
            await until_all_are(DeliveryState.SENT, 1)
    assert (len(of_server.mails), len(of_worker.mails)) == (0, 1)


async def test_several_workers_send_each_mail_once(any_terminal: Terminal) -> None:
    any_terminal.makes_user("ada")
    for _ in range(10):
        any_terminal.does(*ALERT)
    async with ordinary() as mail:
        with worker(any_terminal, smtp_url=url_of(mail)), worker(any_terminal, smtp_url=url_of(mail)):
            await until_all_are(DeliveryState.SENT, 10)
    ids = [BytesParser().parsebytes(received.content)["Message-ID"] for received in mail.mails]
    assert len(ids) == len(set(ids)) == 10


async def test_a_worker_waits_for_the_schema(any_empty_terminal: Terminal) -> None:
    with worker(any_empty_terminal) as waiting:
        await waiting.says("waiting_for_schema")
        any_empty_terminal.does("migrate")
        any_empty_terminal.makes_user("ada")
        any_empty_terminal.does(*ALERT)
        await until_all_are(DeliveryState.SENT, 1)
    assert len(list((any_empty_terminal.data_dir / "mails").iterdir())) == 1


async def test_a_worker_that_waits_for_the_schema_can_be_stopped(any_empty_terminal: Terminal) -> None:
    with worker(any_empty_terminal) as waiting:
        await waiting.says("waiting_for_schema")
        waiting.process.send_signal(signal.SIGINT)
        assert await waiting.ended() == 0


async def test_a_worker_says_where_mail_goes_and_stops_when_told(any_terminal: Terminal) -> None:
    with worker(any_terminal) as idle:
        await idle.says(f"mail is kept in {any_terminal.data_dir}/mails, not sent")
        idle.process.terminate()
        assert await idle.ended() == 0
        assert "worker_stopped" in idle.printed


async def test_a_worker_told_to_stop_ends_although_a_mail_server_stalls(terminal: Terminal) -> None:
    """It takes the 25 seconds that are promised, so it is done once; `tests/main` does it on both databases."""
    terminal.makes_user("ada")
    for _ in range(2):
        terminal.does(*ALERT)
    async with hostile({"RCPT": [STALL, "250 2.1.5 ok"], "dot": STALL}) as mail:
        with worker(terminal, smtp_url=mail.url) as busy:
            await mail.until_mail()
            busy.process.terminate()
            assert await busy.ended() == 0
    rows = await deliveries()
    assert {(row.state, row.lease_token) for row in rows} == {(DeliveryState.SCHEDULED, None)}
    assert sorted(row.attempt for row in rows) == [0, 1]  # the one that was complete may have been accepted


async def test_a_second_signal_ends_a_worker_at_once(any_terminal: Terminal) -> None:
    any_terminal.makes_user("ada")
    any_terminal.does(*ALERT)
    async with hostile({"RCPT": STALL}) as mail:
        with worker(any_terminal, smtp_url=mail.url) as busy:
            await mail.until("RCPT")
            busy.process.terminate()
            await busy.says("worker_stopping")
            busy.process.terminate()
            assert await busy.ended() == -signal.SIGTERM
    (row,) = await deliveries()
    assert (row.state, row.attempt) == (DeliveryState.SENDING, 1)
    assert row.lease_until is not None  # when it has run out, another worker takes over


async def test_a_password_stays_out_of_what_is_said(terminal: Terminal) -> None:
    with worker(terminal, smtp_url="smtp://ada:sesame-street@localhost:1", log_level="DEBUG") as started:
        await started.says("sent through localhost")
        os.kill(started.process.pid, signal.SIGTERM)
        assert await started.ended() == 0
        assert "sesame" not in started.printed
    with worker(terminal, smtp_url="smtp://ada:sesame-street@localhost:port") as refused:
        assert await refused.ended() == 1
        assert "TIDINGS_SMTP_URL: " in refused.printed
        assert "sesame" not in refused.printed
