"""What an inbox held comes over with an import: as it was, once, and without anything being sent again."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from tests.accounts.racing import at_once
from tests.main.post import deliveries, kept
from tests.main.test_export import EXPORT, MANIFEST, exported, imports, packed, steps
from tests.world import Person, World
from tidings.accounts.audit.types import SERVER
from tidings.accounts.exports.importing import take_in
from tidings.accounts.exports.reading import read_archive, read_records
from tidings.notifications import importing
from tidings.notifications.cursors import parse_cursor
from tidings.notifications.entries import entry_id
from tidings.notifications.exporting import EXPORTED
from tidings.notifications.recounting import find_miscounts
from tidings.notifications.streams import change_reader

KEPT = ("title", "message", "type", "priority", "data", "actor", "action_url", "icon", "group_key", "created_at")
STATE = ("is_seen", "is_read", "read_at", "is_dismissed", "dismissed_at", "snoozed_until", "expires_at")


async def listed(person: Person, **filters: Any) -> list[dict[str, Any]]:
    found = await person.client.get("/notifications", params={"page_size": 100, "include_dismissed": True, **filters})
    entries: list[dict[str, Any]] = found.json()["notifications"]
    return entries


def only(entries: Sequence[Mapping[str, Any]], *fields: str) -> list[dict[str, Any]]:
    return [{name: entry[name] for name in fields} for entry in entries]


def archive(*entries: Mapping[str, Any]) -> bytes:
    return packed({"manifest.json": MANIFEST, "notifications.json": list(entries)})


def an_entry(world: World, **said: Any) -> dict[str, Any]:
    """An entry as an export has it."""
    nothing = ("action_url", "action_text", "icon", "image_url", "group_key", "why", "seen_at", "read_at")
    times = ("dismissed_at", "snoozed_until", "expires_at", "deleted_at")
    entry = dict.fromkeys((*nothing, *times, "actor")) | {"type_code": 203, "priority": 1, "title": "Well done"}
    entry |= {"id": str(uuid4()), "message": "", "data": {}, "in_inbox": True}
    return entry | {"created_at": world.clock.now().isoformat()} | said


async def an_eventful_life(ada: Person) -> None:
    """One entry of each kind."""
    clock = ada.world.clock
    for title in ("unread", "read", "dismissed", "snoozed", "deleted", "full"):
        said: dict[str, Any] = {"title": title}
        if title == "full":
            said |= {"message": "**All** of it", "priority": "urgent", "icon": "trophy", "group_key": "games"}
            said |= {"action_url": "/games", "actor": "ada", "data": {"points": [1, 2.5, None]}}
        entry = await ada.receives("achievement", **said)
        clock.advance(hours=1)
        if title == "snoozed":
            await ada.does("snooze", entry["id"], until=(clock.now() + timedelta(days=90)).isoformat())
        elif title == "deleted":
            await ada.client.delete(f"/notifications/{entry['id']}")
        elif title in {"read", "dismissed"}:
            await ada.does({"read": "read", "dismissed": "dismiss"}[title], entry["id"])


async def test_entries_come_over_with_their_state_and_the_counters_are_right(ada: Person, grace: Person) -> None:
    await an_eventful_life(ada)
    theirs, before = await listed(ada), await ada.counts()
    answer = await imports(grace, packed(await exported(ada)))
    assert answer.json()["imported"]["notifications"] == 5  # of six, one was deleted
    assert await grace.counts() == before
    here = await listed(grace)
    assert only(here, *KEPT, *STATE) == only(theirs, *KEPT, *STATE)
    assert not {entry["id"] for entry in here} & {entry["id"] for entry in theirs}
    async with grace.world.tidings.database.read() as session:
        assert await find_miscounts(session) == []


async def test_nothing_is_taken_in_twice_nor_back_to_where_it_came_from(ada: Person, grace: Person) -> None:
    await an_eventful_life(ada)
    files = packed(await exported(ada))
    await imports(grace, files)
    first = [await listed(grace), await grace.counts()]
    assert (await imports(grace, files)).json()["imported"]["notifications"] == 0
    assert [await listed(grace), await grace.counts()] == first
    own = [await listed(ada), await ada.counts()]
    assert (await imports(ada, files)).json()["imported"]["notifications"] == 0
    assert [await listed(ada), await ada.counts()] == own


async def carried(person: Person) -> bytes:
    """Everything of this person's as they carry it away."""
    await person.client.post(EXPORT)
    async for step in steps(person):
        await step
    return (await person.client.get(f"{EXPORT}/download")).content


async def test_what_was_carried_through_other_accounts_adds_nothing_where_it_came_from(
    world: World, ada: Person, grace: Person
) -> None:
    linus = await world.make_person("linus")
    await an_eventful_life(ada)
    await grace.receives("achievement", title="Grace's own")
    first, own, before = await carried(ada), await listed(ada), await ada.counts()
    await imports(grace, first)
    second = await carried(grace)
    assert (await imports(linus, second)).json()["imported"]["notifications"] == 6
    third = await carried(linus)
    for content in (first, second, third):
        for person in (grace, linus):
            assert (await imports(person, content)).json()["imported"]["notifications"] == 0
    assert (await imports(ada, second)).json()["imported"]["notifications"] == 1  # Grace's own
    assert (await imports(ada, third)).json()["imported"]["notifications"] == 0
    assert [entry for entry in await listed(ada) if entry["title"] != "Grace's own"] == own
    assert await ada.counts() == tuple(count + 1 for count in before)
    async with world.tidings.database.read() as session:
        assert await find_miscounts(session) == []


async def test_what_was_deleted_where_it_came_from_does_not_come_back(ada: Person, grace: Person) -> None:
    entry = await ada.receives("achievement")
    await imports(grace, await carried(ada))
    await ada.client.delete(f"/notifications/{entry['id']}")
    back = await carried(grace)
    assert (await imports(ada, back)).json()["imported"]["notifications"] == 0
    assert await listed(ada, notification_type="achievement") == []


async def test_one_entry_by_two_ways_in_one_archive_is_one(world: World, ada: Person) -> None:
    entry = an_entry(world)
    brought = f"{entry['id'][:14]}8{entry['id'][15:]}"
    content = archive(entry, an_entry(world, event_id=brought), an_entry(world, event_id=str(uuid4())))
    assert (await imports(ada, content)).json()["imported"] == {"notifications": 2}


async def test_of_sixteen_imports_of_one_archive_at_once_one_brings_it(world: World, ada: Person) -> None:
    """Past the unpacking, which is done for one at a time."""
    whole = await read_archive(archive(*(an_entry(world) for _ in range(20))))
    records = await read_records(whole, EXPORTED)

    async def take(session: AsyncSession) -> int:
        taken = await take_in(session, ada.id, records, None, by=SERVER, now=world.clock.now())
        return taken["notifications"]

    assert sorted(await at_once(world.tidings.database, take)) == [0] * 15 + [20]
    assert await ada.counts() == (20, 20, 20)
    async with world.tidings.database.read() as session:
        assert await find_miscounts(session) == []


async def test_what_was_deleted_after_an_import_does_not_come_back(world: World, ada: Person) -> None:
    content = archive(an_entry(world))
    await imports(ada, content)
    (entry,) = await listed(ada)
    await ada.client.delete(f"/notifications/{entry['id']}")
    assert (await imports(ada, content)).json()["imported"] == {"notifications": 0}
    assert await listed(ada) == []


async def test_nothing_is_sent_again_and_a_page_hears_of_changes_and_not_of_news(
    world: World, ada: Person, tmp_path: Path
) -> None:
    await ada.client.patch("/notifications/preferences/me", json={"email_enabled": True})
    since = await ada.cursor()
    await imports(ada, archive(an_entry(world, type_code=111, title="Your password was changed")))
    assert (await deliveries(world.tidings), kept(tmp_path)) == ([], 0)
    changes = (await ada.client.get("/notifications/changes", params={"since": since})).json()
    assert [each["title"] for each in changes["changes"]] == ["Your password was changed"]
    position = parse_cursor(since)
    assert position is not None
    told = await change_reader(world.tidings.database, world.tidings.types)(ada.id, position, 10)
    assert [each.event for each in told.changes] == ["updated"]
    (entry,) = await listed(ada)
    explained = (await ada.client.get(f"/notifications/{entry['id']}/explain")).json()["decisions"]
    assert {each["channel"] for each in explained if each["verdict"] == "send"} == {"in_app"}


async def test_a_snooze_that_came_over_ends_like_any_other(world: World, ada: Person) -> None:
    until = world.clock.now() + timedelta(hours=1)
    await imports(ada, archive(an_entry(world, snoozed_until=until.isoformat(), seen_at=until.isoformat())))
    assert await ada.counts() == (0, 0, 0)
    world.clock.advance(hours=2)
    await world.runs("sweep")
    assert await ada.counts() == (1, 1, 1)


async def test_what_has_expired_or_never_was_in_an_inbox_stays_behind(world: World, ada: Person) -> None:
    over = (world.clock.now() - timedelta(seconds=1)).isoformat()
    content = archive(
        an_entry(world, expires_at=over), an_entry(world, deleted_at=over), an_entry(world, in_inbox=False)
    )
    assert (await imports(ada, content)).json()["imported"] == {"notifications": 0}


async def test_entries_stand_where_their_time_puts_them(world: World, ada: Person) -> None:
    await ada.receives("achievement", title="today")
    now = world.clock.now()
    times = {"last year": now - timedelta(days=365), "in the future": now + timedelta(days=365), "never": None}
    entries = [
        an_entry(world, title=title, created_at=(moment or now.replace(year=1)).isoformat())
        for title, moment in times.items()
    ]
    world.clock.advance(seconds=1)
    assert (await imports(ada, archive(*entries))).status_code == 200
    assert await ada.titles() == ["in the future", "today", "last year", "never"]
    assert (await listed(ada))[0]["created_at"] <= world.clock.now().isoformat().replace("+00:00", "Z")


async def test_an_entry_of_an_archive_cannot_take_the_place_of_one_that_is_still_to_come(
    world: World, ada: Person
) -> None:
    event = (await ada.receives("achievement"))["event_id"]
    other = await world.make_person("linus")
    await imports(other, archive(an_entry(world, id=event), an_entry(world, id=str(entry_id(uuid4(), other.id)))))
    assert event not in {entry["event_id"] for entry in await listed(other)}


@pytest.mark.parametrize(
    "said",
    [
        {"id": "1"},
        {"type_code": 2**31},
        {"priority": 4},
        {"title": "x" * 251},
        {"message": "x" * 4_001},
        {"data": {"x": "y" * 17_000}},
        {"data": {"x": 2**64}},
        {"action_url": "javascript:alert(1)"},
        {"created_at": None},
    ],
)
async def test_an_entry_no_sender_could_have_made_is_refused_with_the_whole_archive(
    world: World, ada: Person, said: dict[str, Any]
) -> None:
    refused = await imports(ada, archive(an_entry(world), an_entry(world, **said)))
    assert (refused.status_code, refused.json()["code"]) == (422, "import_refused")
    assert refused.json()["errors"][0]["pointer"].startswith("/file/notifications.json/")
    assert await listed(ada) == []


async def test_an_archive_of_a_long_life_brings_its_newest_entries(
    world: World, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "MAX_TAKEN", 3)
    now = world.clock.now()
    entries = [an_entry(world, title=str(n), created_at=(now - timedelta(days=n)).isoformat()) for n in range(5)]
    assert (await imports(ada, archive(*entries))).json()["imported"] == {"notifications": 3}
    assert await ada.titles() == ["0", "1", "2"]


async def test_an_import_that_fails_later_leaves_no_entry(world: World, ada: Person) -> None:
    files = {"manifest.json": MANIFEST, "notifications.json": [an_entry(world)], "photo.webp": b"<svg/>"}
    refused: httpx.Response = await imports(ada, packed(files))
    assert refused.json()["code"] == "photo_refused"
    assert (await listed(ada), await ada.counts()) == ([], (0, 0, 0))


async def test_what_was_dismissed_does_not_come_back_at_the_end_of_a_snooze(world: World, ada: Person) -> None:
    now = world.clock.now()
    both = {"dismissed_at": now.isoformat(), "snoozed_until": (now + timedelta(hours=1)).isoformat()}
    assert (await imports(ada, archive(an_entry(world, **both)))).status_code == 200
    world.clock.advance(hours=2)
    await world.runs("sweep")
    async with world.tidings.database.read() as session:
        assert await find_miscounts(session) == []
    assert (await listed(ada))[0]["is_dismissed"]
