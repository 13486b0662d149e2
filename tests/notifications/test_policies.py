"""Every route of the app declares a policy, and admits exactly whom that policy names."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from fastapi.routing import APIRoute
from starlette.routing import Mount, WebSocketRoute

from tests.notifications.answers import refusal
from tests.world import API, Person, World
from tidings.accounts.types import Scope
from tidings.web.serving import PAGES

NO_POLICY = {
    "/livez": "a load balancer asks it, and it says nothing",
    "/readyz": "a load balancer asks it, and it says nothing",
    "/problems/{code}": "it explains public error codes",
    "/static": "the files of the pages, the same for everybody",
    f"{API}/notifications/ws": "a WebSocket answers in close codes; tests of the streams cover it",
    **dict.fromkeys(PAGES, "a static page; what it shows it asks the API for"),
}
"""Routes without a policy, each with the reason."""


@dataclass(frozen=True, slots=True)
class Declared:
    """One method of one address, and its policy."""

    method: str
    path: str
    policy: str | None


def routes_of(routes: Any, prefix: str = "") -> Iterator[Declared]:  # Any: FastAPI's nested routers are private
    for route in routes:
        inner = getattr(route, "original_router", None)
        if inner is not None:
            yield from routes_of(inner.routes, prefix + route.include_context.prefix)
        elif isinstance(route, APIRoute):
            policy = (route.openapi_extra or {}).get("x-policy")
            yield from (Declared(method, prefix + route.path_format, policy) for method in sorted(route.methods or ()))
        elif isinstance(route, Mount | WebSocketRoute):
            yield Declared("*", prefix + route.path, None)
        else:
            raise AssertionError(f"a kind of route this test does not know: {route!r}")


def declared(world: World) -> list[Declared]:
    return list(routes_of(world.tidings.app.routes))


async def test_every_route_declares_a_policy(world: World) -> None:
    assert {each.path for each in declared(world) if each.policy is None} == set(NO_POLICY)


async def test_every_documented_route_is_among_them(world: World) -> None:
    documented = {
        (method.upper(), path)
        for path, operations in world.tidings.app.openapi()["paths"].items()
        for method in operations
    }
    assert len(documented) > 40
    assert documented <= {(each.method, each.path) for each in declared(world)}


CALLERS = ("anonymous", "ada", "grace", "key", "guest")
SIGNED_IN, EVERYBODY = {"ada", "grace"}, set(CALLERS)
ADMITTED = {
    "public": EVERYBODY,
    "public_same_site": EVERYBODY,
    "signed_in": SIGNED_IN,
    "signed_in_or_recipient": {"ada", "grace", "guest"},
    "admin": {"grace"},
    "admin_in_person": {"grace"},
    "inbox": {"ada", "grace", "guest"},
    "stream": {"ada", "grace", "guest"},
} | {f"scope:{scope}": {"grace"} for scope in Scope}
ADMITTED |= {f"signed_in_or_scope:{scope}": SIGNED_IN for scope in Scope}
"""Whom each policy admits, of these callers; the key carries no scope that any route asks for."""

SOMETHING = "0198c0de-0000-7000-8000-000000000000"
OPEN_ENDED = f"{API}/notifications/stream"
"""An event stream never ends, so only refusals of it can be awaited here."""


async def callers(world: World, ada: Person, grace: Person, guest: Person) -> dict[str, httpx.AsyncClient]:
    keyed = await world.make_app(Scope.TOPICS_WRITE)
    return dict(zip(CALLERS, (world.client(), ada.client, grace.client, keyed.client, guest.client), strict=True))


def path_of(route: Declared) -> str:
    """An address of this route at which there is nothing."""
    path = route.path
    while "{" in path:
        before, _, rest = path.partition("{")
        path = before + SOMETHING + rest.partition("}")[2]
    return f"http://testserver{path}"


@pytest.mark.parametrize("who", CALLERS)
async def test_every_route_admits_whom_its_policy_names(
    world: World, ada: Person, grace: Person, guest: Person, who: str
) -> None:
    client = (await callers(world, ada, grace, guest))[who]
    for route in declared(world):
        if route.policy is None:
            continue
        is_admitted = who in ADMITTED[route.policy]
        if is_admitted and route.path == OPEN_ENDED:
            continue
        if is_admitted and route.path.endswith("/auth/logout"):
            continue  # it would end the session that the next routes are asked with
        json: dict[str, str] | None = {} if route.method in {"POST", "PUT", "PATCH"} else None
        answer = await client.request(route.method, path_of(route), json=json)
        if is_admitted:
            refused = answer.status_code in {401, 403} and answer.json()["code"] in {
                "not_authenticated",
                "forbidden",
                "insufficient_scope",
                "cross_site",
            }
            assert not refused, route
        else:
            expected = (
                {(401, "not_authenticated")}
                if who == "anonymous"
                else {(403, "forbidden"), (403, "insufficient_scope")}
            )
            if route.policy == "stream":
                expected = {(401, "not_authenticated")}
            assert refusal(answer) in expected, route
