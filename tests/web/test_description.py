"""The description of the API says of every route what it takes and how it refuses."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tidings import Tidings
from tidings.kernel.errors import error_classes
from tidings.settings import Settings
from tidings.web.description import openapi_document


@pytest.fixture
def document(tmp_path: Path) -> dict[str, Any]:
    return openapi_document(Tidings(settings=Settings(data_dir=tmp_path)).app)


def operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def names(operation: dict[str, Any], place: str) -> set[str]:
    return {each["name"] for each in operation.get("parameters", []) if each["in"] == place}


def test_every_refusal_is_a_problem_with_the_codes_that_it_may_have(document: dict[str, Any]) -> None:
    codes = {(str(error.status), error.code) for error in error_classes()}
    for name, operation in operations(document):
        for status, response in operation["responses"].items():
            if int(status) >= 400:
                assert list(response["content"]) == ["application/problem+json"], (name, status)
                said = response["content"]["application/problem+json"]["schema"]["properties"]["code"]["enum"]
                assert said, (name, status)
                assert {(status, code) for code in said} <= codes, (name, status)


def test_no_refusal_has_the_shape_of_the_framework(document: dict[str, Any]) -> None:
    assert "HTTPValidationError" not in document["components"]["schemas"]
    assert set(document["components"]["schemas"]["Problem"]["required"]) >= {"type", "title", "status", "code"}


def test_every_route_to_an_inbox_says_that_a_key_names_whose(document: dict[str, Any]) -> None:
    inboxes = [operation for _, operation in operations(document) if operation["x-policy"] == "inbox"]
    assert len(inboxes) > 10
    assert all("user" in names(operation, "query") for operation in inboxes)


def test_every_write_that_can_be_repeated_says_so(document: dict[str, Any]) -> None:
    repeated = {name for name, operation in operations(document) if "Idempotency-Key" in names(operation, "header")}
    assert "POST /api/v1/notifications" in repeated
    assert not {name for name in repeated if not name.startswith("POST ")}
    assert "POST /api/v1/auth/login" not in repeated


def test_the_stream_says_how_it_is_opened_and_resumed(document: dict[str, Any]) -> None:
    stream = document["paths"]["/api/v1/notifications/stream"]["get"]
    assert names(stream, "query") == {"ticket", "token", "since"}
    assert names(stream, "header") == {"Last-Event-ID"}


def test_what_a_key_alone_is_shown_is_promised_to_nobody_else(document: dict[str, Any]) -> None:
    shown = document["components"]["schemas"]["NotificationOut"]
    assert set(shown["properties"]) - set(shown["required"]) == {"user_id", "external_id"}


def test_a_route_that_takes_a_file_speaks_of_a_form_and_not_of_json(document: dict[str, Any]) -> None:
    for path, method in (("/users/me/photo", "put"), ("/users/me/import", "post")):
        operation = document["paths"][f"/api/v1{path}"][method]
        problem = operation["responses"]["400"]["content"]["application/problem+json"]["schema"]
        assert problem["properties"]["code"]["enum"] == ["malformed_form"]


def test_signing_an_app_in_says_that_it_takes_two_media_types_and_no_other(document: dict[str, Any]) -> None:
    token = document["paths"]["/api/v1/auth/token"]["post"]
    assert set(token["requestBody"]["content"]) == {"application/json", "application/x-www-form-urlencoded"}
    assert "415" in token["responses"]
