"""`tidings rotate-keys`."""

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from tests.cli.terminal import PASSWORD, Terminal, asked
from tidings import Tidings
from tidings.accounts.audit.recording import record
from tidings.accounts.audit.types import SERVER, AuditAction
from tidings.cli.rotating import needed_until
from tidings.kernel.crypto import new_key_text
from tidings.settings import Settings

OLD, NEW = new_key_text("k1"), new_key_text("k2")


def with_secret(terminal: Terminal) -> None:
    """Have the old key seal something."""
    terminal.set(secret_keys=OLD)
    terminal.makes_user("grace", "--admin")
    signed_in = asked("POST", "/auth/token", json={"login": "grace", "password": PASSWORD})
    tokens = signed_in.json()
    made = asked("POST", "/signing-secrets", token=tokens["access_token"], json={"name": "host"})
    assert made.status_code == 201, made.text


def test_after_it_the_old_key_is_needed_for_old_mail_alone_and_for_sixty_days(any_terminal: Terminal) -> None:
    with_secret(any_terminal)
    any_terminal.set(secret_keys=f"{NEW},{OLD}")
    first = json.loads(any_terminal.does("rotate-keys", "--json").out)
    assert (first["sealed_again"] > 0, first["unreadable"]) == (True, 0)
    until = datetime.fromisoformat(first["older_keys_needed_until"])
    assert abs(until - datetime.now(UTC) - timedelta(days=60)) < timedelta(minutes=5)
    again = any_terminal.does("rotate-keys").told
    assert f"0 secrets encrypted again; keys behind the first can be removed after {until:%Y-%m-%d}" in again
    assert "Only links to unsubscribe in mail sent before need them" in again
    third = json.loads(any_terminal.does("rotate-keys", "--json").out)
    assert third["older_keys_needed_until"] == first["older_keys_needed_until"]
    any_terminal.set(secret_keys=NEW)
    alone = any_terminal.does("rotate-keys")
    assert "0 secrets encrypted again; there are no keys behind the first" in alone.told
    assert "can be removed" not in alone.told


def test_after_sixty_days_it_says_that_the_old_key_can_go(any_terminal: Terminal) -> None:
    any_terminal.set(secret_keys=f"{NEW},{OLD}")
    any_terminal.does("migrate")
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, rotated(datetime.now(UTC) - timedelta(days=61))).result()
    told = any_terminal.does("rotate-keys").told
    assert "keys behind the first can be removed" in told
    assert "can be removed after" not in told
    assert "unsubscribe" not in told


async def rotated(at: datetime) -> None:
    """Have the log say that it was done then."""
    tidings = Tidings(settings=Settings())
    async with tidings.database.write() as session:
        detail = {"key": "k2", "sealed_again": 3, "unreadable": 0}
        await record(session, AuditAction.SECRETS_ROTATED, by=SERVER, now=at, detail=detail)
    await tidings.database.engine.dispose()


DAYS = [datetime(2026, 3, day, tzinfo=UTC) for day in range(1, 6)]


@pytest.mark.parametrize(
    ("rotations", "since"),
    [
        ([("k2", 5)], 0),
        ([("k2", 0)], 0),
        ([("k2", 5), ("k2", 0), ("k2", 0)], 0),
        ([("k2", 5), ("k2", 1), ("k2", 0)], 1),  # somebody had gone on with the old key
        ([("k2", 0), ("k2", 0)], 0),
        ([("k2", 5), ("k1", 5), ("k2", 0), ("k2", 0)], 2),
    ],
)
def test_the_sixty_days_begin_when_nothing_of_the_old_key_was_found_any_more(
    rotations: list[tuple[str, int]], since: int
) -> None:
    said = [{"key": key, "sealed_again": found} for key, found in rotations]
    until = needed_until(list(zip(DAYS, said, strict=False)), "k2")
    assert until == DAYS[since] + timedelta(days=60)


def test_a_key_that_is_gone_is_asked_for(terminal: Terminal) -> None:
    with_secret(terminal)
    terminal.set(secret_keys=NEW)
    refused = terminal.run("rotate-keys")
    assert (refused.code, refused.out) == (1, "")
    assert "1 secrets cannot be read" in refused.told
    assert "Put the key that sealed them back" in refused.told
