"""`tidings rotate-keys`."""

import json

from tests.cli.terminal import PASSWORD, Terminal, asked
from tidings.kernel.crypto import new_key_text

OLD, NEW = new_key_text("k1"), new_key_text("k2")


def with_secret(terminal: Terminal) -> None:
    """Have the old key seal something."""
    terminal.set(secret_keys=OLD)
    terminal.makes_user("grace", "--admin")
    signed_in = asked("POST", "/auth/token", json={"login": "grace", "password": PASSWORD})
    tokens = signed_in.json()
    made = asked("POST", "/signing-secrets", token=tokens["access_token"], json={"name": "host"})
    assert made.status_code == 201, made.text


def test_after_it_the_old_key_can_be_removed(any_terminal: Terminal) -> None:
    with_secret(any_terminal)
    any_terminal.set(secret_keys=f"{NEW},{OLD}")
    assert json.loads(any_terminal.does("rotate-keys", "--json").out)["unreadable"] == 0
    any_terminal.set(secret_keys=NEW)
    again = any_terminal.does("rotate-keys")
    assert "0 secrets encrypted again" in again.told
    assert "can be removed" in again.told


def test_a_key_that_is_gone_is_asked_for(terminal: Terminal) -> None:
    with_secret(terminal)
    terminal.set(secret_keys=NEW)
    refused = terminal.run("rotate-keys")
    assert (refused.code, refused.out) == (1, "")
    assert "1 secrets cannot be read" in refused.told
    assert "Put the key that sealed them back" in refused.told
