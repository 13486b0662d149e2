"""`tidings doctor`."""

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Executable, select, update

from tests.cli.terminal import Door, Terminal
from tidings.kernel.crypto import new_key_text
from tidings.notifications.models import Inbox, Notification
from tidings.outbox.models import Delivery
from tidings.outbox.types import DeliveryState

ALERT = ("send", "--to", "ada", "--title", "Look here", "--type", "account.security")
LONG_AGO = datetime(2026, 1, 5, tzinfo=UTC)


def miscount() -> None:
    """Make every inbox claim more than it holds, as no request can."""
    change(update(Inbox).values(unread=99))


def change(*statements: Executable) -> None:
    """Change the database behind everybody's back."""

    async def spoil() -> None:
        door = Door()
        async with door, door.tidings.database.write() as session:
            for statement in statements:
                await session.execute(statement)

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
    checks = [
        "configuration",
        "database",
        "schema",
        "counters",
        "outbox",
        "audit log",
        "recurring tasks",
        "mail",
        "pages",
    ]
    assert findings(terminal) == dict.fromkeys(checks, True)


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
    assert list(empty_terminal.data_dir.iterdir()) == []  # looking makes nothing


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


def test_mail_that_is_due_is_fine_for_a_while(any_terminal: Terminal) -> None:
    any_terminal.makes_user("ada")
    any_terminal.does(*ALERT)
    assert "1 due, 0 being sent" in any_terminal.does("doctor").told


@pytest.mark.parametrize(
    "values",
    [
        {"due_at": LONG_AGO},
        {"state": DeliveryState.SENDING, "lease_until": LONG_AGO, "lease_token": UUID(int=1)},
    ],
    ids=["due", "left by a worker"],
)
def test_mail_that_nobody_sends_is_found(any_terminal: Terminal, values: dict[str, Any]) -> None:
    any_terminal.makes_user("ada")
    any_terminal.does(*ALERT)
    change(update(Delivery).values(values))
    found = any_terminal.run("doctor")
    assert found.code == 1
    assert "nobody sends: start `tidings serve`, or `tidings worker`" in found.told


def test_a_long_queue_is_fine_while_somebody_sends(any_terminal: Terminal) -> None:
    any_terminal.makes_user("ada")
    for _ in range(2):
        any_terminal.does(*ALERT)
    is_held = {"state": DeliveryState.SENDING, "lease_until": datetime(2100, 1, 1, tzinfo=UTC)}
    newest = select(Delivery.id).order_by(Delivery.id.desc()).limit(1).scalar_subquery()
    change(update(Delivery).values(due_at=LONG_AGO), update(Delivery).where(Delivery.id == newest).values(is_held))
    assert "1 due, 1 being sent" in any_terminal.does("doctor").told


def test_what_could_not_be_sent_is_told_and_not_held_against_it(any_terminal: Terminal) -> None:
    any_terminal.makes_user("ada")
    any_terminal.does(*ALERT)
    change(update(Delivery).values(state=DeliveryState.DEAD))
    told = any_terminal.does("doctor").told
    assert "1 dead" in told
    assert "retry what should still go" in told


def test_time_that_nobody_keeps_is_found(any_terminal: Terminal) -> None:
    any_terminal.makes_user("ada")
    any_terminal.does("send", "--to", "ada", "--title", "Hello")
    change(update(Notification).values(expires_at=LONG_AGO, next_change_at=LONG_AGO))
    assert not findings(any_terminal)["recurring tasks"]


def test_a_mail_server_that_does_not_answer_is_found(terminal: Terminal) -> None:
    terminal.set(smtp_url="smtp://ada:sesame-street@127.0.0.1:1")
    found = terminal.run("doctor")
    assert found.code == 1
    assert "TIDINGS_SMTP_URL" in found.told
    assert "sesame" not in found.told


def test_mail_settings_that_cannot_be_are_found(terminal: Terminal) -> None:
    terminal.set(mail_from="nobody")
    found = terminal.run("doctor")
    assert found.code == 1
    assert "TIDINGS_MAIL_FROM" in found.told
