"""What is wrong with an answer, by the description of the API and by docs/errors.md."""

import httpx
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.security.whole.any_input import AnyCase
from tidings.kernel.errors import MethodNotAllowed, RouteNotFound, error_classes

_CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
_MEMBERS = {"type", "title", "status", "detail", "instance", "code"}
_ELSEWHERE = {RouteNotFound.code, MethodNotAllowed.code}


def wrong_with(case: AnyCase, response: httpx.Response) -> list[str]:
    """Everything that the description does not promise; a path that leads to no route, or to another, is told so."""
    if response.is_error and (faults := _wrong_with_problem(response)):
        return faults
    if code_of(response) in _ELSEWHERE:
        return []
    try:
        case.validate_response(response, checks=_CHECKS)
    except FailureGroup as failures:
        return [f"{failure.title}: {failure.message}" for failure in failures.exceptions]
    return []


def code_of(response: httpx.Response) -> str | None:
    """The stable code of a refusal; None when it is none."""
    if response.headers.get("Content-Type") != "application/problem+json":
        return None
    code: str = response.json()["code"]
    return code


def _wrong_with_problem(response: httpx.Response) -> list[str]:
    if response.headers.get("Content-Type") != "application/problem+json":
        return [f"{response.status_code} is no problem document: {response.text[:200]}"]
    problem = response.json()
    wanted = _MEMBERS | ({"errors"} if response.status_code == 422 else set())
    if not wanted <= set(problem) or problem["status"] != response.status_code:
        return [f"not a whole problem document: {problem}"]
    if problem["code"] not in {error.code for error in error_classes() if error.status == response.status_code}:
        return [f"{problem['code']} is no known code of {response.status_code}"]
    return []
