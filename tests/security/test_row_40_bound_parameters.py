"""What somebody searches for is text: never SQL, and never a pattern."""

import re
import tomllib
from pathlib import Path

import httpx
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

import tidings
from tests.accounts.world import World
from tests.docs.pages import ROOT
from tidings.accounts.models import User
from tidings.accounts.types import AccountState, Scope

SOURCE = Path(tidings.__file__).parent
NAMES = ["100%", "a_b", "axb", "back\\slash", "o'brien", 'quo"te', "a%_b", "A%B", "--", "x;y", "%61", "[a-z]", "*?"]
TEXT = st.text(st.sampled_from("aAbBxo%_\\'\"[]*?-;16 "), max_size=4)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(TEXT)
@example("%")
@example("_")
@example("\\")
@example("' OR '1'='1")
async def test_row_40_a_search_finds_exactly_what_holds_the_text(world: World, grace: User, text: str) -> None:
    async with world.client(bearer=await world.key(Scope.USERS_WRITE, Scope.USERS_READ)) as server:
        if len(await found(server, "")) == 1:
            for name in NAMES:
                await world.add(f"r{NAMES.index(name)}", external_id=name, state=AccountState.RECIPIENT)
        people = await found(server, "")
        assert len(people) == len(NAMES) + 1
        expected = {key for key, texts in people.items() if any(text.lower() in each.lower() for each in texts)}
        assert set(await found(server, text)) == expected


async def found(server: httpx.AsyncClient, text: str) -> dict[str, list[str]]:
    """Whom a search finds, with every text of theirs that it looks at."""
    answer = await server.get("/api/v1/users", params={"search": text, "num_records": 100})
    looked_at = ("username", "name", "email", "external_id")
    return {each["id"]: [each[name] for name in looked_at if each[name]] for each in answer.json()["records"]}


def test_row_40_sql_that_is_put_together_from_text_does_not_pass_the_linter() -> None:
    lint = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["ruff"]["lint"]
    everywhere = {
        *lint["ignore"],
        *(rule for path, rules in lint["per-file-ignores"].items() if "src" in path for rule in rules),
    }
    assert "S" in lint["select"]
    assert not {rule for rule in everywhere if rule in {"S", "S6", "S60", "S608"}}


def test_row_40_what_the_linter_is_told_to_pass_over_is_names_of_our_own_tables() -> None:
    """Each line that silences it is known here, so that another one is looked at."""
    silenced = [
        f"{file.relative_to(SOURCE).as_posix()}: {line.partition('#')[0].strip()}"
        for file in SOURCE.rglob("*.py")
        for line in file.read_text(encoding="utf-8").splitlines()
        if re.search(r"# noqa(?!:)|# noqa:.*\bS6|# ruff: noqa", line)
    ]
    assert sorted(silenced) == [
        'accounts/audit/guards.py: _QUEUE = f"INSERT INTO {_WAITING} (entry_id) VALUES (NEW.id);"',
        (
            "migrations/upgrade.py: revision: str | None = connection.execute("
            'text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar_one_or_none()'
        ),
    ]
