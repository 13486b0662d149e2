"""No 5xx for any input, and every answer is as described: for whatever the description allows, and at its edges."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.security.whole.any_input import AnyCase, Operation, cases_of, operations_of
from tests.security.whole.asking import ENDLESS, answers, generated, name_of, open_every_door, sound, without_limits
from tests.security.whole.conformance import wrong_with
from tests.security.whole.inhabitants import Inhabitants
from tests.security.whole.sound import UNREACHED
from tests.world import Person, World
from tidings import Tidings
from tidings.settings import Settings
from tidings.web.description import openapi_document

SETTLES_EVERYTHING = "PUT /server-settings"
"""Asked last: what it changes, such as a factor for everybody, may close every other route."""
_TO_ANYBODY = {"public", "public_same_site"}
_TO_PEOPLE = {*_TO_ANYBODY, "signed_in", "signed_in_or_recipient", "signed_in_or_scope", "inbox"}
OPEN = {"nobody": _TO_ANYBODY, "regular": _TO_PEOPLE, "admin": {*_TO_PEOPLE, "scope", "admin", "admin_in_person"}}
"""The policies that let somebody in."""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return without_limits(tmp_path)


@pytest.fixture(scope="session")
def every_case(tmp_path_factory: pytest.TempPathFactory) -> Mapping[Operation, list[AnyCase]]:
    """Made once for everybody and every database: they depend on the routes alone."""
    app = Tidings(settings=Settings(data_dir=tmp_path_factory.mktemp("routes"))).app
    operations = [each for each in operations_of(openapi_document(app)) if name_of(each) not in ENDLESS]
    operations.sort(key=lambda operation: name_of(operation) == SETTLES_EVERYTHING)
    return {operation: cases_of(operation) for operation in operations}


@pytest.mark.parametrize("who", sorted(OPEN))
async def test_row_39_every_answer_is_as_described(
    world: World, grace: Person, every_case: Mapping[Operation, list[AnyCase]], who: str
) -> None:
    """Each route that is open to somebody also answers them with a success, so that its answer was seen."""
    await open_every_door(grace)
    inhabitants, wrong, reached = Inhabitants(world), set(), set()
    for operation, cases in every_case.items():
        questions = [sound(operation), *map(generated, cases)]
        async for case, response in answers(inhabitants, who, operation, questions):
            if not response.is_error:
                reached.add(name_of(operation))
            wrong |= {f"{operation.label} ({response.status_code}): {fault}" for fault in wrong_with(case, response)}
    assert sorted(wrong) == []
    assert {name_of(each) for each in every_case if is_open(each, who)} - reached - set(UNREACHED) == set()
    assert reached & set(UNREACHED) == set()


def is_open(operation: Operation, who: str) -> bool:
    policy: str = operation.definition.raw["x-policy"]
    return policy.partition(":")[0].removesuffix("_recent") in OPEN[who]
