"""Uvicorn's WebSocket protocol with a way past ASGI, for `uvicorn.Config(ws=StreamProtocol)`.

ASGI frames a message anew for every receiver, and cannot end a connection whose reader stands still: even a close
waits for room in the buffer. Under any other server, streams work through plain ASGI.
"""

from typing import cast

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.exceptions import InvalidMessage
from websockets.http11 import Request
from websockets.protocol import State

from tidings.kernel.errors import HeadersTooLarge, MalformedHead
from tidings.kernel.http.protocol import answer_to
from tidings.realtime.websocket import WIRE


class StreamProtocol(WebSocketsSansIOProtocol):
    """Offers itself to the application as the extension `tidings.wire`."""

    def data_received(self, data: bytes) -> None:
        """Take in what came. A handshake that cannot be read is refused: uvicorn would leave it open without a word."""
        super().data_received(data)
        if self.conn.handshake_exc is not None and not self.handshake_initiated:
            is_unreadable = isinstance(self.conn.handshake_exc, InvalidMessage)  # else a line is over 8 KiB
            self.transport.write(answer_to(MalformedHead() if is_unreadable else HeadersTooLarge()))
            self.transport.close()

    def handle_connect(self, event: Request) -> None:
        """Begin to serve a handshake; the application's task starts after this returns."""
        super().handle_connect(event)
        if not self.close_sent:
            extensions = cast(dict[str, object], self.scope["extensions"])  # uvicorn types it as values ASGI defines
            extensions[WIRE] = self

    def write_now(self, wire_frames: bytes) -> bool:
        """Write finished frames if the socket takes more at once; False means nothing was written."""
        if not self.writable.is_set() or not self._is_open():
            return False
        self.transport.write(wire_frames)
        return True

    def end_now(self, code: int, reason: str, *, within_s: float) -> None:
        """Close without waiting for a reader who does not read; the connection is gone after that time."""
        if not self._is_open():
            return
        self.stop_keepalive()
        self.conn.send_close(code, reason)
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        self.queue.put_nowait({"type": "websocket.disconnect", "code": code, "reason": reason})
        if self.read_paused:
            self.read_paused = False
            self.transport.resume_reading()
        self.close_timer = self.loop.call_later(within_s, self.transport.abort)

    def _is_open(self) -> bool:
        return (
            self.handshake_complete
            and not self.close_sent
            and not self.disconnected
            and self.conn.state is State.OPEN
            and not self.transport.is_closing()
        )
