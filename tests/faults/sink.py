"""A mail server that keeps a ledger: which process handed over what, and how far it had come when it was cut off."""

import asyncio
import random
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.parser import BytesHeaderParser
from functools import cached_property
from uuid import UUID

from tests.channels.email.mails import parsed
from tests.waiting import until

PATIENCE_S = 60.0
STEPS = ("connection", "MAIL", "RCPT", "DATA", "final dot", "answer")
"""How far a mail has come: the last thing the server heard of it, or that it answered the final dot."""

_ANSWERS = {
    "EHLO": b"250-sink\r\n250 8BITMIME\r\n",
    "MAIL": b"250 2.1.0 ok\r\n",
    "RCPT": b"250 2.1.5 ok\r\n",
    "RSET": b"250 2.0.0 ok\r\n",
    "DATA": b"354 go on\r\n",
}


@dataclass(frozen=True)
class Copy:
    """One mail whose final dot arrived. Each worker has a sender of its own, so its mails say whose they are."""

    worker: str
    recipient: str
    content: bytes

    @property
    def mail(self) -> EmailMessage:
        return parsed(self.content)

    @cached_property
    def delivery(self) -> UUID:
        """Which delivery it is, as its Message-ID says."""
        header = BytesHeaderParser().parsebytes(self.content)
        return UUID(header["Message-ID"].strip("<>").partition("@")[0])


@dataclass
class Sink:
    """Takes every mail, whole or not at all. Times of answers are drawn; `stop` holds whoever comes to a step."""

    url: str = ""
    slowness_s: float = 0.0
    """The longest that the answer to a final dot takes."""
    copies: list[Copy] = field(default_factory=list)
    cut_off: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    """Of each worker whose connections ended without QUIT: how many at which step."""
    reached: Counter[str] = field(default_factory=Counter)
    before_answer: Callable[[], Awaitable[None]] | None = None
    """Runs when a mail has arrived whole, before that is answered."""
    _stops: dict[str, asyncio.Event] = field(default_factory=dict)
    _chance: random.Random = field(default_factory=random.Random)

    def stop(self, step: str) -> None:
        """From now on, whoever comes to this step gets no answer until `go_on`."""
        self._stops[step] = asyncio.Event()

    def go_on(self) -> None:
        """Answer again; who waits for an answer gets it."""
        for stop in self._stops.values():
            stop.set()
        self._stops.clear()

    async def until_reached(self, step: str, times: int) -> None:
        """Wait until mails have come to this step so often."""

        async def is_so() -> bool:
            return self.reached[step] >= times

        await until(is_so, patience_s=PATIENCE_S)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, to its end."""
        talk = _Talk(reader, writer)
        try:
            writer.write(b"220 sink ESMTP\r\n")
            while (line := await reader.readline()) and not line.upper().startswith(b"QUIT"):
                await self._answer(talk, line)
        except (OSError, asyncio.IncompleteReadError):
            line = b""
        finally:
            writer.close()
        if not line and talk.worker:
            self.cut_off[talk.worker][talk.step] += 1

    async def _answer(self, talk: "_Talk", line: bytes) -> None:
        verb = line[:4].decode().upper()
        if verb in {"MAIL", "RCPT", "DATA"}:
            await self._come_to(talk, verb)
        if verb == "MAIL":
            talk.worker = _address(line).partition("@")[0]
        elif verb == "RCPT":
            talk.recipient = _address(line)
        talk.writer.write(_ANSWERS.get(verb, b"500 what?\r\n"))
        if verb == "DATA":
            await self._take(talk)

    async def _take(self, talk: "_Talk") -> None:
        content = await talk.reader.readuntil(b"\r\n.\r\n")
        self.copies.append(Copy(talk.worker, talk.recipient, content))
        await self._come_to(talk, "final dot")
        if self.before_answer is not None:
            await self.before_answer()
        if self.slowness_s:
            await asyncio.sleep(self._chance.random() * self.slowness_s)
        if talk.reader.at_eof():
            return  # whoever sent it is gone, and will not hear the answer
        talk.writer.write(f"250 2.0.0 queued as {len(self.copies)}\r\n".encode())
        talk.step = "answer"
        self.reached["answer"] += 1

    async def _come_to(self, talk: "_Talk", step: str) -> None:
        talk.step = step
        self.reached[step] += 1
        if step in self._stops:
            await self._stops[step].wait()


@dataclass
class _Talk:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    step: str = "connection"
    worker: str = ""
    recipient: str = ""


def _address(line: bytes) -> str:
    return line.decode().partition("<")[2].partition(">")[0]


@asynccontextmanager
async def sinking(*, slowness_s: float = 0.0) -> AsyncIterator[Sink]:
    """A sink on a loopback port, until the body ends."""
    sink = Sink(slowness_s=slowness_s)
    talks: set[asyncio.Task[None]] = set()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talks.add(asyncio.create_task(sink.serve(reader, writer)))

    server = await asyncio.start_server(accept, "127.0.0.1", 0, limit=2**20)
    sink.url = f"smtp://127.0.0.1:{server.sockets[0].getsockname()[1]}?tls=off"
    try:
        yield sink
    finally:
        server.close()
        sink.go_on()
        for talk in talks:
            talk.cancel()
        await asyncio.gather(*talks, return_exceptions=True)
