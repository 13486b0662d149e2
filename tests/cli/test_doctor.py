"""`tidings doctor`."""

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import update

from tests.cli.terminal import Door, Terminal
from tidings.kernel.crypto import new_key_text
from tidings.notifications.models import Inbox


def miscount() -> None:
    """Make every inbox claim more than it holds, as no request can."""

    async def spoil() -> None:
        door = Door()
        async with door, door.tidings.database.write() as session:
            await session.execute(update(Inbox).values(unread=99))

    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, spoil()).result()


def findings(terminal: Terminal, *options: str) -> dict[str, bool]:
    return {each["check"]: each["is_fine"] for each in json.loads(terminal.run("doctor", "--json", *options).out)}


def test_when_all_is_well_it_says_so(any_terminal: Terminal) -> None:
    any_terminal.makes_user("ada")
    any_terminal.does("send", "--to", "ada", "--title", "Hello")
    found = any_terminal.run("doctor")
    assert found.code == 0
    assert "✗" not in found.err


def test_programs_read_json(terminal: Terminal) -> None:
    assert findings(terminal) == dict.fromkeys(["configuration", "database", "schema", "counters", "pages"], True)


def test_counters_that_differ_from_a_recount_are_found(any_terminal: Terminal) -> None:
    any_terminal.makes_user("ada")
    miscount()
    found = any_terminal.run("doctor")
    assert found.code == 1
    assert "1 inboxes differ from a recount" in found.told
    assert "tidings doctor --fix" in found.told


def test_counters_that_differ_are_mended_when_asked(any_terminal: Terminal) -> None:
    any_terminal.makes_user("ada")
    miscount()
    assert "1 inboxes mended" in any_terminal.does("doctor", "--fix").told
    assert findings(any_terminal)["counters"]


def test_an_empty_database_wants_to_be_migrated(empty_terminal: Terminal) -> None:
    found = empty_terminal.run("doctor")
    assert found.code == 1
    assert "tidings migrate" in found.told


def test_a_database_that_does_not_answer_is_found(empty_terminal: Terminal) -> None:
    empty_terminal.set(database_url="postgresql://nobody@127.0.0.1:1/none", secret_keys=new_key_text())
    found = empty_terminal.run("doctor")
    assert found.code == 1
    assert "TIDINGS_DATABASE_URL" in found.told


def test_keys_that_are_missing_are_found(empty_terminal: Terminal) -> None:
    empty_terminal.set(database_url="postgresql://nobody@127.0.0.1:1/none")
    found = empty_terminal.run("doctor")
    assert found.code == 1
    assert "TIDINGS_SECRET_KEYS must be set" in found.told


def test_a_setting_that_cannot_be_is_found(empty_terminal: Terminal) -> None:
    empty_terminal.set(log_level="LOUD")
    found = empty_terminal.run("doctor")
    assert found.code == 1
    assert "log_level" in found.told.lower()
