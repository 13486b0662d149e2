"""Routes: what all of them have in common."""

import asyncio
import contextlib
from collections.abc import Iterator
from inspect import iscoroutinefunction
from typing import Any

import pytest
from fastapi.dependencies.models import Dependant
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute, APIWebSocketRoute
from starlette.routing import Mount

from tidings import Tidings
from tidings.kernel.http.evenly import Beat, on_the_beat
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


BEAT = Beat(0.05)


async def beats(work: float, beat: Beat, failing: type[Exception] | None) -> float:
    """How many beats a block lasts whose work takes this many of them."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    with contextlib.suppress(*[failing] if failing else []):
        async with on_the_beat(beat):
            await asyncio.sleep(work * beat.seconds)
            if failing:
                raise failing
    return (loop.time() - began) / beat.seconds


@pytest.mark.parametrize("failing", [None, KeyError])
@pytest.mark.parametrize(("work", "lasts"), [(0, 1), (0.2, 1), (1.1, 2)])
async def test_what_leaves_on_a_beat_never_leaves_before_it(
    work: float, lasts: int, failing: type[Exception] | None
) -> None:
    assert await beats(work, BEAT, failing) >= lasts


async def test_what_has_no_shape_waits_for_nothing() -> None:
    with pytest.raises(RequestValidationError):
        async with asyncio.timeout(60), on_the_beat(Beat(3600)):
            raise RequestValidationError([])


async def test_a_success_that_shows_by_itself_waits_for_nothing() -> None:
    an_hour = Beat(3600, refusals_only=True)
    async with asyncio.timeout(60), on_the_beat(an_hour):
        pass
    assert await beats(0.2, Beat(0.05, refusals_only=True), KeyError) >= 1
