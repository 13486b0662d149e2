"""Every route of the app declares a policy; whom each admits is shown by tests/security/whole (row 32)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from fastapi.routing import APIRoute
from starlette.routing import BaseRoute, Mount, WebSocketRoute

from tests.world import API, World
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


def routes_of(routes: Sequence[BaseRoute]) -> Iterator[Declared]:
    for route in routes:
        if isinstance(route, APIRoute):
            policy = (route.openapi_extra or {}).get("x-policy")
            yield from (Declared(method, route.path_format, policy) for method in sorted(route.methods or ()))
        elif isinstance(route, Mount | WebSocketRoute):
            yield Declared("*", route.path, None)
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
