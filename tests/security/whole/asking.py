"""Asking the whole app, one operation at a time, as somebody who is somebody new after each change."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from pathlib import Path
from typing import TypeAlias

import httpx

from tests.conftest import TEST_KEYS
from tests.security.whole.any_input import AnyCase, Operation, names_a_place, request_of
from tests.security.whole.conformance import code_of
from tests.security.whole.inhabitants import Inhabitants, Visit
from tests.security.whole.routes import STREAMS
from tests.security.whole.sound import sound_request
from tests.world import API, BASE_URL, Person
from tidings.settings import Settings

Asked: TypeAlias = tuple[AnyCase, httpx.Request]
"""A request, and what it is by the description."""
Question: TypeAlias = Callable[[httpx.AsyncClient, Visit], Awaitable[Asked]]

ENDLESS = {f"GET {path}" for path in STREAMS}
_NOT_FOR_THEM = {"not_authenticated", "forbidden", "insufficient_scope"}
_HELD_AGAINST_THEM = {"invalid_credentials", "too_many_attempts"}
_ENOUGH = 2
"""So many refusals of a policy are told alike; it is asked before anything else."""


async def answers(
    inhabitants: Inhabitants, who: str, operation: Operation, questions: Iterable[Question]
) -> AsyncIterator[tuple[AnyCase, httpx.Response]]:
    """What somebody is told at one operation."""
    visit: Visit | None = None
    refused = 0
    async with httpx.AsyncClient(transport=inhabitants.transport, base_url=BASE_URL) as client:
        for question in questions:
            visit = visit or await inhabitants.visit(who, name_of(operation), places_of(operation))
            case, request = await question(client, visit)
            for name, value in visit.headers.items():
                request.headers.setdefault(name, value)
            response = await client.send(request)
            yield case, response
            refused += code_of(response) in _NOT_FOR_THEM
            if refused == _ENOUGH and who != "admin":
                return
            if request.method != "GET" and (not response.is_error or code_of(response) in _HELD_AGAINST_THEM):
                inhabitants.forget(who)
                visit = None


def sound(operation: Operation) -> Question:
    """A request that is granted to whoever may ask at all."""

    async def ask(client: httpx.AsyncClient, visit: Visit) -> Asked:
        case = operation.Case(path_parameters=dict(visit.places))
        options = await sound_request(name_of(operation), visit)
        request = client.build_request(operation.method.upper(), case.formatted_path, **options)
        await request.aread()  # a form is streamed, and the checks look at what was sent
        return case, request

    return ask


def generated(case: AnyCase) -> Question:
    """A generated request, with what exists in its path where that is as documented."""

    async def ask(_client: httpx.AsyncClient, visit: Visit) -> Asked:
        if names_a_place(case):
            case.path_parameters = {**case.path_parameters, **visit.places}
        return case, request_of(case, BASE_URL)

    return ask


def without_limits(data_dir: Path) -> Settings:
    """Settings under which nobody is told to wait: who is, hears of nothing else."""
    return Settings(
        data_dir=data_dir,
        secret_keys=TEST_KEYS,
        base_url=BASE_URL,
        rate_limit_sign_in=0,
        rate_limit_user=0,
        rate_limit_key=0,
    )


async def open_every_door(grace: Person) -> None:
    """Let people sign up, be seen by everybody, and come from providers."""
    current = (await grace.client.get("/server-settings")).json()
    doors = ("signup_enabled", "public_shareable_links", "public_shareable_links_user_info", "sso_enabled")
    changed = await grace.client.put("/server-settings", json=current | dict.fromkeys(doors, True))
    assert changed.status_code == 200, changed.text


def name_of(operation: Operation) -> str:
    return f"{operation.method.upper()} {operation.path.removeprefix(API)}"


def places_of(operation: Operation) -> list[str]:
    return [parameter.name for parameter in operation.path_parameters]
