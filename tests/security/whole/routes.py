"""Every route of the whole app, and requests to it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import httpx
from fastapi import FastAPI

from tests.world import API
from tidings.web.description import openapi_document

STREAMS = {"/notifications/stream"}
"""An answer that never ends; tests/notifications opens and closes it."""


@dataclass(frozen=True, slots=True)
class Route:
    """One method at one path, with the policy that it declares."""

    method: str
    path: str
    policy: str

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def places(self) -> list[str]:
        """The names of what varies in the path."""
        return re.findall(r"\{(\w+)", self.path)

    def at(self, **values: UUID | str) -> str:
        """The path with these values; what has none is a stranger."""
        return re.sub(r"\{(\w+)[^}]*\}", lambda match: str(values.get(match[1], uuid4())), self.path)


def every_route(app: FastAPI) -> Iterator[Route]:
    """Every route that the description knows, and it knows all (tests/accounts, tests/docs)."""
    for path, operations in openapi_document(app)["paths"].items():
        for method, operation in operations.items():
            yield Route(method.upper(), path.removeprefix(API), operation["x-policy"])


def json_writes(app: FastAPI) -> Iterator[tuple[Route, set[str]]]:
    """Every route that takes a JSON body, with the fields it names."""
    document = openapi_document(app)
    for route, schema in _json_bodies(app, document):
        yield route, set(_properties(document, schema))


def objects_within(app: FastAPI) -> Iterator[tuple[str, str]]:
    """Every field of a JSON body that holds objects with fields of their own, or lists of them."""
    document = openapi_document(app)
    for route, schema in _json_bodies(app, document):
        for name, inner in _properties(document, schema).items():
            if _properties(document, inner):
                yield str(route), name


def _json_bodies(app: FastAPI, document: dict[str, Any]) -> Iterator[tuple[Route, dict[str, Any]]]:
    for route in every_route(app):
        body = document["paths"][API + route.path][route.method.lower()].get("requestBody", {})
        schema = body.get("content", {}).get("application/json", {}).get("schema")
        if schema is not None:
            yield route, schema


def _properties(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """The fields of an object, in any of its shapes, or of the objects in a list or under any key."""
    if "$ref" in schema:
        return _properties(document, document["components"]["schemas"][schema["$ref"].rpartition("/")[2]])
    inside = [schema.get(key) for key in ("items", "additionalProperties")]
    shapes = [*schema.get("anyOf", []), *schema.get("oneOf", []), *(each for each in inside if isinstance(each, dict))]
    found: dict[str, Any] = dict(schema.get("properties", {}))
    for shape in shapes:
        found |= _properties(document, shape)
    return found


async def ask(
    client: httpx.AsyncClient, route: Route, headers: Mapping[str, str], **values: UUID | str
) -> httpx.Response:
    """A request with an empty body where the method may have one: refused for its shape at most, if it is let in."""
    body: dict[str, object] | None = {} if route.method in {"POST", "PUT", "PATCH"} else None
    return await client.request(route.method, route.at(**values), json=body, headers=headers)
