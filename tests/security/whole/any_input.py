"""Requests of every shape: made by Schemathesis from the description of the API, the same in every run."""

import os
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

import httpx
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import APIOperation, Case, GenerationMode
from schemathesis.core.parameters import ParameterLocation
from schemathesis.core.result import Ok

EXAMPLES = int(os.environ.get("TIDINGS_TEST_API_EXAMPLES", "1"))
"""Of each kind, for each route."""
_MAX_URL = 60_000
"""A longer line no server reads; nor does httpx send it."""

Operation: TypeAlias = APIOperation[Any, Any, Any, Any]  # Any: its parts are Schemathesis's own
AnyCase: TypeAlias = Case[Operation]


def operations_of(document: dict[str, Any]) -> list[Operation]:
    """Every operation of an OpenAPI document."""
    found = schemathesis.openapi.from_dict(document).get_all_operations()
    operations = [each.ok() for each in found if isinstance(each, Ok)]
    assert len(operations) == sum(map(len, document["paths"].values()))
    return operations


def cases_of(operation: Operation) -> list[AnyCase]:
    """Requests as documented, then broken ones, then some from the edges of each parameter and field."""
    edges = [case for case in _edges(operation) if case.method == operation.method.upper()]
    found = [
        *documented_cases_of(operation),
        *_some(operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)),
        *edges[:: max(1, len(edges) // (2 * EXAMPLES))],
    ]
    return [case for case in found if len(_prepared(case).url or "") < _MAX_URL]


def documented_cases_of(operation: Operation) -> list[AnyCase]:
    """Requests as documented."""
    return _some(operation.as_strategy(generation_mode=GenerationMode.POSITIVE))


def fields_of(operation: Operation) -> list[str]:
    """What a JSON body names, in any of its shapes."""
    described = [each for each in operation.body if each.media_type == "application/json"]
    return sorted({name for each in described for name in _named(each.optimized_schema, each.optimized_schema)})


def names_a_place(case: AnyCase) -> bool:
    """Whether the path is as documented, so that what exists can be put in it."""
    part = case.meta.components.get(ParameterLocation.PATH) if case.meta is not None else None
    return part is not None and part.mode is GenerationMode.POSITIVE


def request_of(case: AnyCase, base_url: str) -> httpx.Request:
    """The request as it goes over the wire."""
    prepared = _prepared(case, base_url)
    headers = [(_bytes(name), _bytes(value)) for name, value in prepared.headers.items()]
    body = prepared.body if isinstance(prepared.body, str | bytes) else b""
    return httpx.Request(str(prepared.method), str(prepared.url), headers=headers, content=body)


def _bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode("latin-1")


def _prepared(case: AnyCase, base_url: str = "http://testserver") -> requests.PreparedRequest:
    return requests.Request(**case.as_transport_kwargs(base_url=base_url)).prepare()


def _some(strategy: st.SearchStrategy[AnyCase]) -> list[AnyCase]:
    """Examples, without running anything: the test sends them all and tells all that is wrong at once."""
    found: list[AnyCase] = []

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def keep(case: AnyCase) -> None:
        found.append(case)

    try:
        keep()
    except Unsatisfiable:
        return []  # nothing can be wrong about a request that has no parts
    return found


def _edges(operation: Operation) -> Iterator[AnyCase]:
    schema = operation.schema
    yield from schema.iter_coverage_cases(
        operation,
        generation_modes=list(GenerationMode),
        generation_config=schema.config.generation_for(operation=operation),
    )


def _named(schema: Mapping[str, Any], document: Mapping[str, Any]) -> Iterator[str]:
    if "$ref" in schema:
        *_, bundle, name = schema["$ref"].split("/")
        yield from _named(document[bundle][name], document)
    yield from schema.get("properties", {})
    for shape in (*schema.get("anyOf", ()), *schema.get("oneOf", ())):
        yield from _named(shape, document)
