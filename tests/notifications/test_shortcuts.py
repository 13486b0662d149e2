"""Ordinary reads are answered before a route is looked for: the same answers, for whoever may have them."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import event, update
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.clock import StoppedClock
from tests.world import App, Person, World
from tidings.accounts.models import User
from tidings.kernel.rate_limits.types import Limit

LIST, COUNT = "/notifications", "/notifications/count"
# A parameter that changes nothing, but is not ordinary.
BY_ROUTE = {LIST: "page_size=20", COUNT: "any=thing"}


@pytest.fixture
def statements(engine: AsyncEngine) -> Iterator[list[str]]:
    """What goes to the database through SQLAlchemy's own execution."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        seen.append(statement)

    event.listen(engine.sync_engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine.sync_engine, "before_cursor_execute", note)


async def both(ada: Person, path: str, cursor: str | None = None) -> tuple[httpx.Response, httpx.Response]:
    """The same asked twice: as pages ask for it, and in a way that takes the route."""
    ordinary = [] if cursor is None else [f"cursor={cursor}"]
    plain = await ada.client.get("?".join([path, *ordinary]))
    by_route = await ada.client.get(f"{path}?{'&'.join([*ordinary, BY_ROUTE[path]])}")
    return plain, by_route


def headers(answer: httpx.Response) -> dict[str, str]:
    """All that must be the same; the link repeats what was asked, and each request has its number and is counted."""
    own = {"x-request-id", "link", "ratelimit"}
    return {name: "its own" if name in own else value for name, value in answer.headers.items()}


async def test_the_page_is_to_the_byte_what_the_route_answers(app: App, ada: Person, clock: StoppedClock) -> None:
    actor = {"actor": str(ada.id), "action_url": "/orders/7", "group_key": "orders", "priority": "urgent"}
    await ada.receives(data={"b": [1, 2.5, None], "a": {"ä": "\u2028"}}, **actor)
    read = await ada.receives(expires_at=(clock.now() + timedelta(days=1)).isoformat())
    await ada.does("read", read["id"])
    await ada.receives("order.shipped", data={"number": 7})
    for number in range(20):
        clock.advance(microseconds=number)
        await ada.receives(title=f"Number {number}")
    plain, by_route = await both(ada, LIST)
    assert plain.status_code == 200
    assert (plain.content, headers(plain)) == (by_route.content, headers(by_route))
    later, later_by_route = await both(ada, LIST, plain.json()["next_cursor"])
    assert len(later.json()["notifications"]) == 3
    assert (later.content, headers(later)) == (later_by_route.content, headers(later_by_route))


async def test_the_counters_are_to_the_byte_what_the_route_answers(ada: Person) -> None:
    await ada.receives()
    plain, by_route = await both(ada, COUNT)
    assert plain.status_code == 200
    assert (plain.content, headers(plain)) == (by_route.content, headers(by_route))


@pytest.mark.parametrize("path", [LIST, COUNT])
async def test_an_ordinary_read_goes_straight_to_the_driver(ada: Person, statements: list[str], path: str) -> None:
    await ada.receives()
    assert (await ada.client.get(f"{path}?{BY_ROUTE[path]}")).status_code == 200
    assert statements
    statements.clear()
    assert (await ada.client.get(path)).status_code == 200
    assert statements == []


@pytest.mark.parametrize("path", [LIST, COUNT])
async def test_a_credential_that_no_longer_holds_is_refused_at_the_next_request(ada: Person, path: str) -> None:
    assert (await ada.client.get(path)).status_code == 200
    cookie = dict(ada.client.cookies)
    assert (await ada.client.post("/auth/logout")).status_code < 300
    refused = await ada.client.get(path, headers={"Cookie": "; ".join(f"{name}={v}" for name, v in cookie.items())})
    assert (refused.status_code, refused.json()["code"]) == (401, "not_authenticated")


@pytest.mark.parametrize("path", [LIST, COUNT])
async def test_an_authorization_header_decides_alone(ada: Person, path: str) -> None:
    refused = await ada.client.get(path, headers={"Authorization": "Bearer tda_nonsense"})
    assert refused.status_code == 401


@pytest.mark.parametrize("path", [LIST, COUNT])
async def test_use_is_still_noted(ada: Person, clock: StoppedClock, path: str) -> None:
    """Fourteen days without use end a session; one that only ever reads its inbox is in use."""
    for _ in range(3):
        clock.advance(days=10)
        assert (await ada.client.get(path)).status_code == 200


async def test_a_cursor_of_somebody_else_is_refused(ada: Person, grace: Person) -> None:
    for number in range(21):
        await ada.receives(title=f"Number {number}")
    cursor = (await ada.client.get(LIST)).json()["next_cursor"]
    refused = await grace.client.get(LIST, params={"cursor": cursor})
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_cursor")


@pytest.mark.parametrize("path", [LIST, COUNT])
async def test_a_person_is_refused_after_the_requests_of_a_minute(world: World, path: str) -> None:
    ada = await world.make_person("ada")
    world.tidings.app.state.rate_limits = replace(world.tidings.rate_limits, user=Limit("user", 3, 60))
    answers = [await ada.client.get(path) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[3].json()["code"] == "rate_limited"


@pytest.mark.parametrize("path", [LIST, COUNT])
async def test_who_must_choose_a_password_first_reads_nothing(ada: Person, path: str) -> None:
    async with ada.world.tidings.database.write() as session:
        await session.execute(update(User).where(User.id == ada.id).values(password_must_change=True))
    assert (await ada.client.get(path)).status_code == 403
