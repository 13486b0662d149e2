"""Connections of the load generators: WebSockets that listen, and connections that carry one request after another."""

import asyncio
import base64
import os
from collections.abc import Callable
from typing import cast


class Listener(asyncio.Protocol):
    """One WebSocket: shakes hands, then counts frames.

    It is read and never written; frames of a server are not masked, so that takes few operations (RFC 6455 §5.2).
    """

    def __init__(self, request: bytes, heard: Callable[[int, bytes], None]) -> None:
        self._request = request
        self._heard = heard
        self._received = b""
        self._skip = 0
        self._is_open = False
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the upgrade."""
        cast(asyncio.WriteTransport, transport).write(self._request)

    def data_received(self, data: bytes) -> None:
        """Count the frames that end in this piece."""
        received = self._received + data if self._received else data
        if not self._is_open:
            head, separator, received = received.partition(b"\r\n\r\n")
            if not separator:
                self._received = head
                return
            if not head.startswith(b"HTTP/1.1 101"):
                self.opened.set_exception(ConnectionError(head.decode(errors="replace")))
                return
            self._is_open = True
            self.opened.set_result(None)
        self._received = self._frames(received)

    def connection_lost(self, error: Exception | None) -> None:
        """Nobody should be sent away."""
        if not self.opened.done():
            self.opened.set_exception(error or ConnectionError("the server closed the connection"))

    def _frames(self, received: bytes) -> bytes:
        at, count, length = 0, 0, len(received)
        while length - at >= 2:
            size, start = received[at + 1], at + 2
            if size == 126:
                size, start = int.from_bytes(received[at + 2 : at + 4]), at + 4
            elif size == 127:
                size, start = int.from_bytes(received[at + 2 : at + 10]), at + 10
            if length < start + size:
                break
            at, count = start + size, count + 1
        if count:
            self._heard(count, received)
        return received[at:] if at < length else b""


class Kept:
    """A connection that carries one request after another."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def open(cls, port: int) -> "Kept":
        """Connect."""
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    async def send(self, request: bytes) -> bytes:
        """The body of the answer. Raises ConnectionError when it is no success."""
        self._writer.write(request)
        head = await self._reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0] or 0)
        body = await self._reader.readexactly(length)
        if not head.startswith(b"HTTP/1.1 20"):
            raise ConnectionError((head + body).decode(errors="replace"))
        return body

    def close(self) -> None:
        """Hang up."""
        self._writer.close()


def handshake(port: int, path: str, token: str) -> bytes:
    """The request that asks for a WebSocket."""
    lines = [
        f"GET {path} HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Version: 13",
        f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}",
        *([f"Authorization: Bearer {token}"] if token else []),
    ]
    return "\r\n".join([*lines, "", ""]).encode()
