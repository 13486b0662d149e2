"""Row 31: every route of the app declares a policy and is guarded by it; one that does not fails this build.

Whom each policy admits is shown by row 32.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute
from starlette.routing import Router as PlainRouter

from tests.security.whole.routes import every_route
from tests.world import API, World
from tidings.accounts.api import router as accounts_router
from tidings.accounts.policies import signed_in
from tidings.kernel.http.routing import Router, add_routes
from tidings.web.serving import PAGES

NO_POLICY = {
    "/livez": "a load balancer asks it, and it says nothing",
    "/readyz": "a load balancer asks it, and it says nothing",
    "/problems/{code}": "it explains public error codes",
    "/static": "the files of the pages, the same for everybody",
    f"{API}/notifications/ws": "a WebSocket answers in close codes; row 59 and tests of the streams cover it",
    **dict.fromkeys(PAGES, "a static page; what it shows it asks the API for"),
}
"""Routes without a policy, each with the reason."""


@dataclass(frozen=True, slots=True)
class Declared:
    """One method of one address, the policy it declares, and whether that policy is asked before anything else."""

    method: str
    path: str
    policy: str | None
    is_guarded: bool = False


def routes_of(routes: Sequence[BaseRoute]) -> Iterator[Declared]:
    """Every route of an app. A kind of route that nobody thought of fails the test."""
    for route in routes:
        if isinstance(route, APIRoute):
            policy = (route.openapi_extra or {}).get("x-policy")
            for method in sorted(route.methods or ()):
                yield Declared(method, route.path_format, policy, policy is not None and first_asked(route) == policy)
        elif isinstance(route, Mount | WebSocketRoute):
            yield Declared("*", route.path, None)
        else:
            raise AssertionError(f"a kind of route this test does not know: {route!r}")


def first_asked(route: APIRoute) -> str | None:
    """The name of what is asked before the endpoint, if it is a policy."""
    first = route.dependencies[0].dependency if route.dependencies else None
    name: str | None = getattr(first, "name", None)
    return name


def undeclared(app: FastAPI) -> set[str]:
    """The addresses that somebody can reach without passing a policy, and no reason is given for."""
    return {each.path for each in routes_of(app.routes) if not each.is_guarded} - set(NO_POLICY)


async def test_row_31_every_route_declares_a_policy(world: World) -> None:
    assert undeclared(world.tidings.app) == set()


async def test_row_31_every_reason_is_of_a_route_that_needs_it(world: World) -> None:
    assert {each.path for each in routes_of(world.tidings.app.routes) if each.policy is None} == set(NO_POLICY)


async def test_row_31_every_documented_route_is_among_them(world: World) -> None:
    documented = {(route.method, API + route.path, route.policy) for route in every_route(world.tidings.app)}
    assert len(documented) > 40
    assert documented <= {(each.method, each.path, each.policy) for each in routes_of(world.tidings.app.routes)}


def test_row_31_no_route_of_accounts_hides_from_the_document() -> None:
    assert all(route.include_in_schema for route in accounts_router.routes if isinstance(route, APIRoute))


async def _open() -> str:
    return "anybody reads this"


def _beside_the_router(app: FastAPI) -> None:
    app.add_api_route(f"{API}/open", _open)


def _named_but_not_asked(app: FastAPI) -> None:
    router = Router()
    router.api_route("/open", openapi_extra={"x-policy": "admin"})(_open)
    add_routes(app, router)


def _asked_for_another(app: FastAPI) -> None:
    router = Router()
    router.get("/open", signed_in, openapi_extra={"x-policy": "admin"})(_open)
    add_routes(app, router)


def _mounted(app: FastAPI) -> None:
    app.mount(f"{API}/open", PlainRouter())


@pytest.mark.parametrize("add", [_beside_the_router, _named_but_not_asked, _asked_for_another, _mounted])
def test_row_31_an_app_with_a_route_nobody_guards_does_not_pass(add: Callable[[FastAPI], None]) -> None:
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    add(app)
    assert undeclared(app) == {f"{API}/open"}


def test_row_31_an_app_with_a_kind_of_route_nobody_knows_does_not_pass() -> None:
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    app.router.routes.append(Route("/open", _open))
    with pytest.raises(AssertionError, match="does not know"):
        undeclared(app)


@pytest.mark.parametrize("method", ["get", "post", "put", "patch", "delete"])
def test_row_31_a_route_is_not_declared_without_a_policy(method: str) -> None:
    with pytest.raises(TypeError):
        getattr(Router(), method)("/open")


@pytest.mark.parametrize("method", ["head", "options", "trace", "api_route"])
def test_row_31_the_ways_of_the_framework_take_no_route_without_a_policy_either(method: str) -> None:
    declare: Any = getattr(Router(), method)  # Any: FastAPI's decorators, whose options differ
    with pytest.raises(TypeError, match="declares no policy"):
        declare("/open")(_open)
