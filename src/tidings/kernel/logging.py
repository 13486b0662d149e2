"""Structured logs on standard error: one JSON object a line (or colours on a terminal), secrets redacted."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, TextIO

import structlog

REDACTED = "[redacted]"
_SECRET_NAME = re.compile(
    r"pass(word|wd)?|secret|token|ticket|cookie|authorization|credential|otp|recovery|signature|(^|_)(key|code)$",
    re.IGNORECASE,
)
_SECRET_IN_TEXT = re.compile(
    r"(?i)((?:token|ticket|password|secret|code|key|since_token|authorization)=)[^&\s\"']+|\btd[a-z]_[\w-]{16,}|\b\w+:[\w-]{40,}={0,2}|(?<=://)[^/\s:@]+:[^/\s@]+(?=@)"
    r"|(?<=/unsubscribe/)[^/?\s\"']+"
)


_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
"""What ends a line, moves a cursor, or turns the direction of what follows (UAX #9)."""


def redact(value: object) -> object:
    """The same value with secrets replaced: by name in mappings, by shape (tokens, query strings, URLs) in text."""
    if isinstance(value, str):
        return _SECRET_IN_TEXT.sub(lambda match: (match.group(1) or "") + REDACTED, value)
    if isinstance(value, bytes):
        return REDACTED
    if isinstance(value, dict):
        return {
            name: REDACTED if isinstance(name, str) and _SECRET_NAME.search(name) else redact(inner)
            for name, inner in value.items()
        }
    if isinstance(value, list | tuple | set):
        return [redact(inner) for inner in value]
    return value


def configure_logging(*, level: str = "INFO", stream: TextIO | None = None) -> None:
    """Send our logs and those of every library through one redacting pipeline. Calling it again replaces it."""
    out = stream or sys.stderr
    shared: list[Any] = [  # Any: structlog's processor type is a union it does not export
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _redact_event,
    ]
    renderers: list[Any] = [structlog.processors.JSONRenderer()]  # Any: as above
    if out.isatty():
        renderers = [
            _keep_to_the_line,
            structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback),
        ]
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderers],
        )
    )
    logging.basicConfig(handlers=[handler], level=level, force=True)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access", "sqlalchemy.engine"):
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = True
    logging.getLogger("alembic").setLevel(max(logging.WARNING, logging.getLevelName(level)))
    for name in ("aiosqlite", "asyncpg", "sqlalchemy"):  # at DEBUG they write the values of statements, secrets too
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger("uvicorn.access").disabled = True  # it writes whole query strings; ours does not
    structlog.configure(
        # What nobody reads is dropped first, before anything is done to it.
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )


def _redact_event(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {
        name: REDACTED if _SECRET_NAME.search(name) and name != "type_code" else redact(value)
        for name, value in event.items()
    }


def _keep_to_the_line(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A terminal does what it is sent: what strangers wrote begins no line of its own there, and moves no cursor.

    JSON needs none of this. Tracebacks keep their lines, set in.
    """
    return {name: _printable(value, is_text=name == "exception") for name, value in event.items()}


def _printable(value: object, *, is_text: bool) -> object:
    if not isinstance(value, str):
        return value  # shown by its repr, which escapes by itself
    if is_text:
        return "\n".join(f"  {_printable(line, is_text=False)}" for line in value.split("\n"))
    return _UNPRINTABLE.sub(lambda match: match[0].encode("unicode_escape").decode(), value)
