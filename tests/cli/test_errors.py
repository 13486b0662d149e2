"""What goes wrong is said in a sentence, with what to do; never a traceback."""

import asyncio
import contextlib
import os
import pty
import socket
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from tests.cli.terminal import Door, Spoken, Terminal
from tests.server import environment
from tidings.kernel.crypto import new_key_text
from tidings.migrations.upgrade import VERSION_TABLE

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
def test_a_weak_key_is_refused_and_not_repeated(terminal: Terminal, weak: str) -> None:
    terminal.set(secret_keys=weak)
    refused = terminal.run(*SEND)
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


@pytest.mark.parametrize("command", NEEDS_SCHEMA, ids=" ".join)
def test_a_folder_that_was_mistyped_stays_what_it_was(empty_terminal: Terminal, command: tuple[str, ...]) -> None:
    says(empty_terminal.run(*command), "There is no database", "tidings.db", "TIDINGS_DATA_DIR")
    assert list(empty_terminal.data_dir.iterdir()) == []


def test_a_folder_that_cannot_be_is_named(empty_terminal: Terminal) -> None:
    (empty_terminal.data_dir / "file").write_text("")
    empty_terminal.set(data_dir=str(empty_terminal.data_dir / "file" / "data"))
    says(empty_terminal.run("migrate"), "file/data", "Check TIDINGS_DATA_DIR")


@pytest.mark.parametrize("command", [("user", "list"), ("audit", "verify"), ("migrate",), ("serve", "--port", "0")])
def test_a_database_of_a_newer_release_is_left_alone(any_terminal: Terminal, command: tuple[str, ...]) -> None:
    on_database(f"UPDATE {VERSION_TABLE} SET version_num = '2999_01_01_later'")
    says(any_terminal.run(*command), "2999_01_01_later", "run the newer release")
    examined = any_terminal.run("doctor")
    assert examined.code == 1
    assert "run the newer release" in examined.told


def test_a_database_of_an_older_release_wants_to_be_migrated(any_terminal: Terminal) -> None:
    on_database(f"DELETE FROM {VERSION_TABLE}")
    says(any_terminal.run("user", "list"), "is at nothing", "run `tidings migrate` first")


def test_a_database_that_somebody_else_keeps_writing_to_is_busy(terminal: Terminal) -> None:
    terminal.makes_user("ada")
    with contextlib.closing(sqlite3.connect(terminal.data_dir / "tidings.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        says(terminal.run("user", "end-sessions", "ada"), "The database is busy", "Run this again in a moment")
        other.rollback()


def test_a_name_that_is_no_text_is_refused(terminal: Terminal) -> None:
    refused = terminal.run("user", "suspend", os.fsdecode(b"\xff"))
    assert (refused.code, refused.out) == (2, "")
    assert "not text in UTF-8" in refused.told


def test_colours_are_for_terminals(terminal: Terminal) -> None:
    command = [sys.executable, "-m", "tidings", "user", "list", "--search", "nobody"]
    given = environment(terminal.data_dir, {}) | {"TERM": "xterm-256color"}
    del given["NO_COLOR"]
    piped = subprocess.run(command, env=given, capture_output=True, check=True)
    assert b"nothing to show" in piped.stderr
    assert b"\x1b" not in piped.stdout + piped.stderr
    ours, theirs = pty.openpty()
    try:
        subprocess.run(command, env=given, stderr=theirs, check=True)
        assert b"\x1b[2mnothing to show" in os.read(ours, 1_000)
    finally:
        os.close(ours)
        os.close(theirs)


@pytest.mark.parametrize("command", [("audit", "verify"), ("rotate-keys",)], ids=" ".join)
def test_a_bar_is_for_terminals(terminal: Terminal, command: tuple[str, ...]) -> None:
    assert len(terminal.does(*command).err.splitlines()) == 1


def on_database(statement: str) -> None:
    """Change the database behind everybody's back."""

    async def change() -> None:
        door = Door()
        async with door, door.tidings.database.write() as session:
            await session.execute(text(statement))

    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, change()).result()
