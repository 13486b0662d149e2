"""Every route of the whole app, and requests to it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
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


async def ask(
    client: httpx.AsyncClient, route: Route, headers: Mapping[str, str], **values: UUID | str
) -> httpx.Response:
    """A request with an empty body where the method may have one: refused for its shape at most, if it is let in."""
    body: dict[str, object] | None = {} if route.method in {"POST", "PUT", "PATCH"} else None
    return await client.request(route.method, route.at(**values), json=body, headers=headers)
