"""ASGI middleware: safe headers on every answer, a request id, and one log line without secrets."""

import time

import structlog
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tidings.kernel.errors import InternalError
from tidings.kernel.http.problems import problem_response
from tidings.kernel.ids import new_id
from tidings.kernel.logging import redact

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
    "font-src 'self'; manifest-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'; require-trusted-types-for 'script'"
)
_ALWAYS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
log = structlog.get_logger(__name__)


class SafeHeaders:
    """Adds the headers an answer does not bring itself; `https` adds HSTS (RFC 6797)."""

    def __init__(self, app: ASGIApp, *, https: bool) -> None:
        self.app = app
        self.headers = _ALWAYS | ({"Strict-Transport-Security": "max-age=31536000"} if https else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = new_id().hex
        told = scope.setdefault("state", {})
        started = time.perf_counter()
        status: int | None = None

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                for name, value in self.headers.items():
                    headers.setdefault(name, value)
                headers.setdefault("Cache-Control", "no-store")
                headers["X-Request-Id"] = request_id
                if standing := told.get("rate_limit"):
                    headers.update(standing.headers)
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self.app(scope, receive, send_with_headers)
            except Exception as error:
                if status is None:  # Starlette would answer outside every middleware, where these headers are missing
                    failure = problem_response(InternalError(), scope["path"])
                    await failure(scope, receive, send_with_headers)
                log.error("request failed", path=scope["path"], method=scope["method"], exc_info=error)
                raise
            finally:
                log.info(
                    "request",
                    method=scope["method"],
                    path=scope["path"],
                    query=redact(scope["query_string"].decode("latin-1")),
                    status=status or 500,
                    milliseconds=round((time.perf_counter() - started) * 1000, 1),
                )
