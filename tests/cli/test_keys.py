"""`tidings key …`."""

import json

import pytest

from tests.cli.terminal import Terminal, asked

NEWS = {"to": ["ada"], "type": "system", "title": "Hello", "create_missing": True}


def test_creating_prints_the_key_and_nothing_else(any_terminal: Terminal) -> None:
    made = any_terminal.does("key", "create", "--name", "ci", "--scope", "notifications:send")
    assert made.out.startswith("tdk_")
    assert len(made.out.splitlines()) == 1
    assert made.out.strip() not in made.err


def test_programs_get_the_key_with_what_is_known_of_it(terminal: Terminal) -> None:
    made = json.loads(terminal.does("key", "create", "--name", "ci", "--scope", "admin", "--json").out)
    (described,) = json.loads(terminal.does("key", "list", "--json").out)
    assert asked("GET", "/users", token=made.pop("key")).status_code == 200
    assert made == described


def test_a_key_does_what_its_scopes_say_and_no_more(any_terminal: Terminal) -> None:
    key = any_terminal.makes_key("notifications:send", "users:write")
    assert asked("POST", "/notifications", token=key, json=NEWS).status_code == 201
    assert asked("GET", "/notifications?user=ada", token=key).status_code == 403


def test_a_listed_key_is_described_and_not_shown(terminal: Terminal) -> None:
    key = terminal.makes_key("notifications:send", "users:read")
    listed = terminal.does("key", "list", "--json").out
    (described,) = json.loads(listed)
    assert (described["name"], sorted(described["scopes"])) == ("ci", ["notifications:send", "users:read"])
    assert key not in listed


def test_a_table_shows_ids_that_can_be_revoked(terminal: Terminal) -> None:
    terminal.makes_key("admin")
    (described,) = json.loads(terminal.does("key", "list", "--json").out)
    assert described["id"] in terminal.does("key", "list").out


def test_a_table_is_for_people(terminal: Terminal) -> None:
    terminal.makes_key("notifications:send", "users:read")
    (described,) = json.loads(terminal.does("key", "list", "--json").out)
    assert described["owner_user_id"] is None
    shown = terminal.does("key", "list").out
    assert "notifications:send, users:read" in shown
    made_at = described["created_at"]
    assert f"{made_at[:10]} {made_at[11:16]} UTC" in shown


def test_a_revoked_key_no_longer_works(any_terminal: Terminal) -> None:
    key = any_terminal.makes_key("admin")
    (described,) = json.loads(any_terminal.does("key", "list", "--json").out)
    any_terminal.does("key", "revoke", described["id"])
    assert asked("POST", "/notifications", token=key, json=NEWS).status_code == 401


@pytest.mark.parametrize("life", ["12h", "90d", "8w"])
def test_a_key_may_have_an_end(terminal: Terminal, life: str) -> None:
    terminal.does("key", "create", "--name", "ci", "--scope", "admin", "--expires", life)
    (described,) = json.loads(terminal.does("key", "list", "--json").out)
    assert described["expires_at"] > described["created_at"]


@pytest.mark.parametrize("life", ["90", "0d", "-1d", "soon", "99999999d"])
def test_an_end_that_is_none_is_refused(terminal: Terminal, life: str) -> None:
    refused = terminal.run("key", "create", "--name", "ci", "--scope", "admin", f"--expires={life}")
    assert (refused.code, refused.out) == (2, "")
    assert "12h, 90d or 8w" in refused.told


def test_a_scope_there_is_not_is_refused_with_those_there_are(terminal: Terminal) -> None:
    refused = terminal.run("key", "create", "--name", "ci", "--scope", "everything")
    assert refused.code == 2
    assert "notifications:send" in refused.told


def test_revoking_a_key_there_is_not_is_refused_in_a_sentence(terminal: Terminal) -> None:
    refused = terminal.run("key", "revoke", "01900000-0000-7000-8000-000000000000")
    assert refused.code == 1
    assert "no such API key" in refused.told
    assert "tidings key list" in refused.told
