"""RFC 9457 problem documents for every error, whoever raised it."""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any, TypeAlias

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException

from tidings.kernel.errors import (
    Busy,
    Conflict,
    Fault,
    InternalError,
    InvalidRequest,
    MalformedJson,
    MethodNotAllowed,
    RouteNotFound,
    TidingsError,
    error_classes,
)

# https://www.postgresql.org/docs/current/errcodes-appendix.html
_TRY_AGAIN = frozenset({"40001", "40P01", "53300", "55P03", "57014", "57P01", "57P02", "57P03"})
MEDIA_TYPE = "application/problem+json"
Responses: TypeAlias = dict[int | str, dict[str, Any]]  # Any: pieces of an OpenAPI document
_SCHEMAS = "#/components/schemas/"
log = structlog.get_logger(__name__)


class FaultOut(BaseModel):
    pointer: str
    code: str
    detail: str
    advice: list[str] | None = Field(default=None, description="Codes of what would be better.")


class Problem(BaseModel):
    """RFC 9457 §3, with a stable `code`, and for 422 where the request is wrong."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    code: str
    errors: list[FaultOut] | None = None


class ProblemResponse(JSONResponse):
    media_type = MEDIA_TYPE


def problems(*errors: type[TidingsError]) -> Responses:
    """The `responses=` of a route that may raise these errors, and by its declaration no other."""
    return add_problems({}, *errors)


def add_problems(responses: Responses, *errors: type[TidingsError]) -> Responses:
    """These responses, and those of a route that may also raise these errors."""
    by_status = deepcopy(responses)
    for error in errors:
        entry = by_status.setdefault(error.status, _no_problems_yet())
        codes = entry["content"][MEDIA_TYPE]["schema"]["properties"]["code"]["enum"]
        if error.code not in codes:
            codes.append(error.code)
            entry["description"] = " ".join(filter(None, [entry["description"], f"`{error.code}`: {error.title()}"]))
    return by_status


def problem_schemas() -> dict[str, Any]:
    """What the responses refer to: the entries for an OpenAPI document's `components/schemas`."""
    schema = Problem.model_json_schema(ref_template=f"{_SCHEMAS}{{model}}", mode="serialization")
    return {**schema.pop("$defs"), Problem.__name__: schema}


def _no_problems_yet() -> dict[str, Any]:
    schema = {"$ref": _SCHEMAS + Problem.__name__, "properties": {"code": {"enum": []}}}
    return {"description": "", "content": {MEDIA_TYPE: {"schema": schema}}}


def problem_response(error: TidingsError, instance: str) -> ProblemResponse:
    """The answer that says what went wrong."""
    body: dict[str, Any] = {
        "type": f"/problems/{error.code}",
        "title": error.title(),
        "status": error.status,
        "detail": error.detail or error.title(),
        "instance": instance,
        "code": error.code,
    }
    if error.status == 422:
        body["errors"] = [_shown(fault) for fault in error.faults]
    return ProblemResponse(body, error.status, headers=error.headers)


def _shown(fault: Fault) -> dict[str, Any]:  # Any: JSON
    shown = {"pointer": fault.pointer, "code": fault.code, "detail": fault.detail}
    return shown | ({"advice": list(fault.advice)} if fault.advice else {})


def install_problems(app: FastAPI) -> None:
    """Answer every error of this app as a problem document, also 404, 405, 422 and 500."""
    app.exception_handler(TidingsError)(_tidings_error)
    app.exception_handler(RequestValidationError)(_validation_error)
    app.exception_handler(HTTPException)(_http_exception)
    app.add_exception_handler(IntegrityError, _conflict)
    for unavailable in (TimeoutError, PoolTimeout, ConnectionError, OperationalError, InterfaceError):
        app.add_exception_handler(unavailable, _busy)
    app.add_exception_handler(DBAPIError, _database_error)
    app.add_exception_handler(Exception, _unexpected_error)


def add_problem_pages(app: FastAPI) -> None:
    """Serve what each problem's `type` points at: its code, status and meaning."""
    app.add_api_route("/problems/{code}", _describe_problem, include_in_schema=False)


async def _describe_problem(code: str) -> JSONResponse:
    error = next((each for each in error_classes() if each.code == code), None)
    if error is None:
        raise RouteNotFound()
    return JSONResponse({"code": error.code, "status": error.status, "title": error.title()})


async def _tidings_error(request: Request, error: TidingsError) -> ProblemResponse:
    return problem_response(error, request.url.path)


async def _validation_error(request: Request, error: RequestValidationError) -> ProblemResponse:
    return problem_response(as_problem(error), request.url.path)


def as_problem(error: RequestValidationError) -> TidingsError:
    """The same refusal in our words: a JSON pointer for the body, `/query/name` for parameters."""
    faults = [_fault(entry, error.body) for entry in error.errors()[:100]]
    if any(fault.code == "json_invalid" for fault in faults):
        return MalformedJson()
    return InvalidRequest(faults[0].detail if len(faults) == 1 else None, faults=faults)


def _fault(entry: Mapping[str, Any], body: Any) -> Fault:  # Any: JSON
    place, *path = entry["loc"] or ("body",)
    steps = _steps(path, body) if place == "body" else [place, *path]
    pointer = "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in steps)
    return Fault(pointer, str(entry["type"]), str(entry["msg"]))


def _steps(path: Sequence[str | int], body: Any) -> list[str | int]:  # Any: JSON
    """The steps that lead somewhere in the body, or to what it lacks: pydantic puts names of alternatives between."""
    steps: list[str | int] = []
    here = body
    for number, step in enumerate(path, 1):
        if isinstance(here, dict) and (step in here or number == len(path)):
            here = here.get(step)
        elif isinstance(here, list) and isinstance(step, int):
            here = here[step] if step < len(here) else None
        else:
            continue
        steps.append(step)
    return steps


async def _http_exception(request: Request, error: HTTPException) -> ProblemResponse:
    if error.status_code == 405:
        return problem_response(MethodNotAllowed(headers=error.headers), request.url.path)
    if error.status_code == 404:
        return problem_response(RouteNotFound(), request.url.path)
    return problem_response(MalformedJson(str(error.detail)), request.url.path)


async def _conflict(request: Request, error: Exception) -> ProblemResponse:
    """A constraint refused what a check had passed: somebody else was quicker, and nothing was written."""
    log.warning("conflict", path=request.url.path, error=type(error).__name__)
    return problem_response(Conflict(), request.url.path)


async def _database_error(request: Request, error: Exception) -> ProblemResponse:
    """Losing to another transaction (deadlock, lock timeout, serialization, shutdown) is worth another try."""
    if getattr(getattr(error, "orig", None), "sqlstate", None) in _TRY_AGAIN:
        return await _busy(request, error)
    return await _unexpected_error(request, error)


async def _busy(request: Request, error: Exception) -> ProblemResponse:
    """Nothing was written: the database is locked, full of work, or away for a moment."""
    log.warning("busy", path=request.url.path, error=type(error).__name__)
    return problem_response(Busy(headers={"Retry-After": "1"}), request.url.path)


async def _unexpected_error(request: Request, error: Exception) -> ProblemResponse:
    """For apps without SafeHeaders, which answers and logs a failure before it gets here."""
    return problem_response(InternalError(), request.url.path)
