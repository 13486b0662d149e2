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
    for route in every_route(app):
        body = document["paths"][API + route.path][route.method.lower()].get("requestBody", {})
        schema = body.get("content", {}).get("application/json", {}).get("schema")
        if schema is not None:
            yield route, _fields(document, schema)


def _fields(document: dict[str, Any], schema: dict[str, Any]) -> set[str]:
    """What a body of this schema may name, in any of its shapes."""
    if "$ref" in schema:
        return _fields(document, document["components"]["schemas"][schema["$ref"].rpartition("/")[2]])
    shapes = [*schema.get("anyOf", []), *schema.get("oneOf", [])]
    return set(schema.get("properties", {})).union(*(_fields(document, shape) for shape in shapes))


async def ask(
    client: httpx.AsyncClient, route: Route, headers: Mapping[str, str], **values: UUID | str
) -> httpx.Response:
    """A request with an empty body where the method may have one: refused for its shape at most, if it is let in."""
    body: dict[str, object] | None = {} if route.method in {"POST", "PUT", "PATCH"} else None
    return await client.request(route.method, route.at(**values), json=body, headers=headers)
