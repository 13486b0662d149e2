"""The stream as server-sent events (HTML, §9.2). Who may open it is for the caller to know."""

import asyncio
from collections.abc import Sequence

import anyio
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from tidings.realtime.frames import Frame
from tidings.realtime.hub import Hub
from tidings.realtime.ports import ConnectionLost, Subscriber

# What servers and middleware raise when the other side is gone or the response has ended.
_GONE = (OSError, RuntimeError, anyio.BrokenResourceError, anyio.ClosedResourceError)


class EventStreamResponse(Response):
    """Serves the stream until either side ends it. A cursor is the event's id, so `Last-Event-ID` resumes.

    There are no close codes here: the stream just ends, and the next request learns why.
    """

    media_type = "text/event-stream"

    def __init__(self, hub: Hub, subscriber: Subscriber) -> None:
        self._hub = hub
        self._subscriber = subscriber
        self.status_code = 200
        self.background = None
        # X-Accel-Buffering: nginx must not hold events back.
        self.init_headers({"cache-control": "no-store", "x-accel-buffering": "no"})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with the stream."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        connection = EventStreamConnection(send, close_s=self._hub.limits.close_s)
        stream = self._hub.open(connection, self._subscriber)
        try:
            while (await receive())["type"] != "http.disconnect":
                pass
        except asyncio.CancelledError:
            if not connection.has_ended:
                raise
            connection.serving.uncancel()
        finally:
            connection.is_served = False
            self._hub.leave(stream)


class EventStreamConnection:
    """Sends frames as events of one response."""

    __slots__ = ("_close_s", "_send", "has_ended", "is_served", "serving")
    answers = False

    def __init__(self, send: Send, *, close_s: float) -> None:
        task = asyncio.current_task()
        assert task is not None, "streams are served by a task"  # noqa: S101 - narrows the type
        self._send = send
        self._close_s = close_s
        self.serving = task
        self.is_served = True
        self.has_ended = False

    def send_now(self, _frames: Sequence[Frame]) -> bool:
        """Never: ASGI does not say whether a send will wait."""
        return False

    async def send(self, frames: Sequence[Frame]) -> None:
        """Write the events, waiting while the buffer is full."""
        body = b"".join([frame.event for frame in frames])
        if body:
            try:
                await self._send({"type": "http.response.body", "body": body, "more_body": True})
            except _GONE as error:
                raise ConnectionLost() from error

    async def close(self, _code: int, _reason: str) -> None:
        """End the response; who does not read its end in time is cut off."""
        try:
            async with asyncio.timeout(self._close_s):
                await self._send({"type": "http.response.body", "body": b"", "more_body": False})
        except (TimeoutError, *_GONE):
            pass  # it ends all the same
        if self.is_served:
            self.has_ended = True
            self.serving.cancel()
