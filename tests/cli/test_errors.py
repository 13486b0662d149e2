"""What goes wrong is said in a sentence, with what to do; never a traceback."""

import socket

import pytest

from tests.cli.terminal import Spoken, Terminal
from tidings.kernel.crypto import new_key_text

SEND = ("send", "--to", "ada", "--title", "Hello")
NEEDS_SCHEMA = [
    SEND,
    ("listen", "--as", "ada"),
    ("key", "list"),
    ("user", "list"),
    ("key", "create", "--name", "ci", "--scope", "admin"),
]


def says(spoken: Spoken, *words: str) -> None:
    assert (spoken.code, spoken.out) == (1, "")
    assert "Traceback" not in spoken.err
    for word in words:
        assert word in spoken.told


@pytest.mark.parametrize("command", NEEDS_SCHEMA, ids=" ".join)
def test_an_empty_database_wants_to_be_migrated(empty_terminal: Terminal, command: tuple[str, ...]) -> None:
    says(empty_terminal.run(*command), "run `tidings migrate` first")


def test_a_recipient_nobody_knows_is_named(terminal: Terminal) -> None:
    says(terminal.run("send", "--to", "ada", "--to", "[nobody]", "--title", "Hello"), "ada", "[nobody]")


def test_a_type_there_is_not_is_named(terminal: Terminal) -> None:
    terminal.makes_user("ada")
    says(terminal.run(*SEND, "--type", "dance"), "'dance'")


def test_a_stream_of_nobody_known_is_refused(terminal: Terminal) -> None:
    says(terminal.run("listen", "--as", "nobody"), "nobody")


def test_a_setting_that_cannot_be_is_named(empty_terminal: Terminal) -> None:
    empty_terminal.set(base_url="nonsense", log_level="LOUD")
    says(empty_terminal.run(*SEND), "TIDINGS_BASE_URL", "TIDINGS_LOG_LEVEL")


@pytest.mark.parametrize("weak", ["k1:c2hvcnQ=", "nonsense", "k1:" + "A" * 43 + "="])
def test_a_weak_key_is_refused_and_not_repeated(empty_terminal: Terminal, weak: str) -> None:
    empty_terminal.set(secret_keys=weak)
    refused = empty_terminal.run(*SEND)
    says(refused, "TIDINGS_SECRET_KEYS")
    assert weak not in refused.told


def test_postgresql_wants_keys_of_its_own(empty_terminal: Terminal) -> None:
    empty_terminal.set(database_url="postgresql://nobody@127.0.0.1:1/none")
    says(empty_terminal.run(*SEND), "TIDINGS_SECRET_KEYS must be set", "openssl rand -base64 32")


def test_a_database_that_does_not_answer_is_said(empty_terminal: Terminal) -> None:
    url = "postgresql://nobody:hush@127.0.0.1:1/none"
    empty_terminal.set(database_url=url, secret_keys=new_key_text())
    refused = empty_terminal.run(*SEND)
    says(refused, "The database does not answer", "TIDINGS_DATABASE_URL")
    assert "hush" not in refused.told


@pytest.mark.parametrize("url", ["nonsense", "mysql://127.0.0.1/tidings", "sqlite:////nowhere/at/all.db"])
def test_an_address_of_no_database_is_refused(empty_terminal: Terminal, url: str) -> None:
    empty_terminal.set(database_url=url, secret_keys=new_key_text())
    says(empty_terminal.run(*SEND), "TIDINGS_DATABASE_URL")


def test_a_port_that_is_taken_is_said_before_anything_is_done(empty_terminal: Terminal) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        refused = empty_terminal.run("serve", "--port", str(taken.getsockname()[1]))
    assert refused.code == 2
    assert "choose another --port" in refused.told
    assert list(empty_terminal.data_dir.iterdir()) == []
