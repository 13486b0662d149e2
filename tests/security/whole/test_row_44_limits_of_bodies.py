"""Row 44: no route takes a head or a body that is too large, too deep or too long a list, however it is sent.

That heads and bodies also have to come in time is shown by tests/kernel/test_protocol.py.
"""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.devices import cookie_of
from tests.security.whole.routes import Route, every_route
from tests.server import PATIENCE_S, Live, serving
from tests.world import API, App, Person, World
from tidings.kernel.http.requests import MAX_BODY_BYTES, MAX_JSON_DEPTH
from tidings.web.description import openapi_document

UNSAFE = {"POST", "PUT", "PATCH", "DELETE"}
FORM = "multipart/form-data"
"""Files are read once it is known who sends them, everything else before."""
PIECE = b"[" * 65_536
BEFORE_A_FILE = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
ENDLESS = 400
"""So many pieces are more than twice what any route takes, and what waits in the buffers on the way."""


def bodies(world: World) -> Iterator[tuple[Route, dict[str, Any], int]]:
    """Every route that takes a body: its schemas by media type, and how many bytes it takes."""
    document = openapi_document(world.tidings.app)
    for route in every_route(world.tidings.app):
        operation = document["paths"][API + route.path][route.method.lower()]
        if content := operation.get("requestBody", {}).get("content"):
            yield route, content, operation.get("x-max-body-bytes", MAX_BODY_BYTES)


async def test_row_44_no_route_takes_a_body_over_its_limit(world: World, grace: Person) -> None:
    asked = 0
    for route, content, limit in bodies(world):
        for media_type in content:
            for client in (world.client(), grace.client):
                answer = await client.request(
                    route.method,
                    route.at(),
                    content=b" " * (limit + 1),
                    headers={"Content-Type": f"{media_type}; boundary=x"},
                )
                said = (answer.status_code, answer.json()["code"])
                is_unread = said == (401, "not_authenticated") and client is not grace.client
                assert said == (413, "body_too_large") or (is_unread and media_type == FORM), route
        asked += 1
    assert asked > 40


async def test_row_44_nor_one_that_does_not_say_how_long_it_is(world: World, grace: Person) -> None:
    taken = 0

    async def endless(media_type: str) -> AsyncIterator[bytes]:
        nonlocal taken
        if media_type == FORM:
            yield BEFORE_A_FILE
        while True:
            taken += len(PIECE)
            yield PIECE

    for route, content, limit in bodies(world):
        taken, media_type = 0, next(iter(content))
        answer = await grace.client.request(
            route.method, route.at(), content=endless(media_type), headers={"Content-Type": f"{media_type}; boundary=x"}
        )
        assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large"), route
        assert taken <= limit + len(PIECE), route


async def test_row_44_no_route_takes_deeply_nested_json(world: World, grace: Person) -> None:
    deep = [
        (b"[" * (MAX_JSON_DEPTH + 1) + b"]" * (MAX_JSON_DEPTH + 1), "json_too_deep"),
        (b'{"data":' * (MAX_JSON_DEPTH + 1) + b"1" + b"}" * (MAX_JSON_DEPTH + 1), "json_too_deep"),
        (b"[" * 500_000 + b"]" * 500_000, "json_too_deep"),
        (b"[" * 500_000, None),
    ]
    for route, content, _ in bodies(world):
        for body, code in deep if "application/json" in content else ():
            answer = await grace.client.request(
                route.method, route.at(), content=body, headers={"Content-Type": "application/json"}
            )
            assert answer.status_code in {400, 422}, route
            assert code is None or answer.json()["code"] == code, route


async def test_row_44_every_list_and_every_text_has_an_end(world: World) -> None:
    document = openapi_document(world.tidings.app)
    endless = [
        f"{route} {place}"
        for route, content, _ in bodies(world)
        for place, schema in parts(document, content.get("application/json", {}).get("schema", {}))
        if (schema.get("type") == "array" and "maxItems" not in schema)
        or (schema.get("type") == "string" and not {"maxLength", "enum", "const", "format", "pattern"} & set(schema))
    ]
    assert endless == []


async def test_row_44_a_list_that_is_too_long_is_refused(world: World, grace: Person) -> None:
    document = openapi_document(world.tidings.app)
    asked = set()
    for route, content, _ in bodies(world):
        for place, schema in parts(document, content.get("application/json", {}).get("schema", {})):
            if schema.get("type") != "array" or place.count("/") != 1:
                continue
            body = {place[1:]: ["x"] * (schema["maxItems"] + 1)}
            answer = await grace.client.request(route.method, route.at(), json=body)
            assert answer.status_code == 422, route
            assert (place, "too_long") in {(f["pointer"], f["code"]) for f in answer.json()["errors"]}, (route, place)
            asked.add(f"{route} {place}")
    assert {"POST /notifications /to", "POST /notifications/bulk /notification_ids", "POST /api-keys /scopes"} <= asked


def parts(document: dict[str, Any], schema: dict[str, Any], place: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every part of a schema with where it stands, in any of its shapes."""
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    yield place, schema
    for shape in (*schema.get("anyOf", ()), *schema.get("oneOf", ()), *schema.get("allOf", ())):
        yield from parts(document, shape, place)
    for name, each in schema.get("properties", {}).items():
        yield from parts(document, each, f"{place}/{name}")
    if "items" in schema:
        yield from parts(document, schema["items"], f"{place}/0")


@pytest.mark.parametrize("data", [{"x": "x" * 16_384}, {"x": [[]] * 8_192}, {f"{n}": n for n in range(2_000)}])
async def test_row_44_what_a_sender_adds_has_a_size(app: App, ada: Person, data: dict[str, Any]) -> None:
    assert len(json.dumps(data)) > 16_384
    event = {"to": ["ada"], "type": "system", "title": "Hello", "data": data}
    assert (await app.client.post("/notifications", json=event)).status_code == 422
    assert (await app.client.post("/streams/send", json={"all": True, "data": data})).status_code == 422


ROUTES_OF_SOCKETS = {
    "POST /api/v1/auth/login": 413,
    "POST /api/v1/notifications": 413,
    "PUT /api/v1/users/me/photo": 413,
    "POST /api/v1/auth/logout": 200,  # which has no body, and reads none
    "POST /nothing": 404,
}


@pytest.mark.parametrize("route", ROUTES_OF_SOCKETS)
async def test_row_44_over_a_socket_an_endless_body_is_not_waited_for(world: World, grace: Person, route: str) -> None:
    async with serving(world.tidings) as live:
        status, sent = await pours(live, route, cookie_of(grace))
        assert (await world.client().get("/public/server-settings")).status_code == 200
    assert status == ROUTES_OF_SOCKETS[route]
    assert sent < ENDLESS


ENDLESS_HEADS = {
    "one header": b"a" * 65_536,
    "many headers": b"b\r\nX-A: " * 8_192,
    "a target": b"",
}


@pytest.mark.parametrize("head", ENDLESS_HEADS)
@pytest.mark.parametrize("path", ["/livez", "/api/v1/auth/login", "/api/v1/notifications/ws", "/nothing", "/sign-in"])
async def test_row_44_over_a_socket_an_endless_head_is_not_waited_for(world: World, path: str, head: str) -> None:
    begun = f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nX-A: ".encode()
    piece = ENDLESS_HEADS[head]
    if not piece:
        begun, piece = f"GET {path}?".encode(), b"a" * 65_536
    async with serving(world.tidings) as live:
        reader, writer = await asyncio.open_connection("127.0.0.1", urlsplit(live.origin).port)
        writer.write(begun)
        sent = 0
        with suppress(ConnectionError):  # it may hang up on us
            while sent < ENDLESS and not reader.at_eof():
                writer.write(piece)
                await writer.drain()
                sent += 1
        async with asyncio.timeout(PATIENCE_S):
            answer = (await reader.read()).decode()
        writer.close()
        assert answer.startswith("HTTP/1.1 431 ")
        assert json.loads(answer.partition("\r\n\r\n")[2])["code"] == "headers_too_large"
        assert (await world.client().get("/public/server-settings")).status_code == 200


async def pours(live: Live, route: str, cookie: str) -> tuple[int, int]:
    """Send chunks without end and without a length until there is an answer: its status, and how many were sent."""
    address = urlsplit(live.origin)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    media_type = f"{FORM}; boundary=x" if route.endswith("photo") else "application/json"
    named = {"Host": address.netloc, "Origin": live.origin, "Cookie": cookie, "Content-Type": media_type}
    head = "\r\n".join(f"{name}: {value}" for name, value in named.items())
    writer.write(f"{route} HTTP/1.1\r\n{head}\r\nTransfer-Encoding: chunked\r\n\r\n".encode())
    sent = 0

    async def pour() -> None:
        nonlocal sent
        with suppress(ConnectionError):  # it may hang up on us
            writer.write(_chunk(BEFORE_A_FILE) if FORM in media_type else b"")
            while sent < ENDLESS:
                writer.write(_chunk(PIECE))
                await writer.drain()
                sent += 1

    pouring = asyncio.create_task(pour())
    try:
        async with asyncio.timeout(PATIENCE_S):
            found = re.match(rb"HTTP/1.1 (\d+)", await reader.readline())
        assert found is not None
        return int(found[1]), sent
    finally:
        pouring.cancel()
        await asyncio.gather(pouring, return_exceptions=True)
        writer.close()


def _chunk(piece: bytes) -> bytes:
    return f"{len(piece):x}\r\n".encode() + piece + b"\r\n"
