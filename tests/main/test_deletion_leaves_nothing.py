"""Whoever is deleted is gone from every row of every table, save what docs/explanation/what-deletion-leaves.md says."""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias
from uuid import UUID

import msgspec
import pytest
from sqlalchemy import Connection, Table, select

from tests.main.belongings import NEW_EMAIL, fill, names_of_users
from tests.world import Person, World
from tidings.accounts.letter_limits.counting import mailbox_of
from tidings.kernel.db import Base

Dump: TypeAlias = Mapping[str, list[str]]

STAYS = {"tidings_audit_log", "tidings_signals", "tidings_letter_counts"}
"""What the page lets pass of an account that never told anybody anything."""
ELSEWHERE = {"tidings_audit_log", "tidings_stream_presence", "tidings_sign_in_failures"}


def everything(connection: Connection) -> dict[str, list[str]]:
    """Every row as text, bytes as hexadecimal digits, by table."""
    return {table.name: [_shown(row) for row in connection.execute(select(table))] for table in _tables()}


def _shown(row: Iterable[Any]) -> str:
    return " ".join(value.hex() if isinstance(value, bytes) else _text(value) for value in row).casefold()


def _text(value: object) -> str:
    return msgspec.json.encode(value, enc_hook=str).decode()


def _tables() -> list[Table]:
    return Base.metadata.sorted_tables


async def dump(world: World) -> dict[str, list[str]]:
    async with world.tidings.database.read() as session:
        return await (await session.connection()).run_sync(everything)


def traces_of(person: Person) -> set[str]:
    """How a row could say who this was: id, names, addresses, and digests of them."""
    return {str(person.id), person.id.hex, *words_of(person), *digests_of(person)}


def words_of(person: Person) -> set[str]:
    return {person.name, f"{person.name}@example.org", NEW_EMAIL, f"{person.name}-at-host"}


def digests_of(person: Person) -> set[str]:
    words = words_of(person)
    mailboxes = {mailbox_of(word) for word in words if "@" in word}
    return {hashlib.sha256(form.encode()).hexdigest() for form in words | {w.title() for w in words} | mailboxes}


def found(dumped: Dump, traces: Iterable[str]) -> dict[str, list[str]]:
    hits = {name: [row for row in rows if any(trace in row for trace in traces)] for name, rows in dumped.items()}
    return {name: rows for name, rows in hits.items() if rows}


@pytest.fixture
async def quincy(world: World) -> Person:
    """Somebody whose name is in nothing but what is theirs, and who has everything."""
    person = await world.make_person("quincy", external_id="quincy-at-host")
    await fill(person)
    return person


async def test_everything_that_can_name_a_user_is_there_before(world: World, quincy: Person) -> None:
    filled = found(await dump(world), {str(quincy.id), quincy.id.hex})
    can = {table.name for table in _tables() if names_of_users(table)} | {"tidings_users"}
    assert can - ELSEWHERE <= set(filled)
    assert {"tidings_sign_in_failures", "tidings_idempotency_keys", "tidings_deliveries"} <= set(filled)
    assert "tidings_letter_counts" in found(await dump(world), traces_of(quincy))


@pytest.mark.parametrize("by", ["themselves", "an administrator"])
async def test_nothing_of_them_is_there_afterwards(world: World, grace: Person, quincy: Person, by: str) -> None:
    if by == "themselves":
        assert (await quincy.client.delete("/users/me")).status_code == 204
    else:
        assert (await grace.client.delete(f"/users/{quincy.id}")).status_code == 204
    left = found(await dump(world), traces_of(quincy))
    assert set(left) <= STAYS, {name: rows for name, rows in left.items() if name not in STAYS}
    names = traces_of(quincy) - {str(quincy.id), quincy.id.hex}
    assert found(await dump(world), names - digests_of(quincy)) == {}
    assert set(found(await dump(world), names)) == {"tidings_letter_counts"}


async def test_the_words_that_were_for_them_alone_are_gone_and_those_for_others_stay(
    world: World, ada: Person, grace: Person, quincy: Person
) -> None:
    to = [str(quincy.id), str(ada.id)]
    event = {"to": to, "type": "message", "title": "For both", "source": "shop", "dedupe_key": "both"}
    sent = (await world.app.client.post("/notifications", json=event)).json()
    await grace.client.delete(f"/users/{quincy.id}")
    dumped = await dump(world)
    assert found(dumped, ["a word for one alone"]) == {}
    assert set(found(dumped, ["for both"])) == {"tidings_events", "tidings_notifications"}
    again = await world.app.client.post("/notifications", json=event | {"to": [str(ada.id)]})
    assert (again.json()["event_id"], again.json()["deduplicated"]) == (sent["event_id"], True)
    assert [UUID(each["user_id"]) for each in again.json()["notifications"]] == [ada.id]


async def test_nothing_of_others_goes_with_them(world: World, ada: Person, grace: Person, quincy: Person) -> None:
    entry = await ada.receives("message", title="For Ada")
    before = found(await dump(world), {str(ada.id)})
    await grace.client.delete(f"/users/{quincy.id}")
    assert found(await dump(world), {str(ada.id)}) == before
    assert (await ada.sees(entry["id"]))["title"] == "For Ada"
