"""What is refused, in which words, and that nothing is written."""

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.notifications.answers import pointers, refusal
from tests.notifications.storage import stored
from tests.world import API, BASE_URL, App, Person, World
from tidings.accounts.types import Scope
from tidings.notifications.content import MAX_DATA_BYTES

EVENT = {"to": ["ada"], "type": "system", "title": "Hello"}


@pytest.fixture(autouse=True)
async def nothing_is_written(ada: Person, grace: Person, world: World) -> AsyncIterator[None]:
    """Whatever is refused here leaves no event, no entry and no user behind."""
    before = await stored(world.tidings)
    yield
    assert await stored(world.tidings) == before


@pytest.mark.parametrize(
    ("changed", "pointer"),
    [
        ({"to": None}, "/to"),
        ({"to": [7]}, "/to/0"),
        ({"to": ["ada", ""]}, "/to/1"),
        ({"to": [{"id": "eve", "email": "none"}]}, "/to/0/email"),
        ({"to": [{"id": "eve", "inline": 1}]}, "/to/0/inline"),
        ({"to": [{"email": "eve@example.org"}]}, "/to/0/id"),
        ({"to": [{"access_type": "root"}]}, "/to/0/access_type"),
        ({"type": ""}, "/type"),
        ({"type": 203}, "/type"),
        ({"title": ""}, "/title"),
        ({"title": "x" * 251}, "/title"),
        ({"message": "x" * 4_001}, "/message"),
        ({"data": []}, "/data"),
        ({"data": {"text": "x" * MAX_DATA_BYTES}}, "/data"),
        ({"data": {"umlauts": "ä" * (MAX_DATA_BYTES // 2)}}, "/data"),
        ({"data": {"number": 2**64}}, "/data"),
        ({"data": {"deep": [{"number": -(2**63) - 1}]}}, "/data"),
        ({"data": {"number": 10**4_000}}, "/data"),
        ({"priority": "extreme"}, "/priority"),
        ({"channels": ["fax"]}, "/channels/0"),
        ({"channels": ["in_app"] * 7}, "/channels"),
        ({"action_url": "javascript:alert(1)"}, "/action_url"),
        ({"action_url": " javascript:alert(1)"}, "/action_url"),
        ({"action_url": "JaVaScRiPt:alert(1)"}, "/action_url"),
        ({"action_url": "java\nscript:alert(1)"}, "/action_url"),
        ({"action_url": "data:text/html,<script>"}, "/action_url"),
        ({"action_url": "//evil.example"}, "/action_url"),
        ({"action_url": "/\\evil.example"}, "/action_url"),
        ({"action_url": "relative"}, "/action_url"),
        ({"image_url": "vbscript:x"}, "/image_url"),
        ({"source": "x" * 101}, "/source"),
        ({"dedupe_key": ""}, "/dedupe_key"),
        ({"dedupe_key": "x" * 256}, "/dedupe_key"),
        ({"collapse_key": "x" * 256}, "/collapse_key"),
        ({"expires_at": "soon"}, "/expires_at"),
        ({"expires_at": "2026-03-03T09:30:00"}, "/expires_at"),
        ({"expires_at": "9999-12-31T23:59:59-01:00"}, "/expires_at"),
        ({"create_missing": "perhaps"}, "/create_missing"),
        ({"id": "0198c0de-0000-7000-8000-000000000000"}, "/id"),
        ({"revision": 1}, "/revision"),
        ({"a/b~c": 1}, "/a~1b~0c"),
    ],
)
async def test_a_wrong_field_is_pointed_at(app: App, changed: dict[str, Any], pointer: str) -> None:
    answer = await app.client.post("/notifications", json=EVENT | changed)
    assert (refusal(answer), pointers(answer)) == ((422, "invalid_request"), [pointer])
    assert all(set(fault) == {"pointer", "code", "detail"} for fault in answer.json()["errors"])


async def test_every_wrong_field_is_pointed_at(app: App) -> None:
    answer = await app.client.post("/notifications", json={"title": "", "colour": "red"})
    assert refusal(answer) == (422, "invalid_request")
    assert sorted(pointers(answer)) == ["/colour", "/title", "/to", "/type"]


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"type": "nonsense"}, "unknown_type"),
        ({"title": None}, "text_missing"),
        ({"type": "order.shipped", "title": None}, "text_not_rendered"),
        ({"send_at": "2027-03-04T00:00:00Z"}, "send_at_too_far"),
    ],
)
async def test_what_cannot_be_sent_has_its_own_code(app: App, changed: dict[str, Any], code: str) -> None:
    assert refusal(await app.client.post("/notifications", json=EVENT | changed)) == (422, code)


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"nonsense", b'{"to": NaN}', b"\xff\xfe", b'{"a": "\xff"}', b'"\\ud800"', b"{} {}", b'{"n": 1e400}'],
)
async def test_what_is_not_json_is_refused(app: App, body: bytes) -> None:
    answer = await app.client.post("/notifications", content=body, headers={"Content-Type": "application/json"})
    assert refusal(answer) in {(400, "malformed_json"), (422, "invalid_request")}
    assert (answer.status_code == 422) is (body == b"")


@pytest.mark.parametrize("body", ["[]", "7", "null", '"text"'])
async def test_a_body_is_an_object(app: App, body: str) -> None:
    answer = await app.client.post("/notifications", content=body, headers={"Content-Type": "application/json"})
    assert refusal(answer) == (422, "invalid_request")


def nested(depth: int) -> Any:
    return [nested(depth - 1)] if depth else 1


async def test_json_nests_at_most_32_levels(app: App) -> None:
    answer = await app.client.post("/notifications", json=EVENT | {"data": {"deep": nested(31)}})
    assert refusal(answer) == (422, "json_too_deep")


@pytest.mark.parametrize("depth", [1_000, 100_000])
async def test_json_that_nests_to_exhaust_the_stack_is_refused(app: App, depth: int) -> None:
    body = b'{"data":' + b"[" * depth + b"]" * depth + b"}"
    answer = await app.client.post("/notifications", content=body, headers={"Content-Type": "application/json"})
    assert refusal(answer) == (422, "json_too_deep")


@pytest.mark.parametrize("changed", [{"title": "a\0b"}, {"data": {"x": ["\0"]}}, {"data": {"\0": 1}}, {"to": ["\0"]}])
async def test_nul_is_refused_wherever_it_stands(app: App, changed: dict[str, Any]) -> None:
    assert refusal(await app.client.post("/notifications", json=EVENT | changed)) == (422, "invalid_character")


@pytest.mark.parametrize("path", ["/notifications?search=a%00b", "/notifications/%00", "/streams/a%00b", "/events/%00"])
async def test_nul_in_an_address_is_refused(grace: Person, path: str) -> None:
    assert refusal(await grace.client.get(path)) == (422, "invalid_character")


async def test_a_body_over_a_mebibyte_is_refused(app: App) -> None:
    body = json.dumps(EVENT | {"message": "x" * (1 << 20)})
    answer = await app.client.post("/notifications", content=body, headers={"Content-Type": "application/json"})
    assert refusal(answer) == (413, "body_too_large")


async def test_a_body_that_hides_its_size_is_cut_off(app: App) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(40):
            yield b" " * 65_536

    headers = {"Content-Type": "application/json"}
    answer = await app.client.post("/notifications", content=chunks(), headers=headers)
    assert refusal(answer) == (413, "body_too_large")


@pytest.mark.parametrize("path", ["/nonsense", "/notifications/", "//notifications", "/events", "/streams"])
async def test_an_unknown_address(app: App, path: str) -> None:
    answer = await app.client.get(f"{BASE_URL}{API}{path}")
    assert refusal(answer) == (404, "not_found")


@pytest.mark.parametrize("method", ["DELETE", "PUT", "PATCH", "HEAD"])
async def test_a_method_an_address_does_not_take(app: App, method: str) -> None:
    answer = await app.client.request(method, "/notifications")
    assert answer.status_code == 405
    assert method == "HEAD" or refusal(answer) == (405, "method_not_allowed")


async def test_a_refused_method_names_those_that_are_taken(app: App) -> None:
    answer = await app.client.delete("/notifications")
    assert {method.strip() for method in answer.headers["allow"].split(",")} <= {"GET", "POST"}


async def test_who_shows_no_credential_is_asked_for_one(nobody: httpx.AsyncClient) -> None:
    for method, path in (("POST", "/notifications"), ("GET", "/notifications"), ("GET", "/notification-types")):
        answer = await nobody.request(method, path, json=EVENT if method == "POST" else None)
        assert refusal(answer) == (401, "not_authenticated")
        assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("token", ["", "tdk_nonsense", "tda_nonsense", "a.b.c", "☃"])
async def test_a_token_that_is_none_opens_nothing(nobody: httpx.AsyncClient, token: str) -> None:
    headers = {b"Authorization": b"Bearer " + token.encode()}
    answer = await nobody.post("/notifications", json=EVENT, headers=headers)
    assert refusal(answer) == (401, "not_authenticated")


async def test_a_person_without_the_right_does_not_send(ada: Person) -> None:
    for path in ("/notifications", "/notifications/preview", "/streams/send"):
        assert refusal(await ada.client.post(path, json=EVENT)) == (403, "forbidden")


async def test_a_key_sends_with_the_scope_for_it_alone(world: World) -> None:
    reader = await world.make_app(Scope.NOTIFICATIONS_READ, Scope.USERS_WRITE)
    assert refusal(await reader.client.post("/notifications", json=EVENT)) == (403, "insufficient_scope")


async def test_a_key_reads_an_inbox_with_the_scope_for_it_alone(world: World) -> None:
    sender = await world.make_app(Scope.NOTIFICATIONS_SEND)
    answer = await sender.client.get("/notifications", params={"user": "ada"})
    assert refusal(answer) == (403, "insufficient_scope")


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({}, (422, "user_required")),
        ({"user": ""}, (404, "user_not_found")),
        ({"user": "ghost"}, (404, "user_not_found")),
        ({"user": "0198c0de-0000-7000-8000-000000000000"}, (404, "user_not_found")),
    ],
)
async def test_a_key_says_whose_inbox_it_means(app: App, params: dict[str, str], expected: tuple[int, str]) -> None:
    for path in ("/notifications", "/notifications/count", "/notifications/preferences/me"):
        assert refusal(await app.client.get(path, params=params)) == expected


async def test_another_persons_inbox_is_closed_even_to_an_administrator(ada: Person, grace: Person) -> None:
    for name in ("ada", str(ada.id), "ghost"):
        answer = await grace.client.get("/notifications", params={"user": name})
        assert refusal(answer) == (403, "forbidden")


async def test_a_foreign_page_cannot_act_with_a_cookie(ada: Person) -> None:
    answer = await ada.client.post("/notifications/read-all", headers={"Origin": "https://evil.example"})
    assert refusal(answer) == (403, "cross_site")


async def test_a_failure_of_ours_is_a_problem_without_details(world: World) -> None:
    async def fail() -> None:
        raise RuntimeError("the secret recipe")

    world.tidings.app.add_api_route("/fail", fail)
    transport = httpx.ASGITransport(app=world.tidings.app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=BASE_URL) as client:
        answer = await client.get("/fail")
    assert refusal(answer) == (500, "internal_error")
    assert "recipe" not in answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-request-id"]
