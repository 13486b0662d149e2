"""No 5xx for any input: what breaks programs elsewhere is answered in order here, alike on both databases."""

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.security.whole.any_input import Operation, documented_cases_of, fields_of, operations_of
from tests.security.whole.asking import ENDLESS, Asked, Question, answers, name_of, places_of, without_limits
from tests.security.whole.conformance import wrong_with
from tests.security.whole.inhabitants import Inhabitants, Visit
from tests.security.whole.nasty import BODIES, HEADERS, PATHS, QUERIES, VALUES
from tests.security.whole.sound import Options, sound_request
from tests.world import Person, World
from tidings.settings import Settings
from tidings.web.description import openapi_document

JSON = {"Content-Type": "application/json"}
PLACE = '"the nasty value"'


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return without_limits(tmp_path)


@pytest.fixture
def inhabitants(world: World, grace: Person) -> Inhabitants:
    """Grace stays, so that nobody who calls is ever the last administrator."""
    return Inhabitants(world)


@pytest.fixture
def operations(world: World) -> list[Operation]:
    return [each for each in operations_of(openapi_document(world.tidings.app)) if name_of(each) not in ENDLESS]


async def test_row_39_a_broken_body_is_refused(inhabitants: Inhabitants, operations: list[Operation]) -> None:
    wrong = []
    for operation in one_of_each_kind(filter(is_required, operations)):
        questions = {what: body(operation, content) for what, content in BODIES.items()}
        wrong += await faults(inhabitants, operation, questions, refused=set(BODIES))
    assert wrong == []


async def test_row_39_a_nasty_value_breaks_no_field(inhabitants: Inhabitants, operations: list[Operation]) -> None:
    wrong = []
    for operation in operations:
        documented = next((case.body for case in documented_cases_of(operation) if isinstance(case.body, dict)), {})
        for name in fields_of(operation):
            questions = {what: field(operation, documented, name, text) for what, text in VALUES.items()}
            wrong += await faults(inhabitants, operation, questions, refused={"NUL"})
    assert wrong == []


async def test_row_39_a_nasty_value_breaks_no_query(inhabitants: Inhabitants, operations: list[Operation]) -> None:
    wrong = []
    for name, operation in queried(operations):
        queries = {what: f"{name}={value}" for what, value in QUERIES.items()} | {"twice": f"{name}=a&{name}=1"}
        questions = {what: query(operation, text) for what, text in queries.items()}
        wrong += await faults(inhabitants, operation, questions, refused={"NUL"})
    assert wrong == []


async def test_row_39_a_nasty_value_breaks_no_path(inhabitants: Inhabitants, operations: list[Operation]) -> None:
    wrong = []
    for operation in placed(operations):
        questions = {what: path(operation, text) for what, text in PATHS.items()}
        wrong += await faults(inhabitants, operation, questions, refused={"NUL", "an id and more"})
    assert wrong == []


async def test_row_39_a_nasty_header_breaks_nothing(inhabitants: Inhabitants, operations: list[Operation]) -> None:
    wrong = []
    for operation in one_of_each_kind(operations):
        questions = {what: header(operation, *each) for what, each in HEADERS.items()}
        wrong += await faults(inhabitants, operation, questions, refused=set())
    assert wrong == []


async def faults(
    inhabitants: Inhabitants, operation: Operation, questions: Mapping[str, Question], *, refused: Iterable[str]
) -> list[str]:
    """What is wrong with the answers; those in `refused` must also be refusals."""
    wrong, names = [], iter(questions)
    async for case, response in answers(inhabitants, "admin", operation, questions.values()):
        what = next(names)
        told = wrong_with(case, response)
        if what in refused and not 400 <= response.status_code < 500:
            told.append("this is no refusal")
        wrong += [f"{operation.label}, {what} ({response.status_code}): {each}" for each in told]
    return wrong


def body(operation: Operation, content: bytes) -> Question:
    async def ask(client: httpx.AsyncClient, visit: Visit) -> Asked:
        return asked(client, operation, visit, {"content": content, "headers": JSON})

    return ask


def field(operation: Operation, documented: Mapping[str, Any], name: str, text: str) -> Question:
    """A body that is sound, or at least as documented, but for one field."""

    async def ask(client: httpx.AsyncClient, visit: Visit) -> Asked:
        sound = (await sound_request(name_of(operation), visit)).get("json", documented)
        content = json.dumps({**sound, name: json.loads(PLACE)}).replace(PLACE, text)
        return asked(client, operation, visit, {"content": content.encode(), "headers": JSON})

    return ask


def query(operation: Operation, text: str) -> Question:
    async def ask(client: httpx.AsyncClient, visit: Visit) -> Asked:
        return asked(client, operation, visit, {}, suffix=f"?{text}")

    return ask


def path(operation: Operation, text: str) -> Question:
    async def ask(client: httpx.AsyncClient, visit: Visit) -> Asked:
        case = operation.Case(path_parameters=dict(visit.places))
        return case, client.build_request(operation.method.upper(), re.sub(r"\{\w+\}", lambda _: text, operation.path))

    return ask


def header(operation: Operation, name: str, value: bytes) -> Question:
    async def ask(client: httpx.AsyncClient, visit: Visit) -> Asked:
        is_plain = set(media_types(operation)) <= {"application/json"}
        options = {"json": {}} if is_plain else await sound_request(name_of(operation), visit)
        case, request = asked(client, operation, visit, options)
        await request.aread()
        request.headers = httpx.Headers(
            [(each, old) for each, old in request.headers.raw if each.lower() != name.lower().encode()]
            + [(name.encode(), value)]
        )
        return case, request

    return ask


def asked(
    client: httpx.AsyncClient, operation: Operation, visit: Visit, options: Options, *, suffix: str = ""
) -> Asked:
    case = operation.Case(path_parameters=dict(visit.places))
    return case, client.build_request(operation.method.upper(), case.formatted_path + suffix, **options)


def one_of_each_kind(operations: Iterable[Operation]) -> Iterable[Operation]:
    """One operation for each way to be let in and to send a body: both are read before it is known what is called."""
    return {(policy_of(each), each.method, media_types(each)): each for each in operations}.values()


def queried(operations: list[Operation]) -> Iterable[tuple[str, Operation]]:
    """Every parameter of every query; whose inbox is meant, the policy asks for all of its routes alike."""
    found = {
        (each.name, operation.method if each.name == "user" else operation.path): operation
        for operation in operations
        for each in operation.query
    }
    return [(name, operation) for (name, _), operation in found.items()]


def placed(operations: list[Operation]) -> Iterable[Operation]:
    """One operation for each method and each set of names in a path."""
    return {(each.method, *places_of(each)): each for each in operations if places_of(each)}.values()


def policy_of(operation: Operation) -> str:
    """Its kind: which scope it asks for makes no difference here."""
    policy: str = operation.definition.raw["x-policy"]
    return policy.partition(":")[0]


def media_types(operation: Operation) -> tuple[str, ...]:
    return tuple(operation.definition.raw.get("requestBody", {}).get("content", {}))


def is_required(operation: Operation) -> bool:
    """Whether there must be a body, and of JSON."""
    is_required = operation.definition.raw.get("requestBody", {}).get("required", False)
    return bool(is_required) and "application/json" in media_types(operation)
