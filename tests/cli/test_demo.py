"""`tidings demo`."""

import json
import re

from tests.cli.terminal import Terminal, asked


def password_of(told: str) -> str:
    """The password that the greeting names."""
    found = re.search(r"with password (\S+)", told)
    assert found is not None, told
    return found[1]


def test_an_empty_database_becomes_the_demo_world(any_empty_terminal: Terminal) -> None:
    any_empty_terminal.does("demo")
    people = json.loads(any_empty_terminal.does("user", "list", "--json").out)
    assert {person["username"] for person in people} >= {"ada", "grace"}


def test_everybody_signs_in_with_what_it_prints(empty_terminal: Terminal) -> None:
    password = password_of(empty_terminal.does("demo").told)
    for login in ("ada", "grace"):
        assert asked("POST", "/auth/login", json={"login": login, "password": password}).status_code == 200


def test_a_second_time_only_another_day_is_sent(empty_terminal: Terminal) -> None:
    first, second = empty_terminal.does("demo").told, empty_terminal.does("demo").told
    assert password_of(first) == password_of(second)
    assert re.search(r"[1-9]\d* notifications sent", second)


def test_the_way_in_is_kept_for_its_owner_alone(empty_terminal: Terminal) -> None:
    empty_terminal.does("demo")
    assert (empty_terminal.data_dir / "demo.json").stat().st_mode & 0o777 == 0o600


def test_a_world_whose_way_in_was_lost_is_said(empty_terminal: Terminal) -> None:
    empty_terminal.does("demo")
    (empty_terminal.data_dir / "demo.json").unlink()
    refused = empty_terminal.run("demo")
    assert refused.code == 1
    assert "demo.json" in refused.told
