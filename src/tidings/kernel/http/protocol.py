"""Uvicorn's HTTP protocol with an end to everything a stranger can send before a route looks at it.

Neither uvicorn nor its parser limits a head: one header may have any size, is joined anew with each piece that arrives,
and may take for ever. Under any other server these limits are that server's.
"""

import asyncio
from dataclasses import dataclass
from typing import Any, ClassVar

import structlog
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol
from uvicorn.server import ServerState

from tidings.kernel.errors import Busy, HeadersTooLarge, MalformedHead, RequestTimeout, TidingsError
from tidings.kernel.http.headers import CONTENT_SECURITY_POLICY
from tidings.kernel.http.problems import MEDIA_TYPE, problem_response

_PIECE = 1 << 16
"""So many bytes are parsed between two looks at what they were."""
_SEPARATORS = len(": \r\n")
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestLimits:
    """Sizes in bytes, times in seconds; tests shorten them."""

    head_bytes: int = 32 << 10
    """Of the request's target and all its headers. Browsers send 1 or 2 KiB, with many cookies some more."""
    header_lines: int = 100
    """Trailers count too. What comes through several proxies has 30."""
    head_s: float = 15.0
    """From the connection, or from a head's first byte, to its end."""
    stall_s: float = 30.0
    """Without anything new of a body. A slow line is no stall: no upload is too slow while it goes on."""
    waiting_requests: int = 100
    """Behind one that is being answered, on the same connection; each costs the memory of a request."""
    linger_s: float = 2.0
    """How long what still comes is thrown away after a refusal: closing at once would undo it on the way (RFC 9112
    §9.6)."""


class BoundedProtocol(HttpToolsProtocol):
    """Answers 431 to a head that is too large and 408 to one, or a body, that does not come, and closes."""

    limits: ClassVar[RequestLimits] = RequestLimits()

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],  # Any: what a lifespan keeps
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._is_head = True
        self._has_begun = False
        self._is_over = False
        self._head_bytes = 0
        self._header_lines = 0
        self._untold_bytes = 0  # of a part that the parser still waits for the end of
        self._was_told = False
        self._waits_since = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._reason: TidingsError | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn types it
        """Begin to wait for the first head."""
        super().connection_made(transport)
        self._waits_since = self.loop.time()
        self._timer = self.loop.call_later(self.limits.head_s, self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing any more."""
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse what came, until it is too much."""
        for start in range(0, len(data), _PIECE):
            if self._is_over:
                return
            self._was_told = False
            piece = data[start : start + _PIECE]
            super().data_received(piece)
            if self.transport.get_protocol() is not self:  # a WebSocket from here on
                return
            if not self._was_told:
                self._begin()
                self._untold_bytes += len(piece)
                if self._head_bytes + self._untold_bytes > self.limits.head_bytes:
                    self._refuse(HeadersTooLarge())
        if self._has_begun and self._timer is None and not self._is_over:
            self._look()

    def send_400_response(self, msg: str) -> None:
        """What uvicorn answers when the parser gives up, on its own or because a callback here raised."""
        self._refuse(self._reason or MalformedHead())

    # What the parser calls

    def on_message_begin(self) -> None:
        """A head has begun."""
        self._was_told = True
        self._begin()
        self._head_bytes = self._header_lines = self._untold_bytes = 0
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        """A piece of the target."""
        self._count(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """A whole header, or after the body a trailer: that one may not pass for a header (RFC 9110 §6.5.1)."""
        self._header_lines += 1
        self._count(len(name) + len(value) + _SEPARATORS)
        if self._is_head:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """The head is whole."""
        self._was_told = True
        if len(self.pipeline) >= self.limits.waiting_requests:
            raise self._because(Busy())
        super().on_headers_complete()
        self._is_head = False
        self._stop_waiting()
        self._go_on()

    def on_body(self, body: bytes) -> None:
        """Something of the body."""
        self._was_told = True
        self._go_on()
        super().on_body(body)

    def on_message_complete(self) -> None:
        """The request is whole; another may follow."""
        self._was_told = True
        self._is_head, self._has_begun = True, False
        self._untold_bytes = 0
        self._stop_waiting()
        super().on_message_complete()

    def _begin(self) -> None:
        if not self._has_begun:
            self._has_begun = True
            if self._timer is None:  # else it is the first, which is waited for since the connection
                self._waits_since = self.loop.time()

    def _go_on(self) -> None:
        self._untold_bytes = 0
        self._waits_since = self.loop.time()

    def _count(self, size: int) -> None:
        self._was_told = True
        self._untold_bytes = 0
        self._head_bytes += size
        if self._head_bytes > self.limits.head_bytes or self._header_lines > self.limits.header_lines:
            raise self._because(HeadersTooLarge())

    def _because(self, reason: TidingsError) -> TidingsError:
        """What a callback raises: the parser says no more of it than that it ended."""
        self._reason = reason
        return reason

    # Waiting

    def _look(self) -> None:
        """See whether it has been too long, and look again when it would be."""
        self._timer = None
        if self._is_held_up():
            self._waits_since = self.loop.time()
        left = self._waits_since + (self.limits.head_s if self._is_head else self.limits.stall_s) - self.loop.time()
        if left > 0:
            self._timer = self.loop.call_later(left, self._look)
        elif self._has_begun:
            self._refuse(RequestTimeout())
        else:  # a browser opened it ahead and never needed it: an answer would be to nothing
            self._is_over = True
            self.transport.close()

    def _stop_waiting(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _is_held_up(self) -> bool:
        """Whether it is we who do not read, or who still answer."""
        return self.flow.read_paused or not (self._may_answer() or self._is_answered())

    def _is_answered(self) -> bool:
        """Whether this request has its answer before it came to its end."""
        return not (self._is_head or self.pipeline) and self.cycle.response_complete

    def _may_answer(self) -> bool:
        """Whether the next answer on this connection is the one to the request that is being read."""
        if self.pipeline or self.cycle is None:
            return not self.pipeline
        return self.cycle.response_complete if self._is_head else not self.cycle.response_started

    def _refuse(self, error: TidingsError) -> None:
        """End the connection, with an answer where there is none under way."""
        self._is_over = True
        self._stop_waiting()
        log.info("request_refused", problem=error.code, address=self.client[0] if self.client else None)
        if not self._may_answer():
            self.transport.close()
            return
        if not self._is_head:  # its route waits for the body
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        self.transport.write(answer_to(error))
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self.flow.resume_reading()
        self._timer = self.loop.call_later(self.limits.linger_s, self.transport.abort)


def answer_to(error: TidingsError) -> bytes:
    """The problem document as it goes over the wire, of a request whose target may be unknown."""
    body = bytes(problem_response(error, "").body)
    headers = {
        "Content-Type": MEDIA_TYPE,
        "Content-Length": str(len(body)),
        "Connection": "close",
        "Cache-Control": "no-store",
        "Content-Security-Policy": CONTENT_SECURITY_POLICY,
        "X-Content-Type-Options": "nosniff",
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return STATUS_LINE[error.status] + lines.encode("ascii") + b"\r\n" + body
