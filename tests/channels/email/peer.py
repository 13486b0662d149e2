"""A mail server that misbehaves where a test says so, and is polite otherwise."""

import asyncio
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from enum import Enum, auto
from typing import NoReturn, TypeAlias


class Deed(Enum):
    """What a server may do in place of a reply."""

    STALL = auto()
    """Hear everything and answer nothing, for ever."""
    DEAF = auto()
    """Not even hear: what is sent piles up."""
    RESET = auto()
    """Reset the connection (RST)."""
    CLOSE = auto()
    """End the connection (FIN)."""


STALL, DEAF, RESET, CLOSE = Deed.STALL, Deed.DEAF, Deed.RESET, Deed.CLOSE
Answer: TypeAlias = str | bytes | Deed
Script: TypeAlias = Mapping[str, Answer | Sequence[Answer]]

PATIENCE = 30
"""Seconds until a test that waits in vain fails."""

_POLITE: dict[str, Answer] = {
    "banner": "220 peer ESMTP",
    "EHLO": "250-peer\r\n250-SIZE 1000000\r\n250 8BITMIME",
    "HELO": "250 peer",
    "RSET": "250 2.0.0 ok",
    "MAIL": "250 2.1.0 ok",
    "RCPT": "250 2.1.5 ok",
    "DATA": "354 go on",
    "content": "",
    "dot": "250 2.0.0 queued as 7",
    "QUIT": "221 bye",
}


class _Over(Exception):
    """This connection has ended."""


class Peer:
    """What it heard, on how many connections, and the mails whose final dot arrived."""

    def __init__(self, script: Script) -> None:
        self.url = ""
        self.heard: list[str] = []
        self.connections = 0
        self.open_connections = 0
        self.mails: list[bytes] = []
        self.changed = asyncio.Condition()
        self._script = {
            name: [answers] if isinstance(answers, str | bytes | Deed) else list(answers)
            for name, answers in script.items()
        }
        self._writers: set[asyncio.StreamWriter] = set()

    @property
    def verbs(self) -> list[str]:
        """The commands heard, without what they say."""
        return [line.split()[0].upper() for line in self.heard if line.split()]

    async def until(self, verb: str) -> None:
        """Wait until this command was heard."""
        await self._until(lambda: verb in self.verbs)

    async def until_mail(self) -> None:
        """Wait until a mail has arrived whole."""
        await self._until(lambda: bool(self.mails))

    async def until_closed(self) -> None:
        """Wait until no connection is open."""
        await self._until(lambda: self.open_connections == 0)

    async def hang_up(self) -> None:
        """End every connection, as a server does with clients it finds idle, and wait until that is done."""
        for writer in self._writers:
            writer.close()
        await self.until_closed()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, from the banner to its end."""
        self.connections += 1
        self.open_connections += 1
        self._writers.add(writer)
        try:
            await self._answer("banner", reader, writer)
            while line := await reader.readline():
                async with self.changed:
                    self.heard.append(line.decode().rstrip("\r\n"))
                    self.changed.notify_all()
                await self._command((line.split() or [b""])[0].decode().upper(), reader, writer)
        except (_Over, OSError):
            pass
        finally:
            self._writers.discard(writer)
            self.open_connections -= 1
            writer.close()
            async with self.changed:
                self.changed.notify_all()

    async def _until(self, is_so: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE), self.changed:
            await self.changed.wait_for(is_so)

    async def _command(self, verb: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        said = await self._answer(verb, reader, writer)
        if verb == "DATA" and said.startswith(b"354"):
            await self._answer("content", reader, writer)
            try:
                arrived = await reader.readuntil(b"\r\n.\r\n")
            except asyncio.IncompleteReadError:
                raise _Over from None
            async with self.changed:
                self.mails.append(arrived)
                self.changed.notify_all()
            await self._answer("dot", reader, writer)
        if verb == "QUIT":
            raise _Over

    async def _answer(self, name: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        answers = self._script.get(name) or [_POLITE.get(name, "500 what?")]
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(answer, Deed):
            return await self._misbehave(answer, reader, writer)
        octets = answer if isinstance(answer, bytes) else f"{answer}\r\n".encode() if answer else b""
        writer.write(octets)
        await writer.drain()
        return octets

    async def _misbehave(self, deed: Deed, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> NoReturn:
        if deed is Deed.DEAF:
            await asyncio.get_running_loop().create_future()
        if deed is Deed.STALL:
            while await reader.read(2**16):
                pass
        if deed is Deed.RESET:
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()
        raise _Over


@asynccontextmanager
async def hostile(script: Script, *, tls: ssl.SSLContext | None = None) -> AsyncIterator[Peer]:
    """A peer of this test's own.

    `{"RCPT": "550 no"}` answers every RCPT so; a sequence answers one after the other, the last for ever. Beside
    commands there are `banner`, `content` (the mail begins to arrive, unread) and `dot` (it ended). Bytes are
    said as they are, without a line end.
    """
    peer = Peer(script)
    tasks: set[asyncio.Task[None]] = set()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tasks.add(asyncio.create_task(peer.serve(reader, writer)))

    listening = socket.create_server(("127.0.0.1", 0))
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)  # a large mail does not fit unread
    server = await asyncio.start_server(accept, sock=listening, ssl=tls, limit=2**16)
    peer.url = f"{'smtps' if tls else 'smtp'}://localhost:{listening.getsockname()[1]}"
    try:
        yield peer
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
