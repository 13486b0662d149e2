"""`tidings user …`."""

import json
from uuid import UUID

import pytest

from tests.cli.terminal import PASSWORD, Terminal, asked

NEW = {"--username": "ada", "--email": "ada@example.org", "--name": "Ada"}


def options(**changed: str) -> list[str]:
    return [word for pair in (NEW | {f"--{name}": value for name, value in changed.items()}).items() for word in pair]


def test_creating_prints_the_id_and_nothing_else(any_terminal: Terminal) -> None:
    made = any_terminal.does("user", "create", *options(), "--password-stdin", stdin=PASSWORD + "\n")
    assert made.out == f"{UUID(made.out.strip())}\n"
    assert PASSWORD not in made.err


def test_programs_get_what_was_made(terminal: Terminal) -> None:
    made = terminal.does("user", "create", *options(), "--password-stdin", "--json", stdin=PASSWORD + "\n")
    assert [json.loads(made.out)] == json.loads(terminal.does("user", "list", "--json").out)


def test_whoever_was_created_can_sign_in(any_terminal: Terminal) -> None:
    user_id = any_terminal.makes_user("ada")
    for login in ("ada", "ada@example.org"):
        answer = asked("POST", "/auth/login", json={"login": login, "password": PASSWORD})
        assert (answer.status_code, answer.json()["user"]["id"]) == (200, user_id)


@pytest.mark.parametrize(("option", "access_type"), [((), "regular"), (("--admin",), "admin")])
def test_an_administrator_is_made_by_asking(terminal: Terminal, option: tuple[str, ...], access_type: str) -> None:
    terminal.makes_user("grace", *option)
    (grace,) = json.loads(terminal.does("user", "list", "--json").out)
    assert (grace["username"], grace["access_type"], grace["state"]) == ("grace", access_type, "active")


def test_listing_finds_people_by_a_part_of_their_name(terminal: Terminal) -> None:
    ada, _ = terminal.makes_user("ada"), terminal.makes_user("grace")
    found = json.loads(terminal.does("user", "list", "--search", "AD", "--json").out)
    assert [user["id"] for user in found] == [ada]


def test_a_table_shows_ids_that_can_be_copied(terminal: Terminal) -> None:
    user_id = terminal.makes_user("ada")
    assert user_id in terminal.does("user", "list").out


def test_a_list_that_ends_early_says_so(terminal: Terminal) -> None:
    for name in ("ada", "grace"):
        terminal.makes_user(name)
    cut = terminal.does("user", "list", "--limit", "1")
    assert "grace" not in cut.out
    assert "the first 1; there are more" in cut.told
    assert terminal.does("user", "list", "--limit", "2").told == ""
    assert len(json.loads(terminal.does("user", "list", "--limit", "1", "--json").out)) == 1


def test_a_list_of_nobody_says_so_to_people_alone(terminal: Terminal) -> None:
    found = terminal.does("user", "list", "--search", "nobody")
    assert (found.out, found.told) == ("", "nothing to show")
    assert json.loads(terminal.does("user", "list", "--search", "nobody", "--json").out) == []


def test_a_password_is_asked_for_only_at_a_terminal(terminal: Terminal) -> None:
    refused = terminal.run("user", "create", *options())
    assert (refused.code, refused.out) == (2, "")
    assert "--password-stdin" in refused.told
    assert "echo" not in refused.told


def test_names_are_shown_as_they_are(terminal: Terminal) -> None:
    terminal.does("user", "create", *options(name="[red]A[/red]"), "--password-stdin", stdin=PASSWORD + "\n")
    assert "[red]A[/red]" in terminal.does("user", "list", "--search", "red").out


@pytest.mark.parametrize(
    ("changed", "about"),
    [({"username": "a b"}, "--username"), ({"email": "nonsense"}, "--email"), ({"name": ""}, "--name")],
)
def test_what_cannot_be_is_refused_by_name(terminal: Terminal, changed: dict[str, str], about: str) -> None:
    refused = terminal.run("user", "create", *options(**changed), "--password-stdin", stdin=PASSWORD + "\n")
    assert (refused.code, refused.out) == (2, "")
    assert about in refused.told


def test_a_password_that_is_too_short_is_refused_and_not_repeated(terminal: Terminal) -> None:
    refused = terminal.run("user", "create", *options(), "--password-stdin", stdin="short\n")
    assert refused.code == 2
    assert "password" in refused.told
    assert "'short'" not in refused.told


def test_a_user_name_that_is_taken_is_refused_in_a_sentence(terminal: Terminal) -> None:
    terminal.makes_user("ada")
    again = options(email="another@example.org")
    refused = terminal.run("user", "create", *again, "--password-stdin", stdin=PASSWORD + "\n")
    assert (refused.code, refused.out) == (1, "")
    assert refused.told.count("has this username") == 1
