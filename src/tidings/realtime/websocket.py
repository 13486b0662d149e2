"""The stream over WebSocket. Who may open it is for the caller to know."""

import asyncio
from collections.abc import Sequence
from typing import Protocol

from starlette.websockets import WebSocket, WebSocketDisconnect

from tidings.realtime.client import is_too_large
from tidings.realtime.frames import Frame
from tidings.realtime.hub import Hub
from tidings.realtime.ports import ConnectionLost, Subscriber
from tidings.realtime.types import CloseCode

WIRE = "tidings.wire"
MAX_JOINED_BYTES = 128 * 1024


class Wire(Protocol):
    """The ASGI extension `tidings.wire`: what a server offers beyond ASGI (see protocol.py)."""

    def write_now(self, wire_frames: bytes) -> bool:
        """Write finished frames if the socket takes more at once; False means nothing was written."""

    def end_now(self, code: int, reason: str, *, within_s: float) -> None:
        """Close without waiting for a reader who does not read; the connection is gone after that time."""


async def serve_websocket(hub: Hub, websocket: WebSocket, subscriber: Subscriber) -> None:
    """Accept, and serve the stream until either side ends it."""
    await websocket.accept()
    connection = WebSocketConnection(websocket, close_s=hub.limits.close_s)
    stream = hub.open(connection, subscriber)
    try:
        while (message := await websocket.receive())["type"] == "websocket.receive":
            text = message.get("text") or message.get("bytes") or ""
            if is_too_large(text):
                hub.close(stream, CloseCode.FRAME_TOO_LARGE, "frame too large")
            else:
                await hub.receive(stream, text)
    except asyncio.CancelledError:
        if not connection.given_up:
            raise
        connection.serving.uncancel()
    finally:
        connection.is_served = False
        hub.leave(stream)


async def refuse_websocket(websocket: WebSocket, code: int, reason: str) -> None:
    """Accept and close at once: a browser shows its script a close code, but never an HTTP status."""
    await websocket.accept()
    await websocket.close(code, reason)


class WebSocketConnection:
    """Sends frames to one WebSocket, past ASGI where the server allows it."""

    __slots__ = ("_close_s", "_websocket", "_wire", "given_up", "is_served", "serving")
    answers = True

    def __init__(self, websocket: WebSocket, *, close_s: float) -> None:
        task = asyncio.current_task()
        assert task is not None, "streams are served by a task"  # noqa: S101 - narrows the type
        self._websocket = websocket
        self._close_s = close_s
        self._wire: Wire | None = websocket.scope.get("extensions", {}).get(WIRE)
        self.serving = task
        self.is_served = True
        self.given_up = False

    def send_now(self, frames: Sequence[Frame]) -> bool:
        """Write to the socket if it takes more at once."""
        if self._wire is None:
            return False
        wire_frames = b"".join([frame.websocket for frame in frames])
        if len(wire_frames) > MAX_JOINED_BYTES and len(frames) > 1:
            return False  # one by one: between two frames a slow reader is noticed
        return self._wire.write_now(wire_frames)

    async def send(self, frames: Sequence[Frame]) -> None:
        """Write to the socket, waiting while its buffer is full."""
        try:
            for frame in frames:
                if not self.send_now([frame]):
                    await self._websocket.send({"type": "websocket.send", "text": frame.text})
        except (WebSocketDisconnect, OSError, RuntimeError) as error:  # gone, or closed by one side
            raise ConnectionLost() from error

    async def close(self, code: int, reason: str) -> None:
        """Send the close code; who does not read it in time is cut off."""
        if self._wire is not None:
            self._wire.end_now(code, reason, within_s=self._close_s)
            return
        try:
            async with asyncio.timeout(self._close_s):
                await self._websocket.send({"type": "websocket.close", "code": code, "reason": reason})
        except TimeoutError:
            if self.is_served:
                self.given_up = True
                self.serving.cancel()
        except (WebSocketDisconnect, OSError, RuntimeError):
            pass  # the other side was quicker
