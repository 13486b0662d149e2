"""Routes: what all of them have in common."""

from collections.abc import Iterator
from inspect import iscoroutinefunction
from typing import Any

from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, APIWebSocketRoute
from starlette.routing import Mount

from tidings import Tidings
from tidings.kernel.http.routing import TransactionRoute


def dependencies_of(dependant: Dependant) -> Iterator[Dependant]:
    for each in dependant.dependencies:
        yield each
        yield from dependencies_of(each)


def is_awaited(call: Any) -> bool:  # Any: a function, or an object that is called like one
    return iscoroutinefunction(call) or iscoroutinefunction(type(call).__call__)


async def test_no_route_is_searched_for_in_lists_of_lists(tidings: Tidings) -> None:
    assert {type(route) for route in tidings.app.routes} <= {TransactionRoute, APIRoute, APIWebSocketRoute, Mount}


async def test_no_dependency_of_a_route_waits_for_a_thread(tidings: Tidings) -> None:
    routes = [route for route in tidings.app.routes if isinstance(route, TransactionRoute)]
    threaded = {
        f"{route.path}: {each.call}"
        for route in routes
        for each in [route.dependant, *dependencies_of(route.dependant)]
        if not is_awaited(each.call)
    }
    assert len(routes) > 40
    assert threaded == set()
