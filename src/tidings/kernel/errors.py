"""Errors are classes: the docstring is the title people read, `code` and `status` are the contract."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from sqlalchemy.ext.asyncio import AsyncSession


@dataclass(frozen=True, slots=True)
class Fault:
    """One wrong place in a request: a JSON pointer (RFC 6901), a stable code and a sentence.

    `advice` holds stable codes of what would be better, where there is more to say than what is wrong.
    """

    pointer: str
    code: str
    detail: str
    advice: Sequence[str] = ()


class TidingsError(Exception):
    """Something went wrong."""

    code: ClassVar[str] = "internal_error"
    status: ClassVar[int] = 500
    pointer: ClassVar[str | None] = None
    """The one place that is wrong whenever this is raised, where there is one."""

    def __init__(
        self, detail: str | None = None, *, faults: Sequence[Fault] = (), headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(detail or self.title())
        self.detail = detail
        if not faults and self.pointer is not None:
            faults = [Fault(self.pointer, self.code, str(self))]
        self.faults = tuple(faults)
        self.headers = dict(headers or {})

    @classmethod
    def title(cls) -> str:
        """The first line of the docstring, which is what people read."""
        return (cls.__doc__ or cls.__name__).strip().splitlines()[0]


class RememberedRefusal(TidingsError):
    """A refusal whose record is kept although the work is rolled back."""

    async def record(self, session: AsyncSession) -> None:
        """Write what must be remembered; runs in a transaction of its own after the rollback."""
        raise NotImplementedError


class InternalError(TidingsError):
    """The server failed; the failure was recorded."""


class RouteNotFound(TidingsError):
    """There is nothing at this address."""

    code = "not_found"
    status = 404


class MethodNotAllowed(TidingsError):
    """This address does not take that method."""

    code = "method_not_allowed"
    status = 405


class InvalidRequest(TidingsError):
    """The request does not have the documented shape."""

    code = "invalid_request"
    status = 422


class MalformedHead(TidingsError):
    """The request is not HTTP that can be read."""

    code = "malformed_head"
    status = 400


class RequestTimeout(TidingsError):
    """The request did not come to its end in time."""

    code = "request_timeout"
    status = 408


class HeadersTooLarge(TidingsError):
    """The request's target and headers are larger, or more, than this server takes."""

    code = "headers_too_large"
    status = 431


class MalformedJson(TidingsError):
    """The body is not JSON."""

    code = "malformed_json"
    status = 400


class MalformedForm(TidingsError):
    """The form cannot be read, or has more parts than it may."""

    code = "malformed_form"
    status = 400


class JsonTooDeep(TidingsError):
    """The body nests deeper than 32 levels."""

    code = "json_too_deep"
    status = 422
    pointer = ""


class InvalidCharacter(TidingsError):
    """Text may not contain the NUL character."""

    code = "invalid_character"
    status = 422


class BodyTooLarge(TidingsError):
    """The body is larger than this address takes."""

    code = "body_too_large"
    status = 413


class UnsupportedMediaType(TidingsError):
    """The body must be sent as application/json."""

    code = "unsupported_media_type"
    status = 415


class InvalidCursor(TidingsError):
    """The cursor was not made by this list for this caller."""

    code = "invalid_cursor"
    status = 422
    pointer = "/query/cursor"


class IdempotencyKeyReused(TidingsError):
    """This Idempotency-Key was used with another body."""

    code = "idempotency_key_reused"
    status = 422
    pointer = "/header/idempotency-key"


class RequestInProgress(TidingsError):
    """A request with this Idempotency-Key is still running."""

    code = "request_in_progress"
    status = 409


class Conflict(TidingsError):
    """Somebody else changed the same thing at the same moment; look again and repeat."""

    code = "conflict"
    status = 409


class Busy(TidingsError):
    """The server is busy; try again shortly."""

    code = "busy"
    status = 503


def error_classes() -> Iterator[type[TidingsError]]:
    """Every error class a client can meet, each once: the source of docs/errors.md and of `/problems/`."""
    waiting: list[type[TidingsError]] = [TidingsError]
    while waiting:
        error = waiting.pop()
        subclasses = error.__subclasses__()
        waiting.extend(subclasses)
        if ("code" in vars(error) and error is not TidingsError) or error is InternalError:
            yield error
