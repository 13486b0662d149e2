"""What a person does with one entry: read, unread, dismiss, restore, snooze, delete."""

from datetime import timedelta
from typing import Any

import pytest

from tests.clock import StoppedClock
from tests.notifications.answers import NOTIFICATION, refusal
from tests.world import App, Person, World

ABSENT = "0198c0de-0000-7000-8000-000000000000"
TOMORROW = {"until": "2026-03-03T09:30:00Z"}
VERBS = [
    ("POST", "/read", None),
    ("POST", "/unread", None),
    ("POST", "/dismiss", None),
    ("POST", "/restore", None),
    ("POST", "/snooze", TOMORROW),
    ("DELETE", "", None),
    ("GET", "", None),
    ("GET", "/explain", None),
]


async def test_reading_twice_keeps_the_first_time(ada: Person, clock: StoppedClock) -> None:
    entry = await ada.receives("achievement")
    first = await ada.does("read", entry["id"])
    clock.advance(hours=1)
    second = await ada.does("read", entry["id"])
    assert first["read_at"] == second["read_at"] == "2026-03-02T09:30:00Z"


async def test_reading_makes_an_entry_read_and_seen(ada: Person) -> None:
    entry = await ada.receives()
    read = await ada.does("read", entry["id"])
    assert frozenset(read) == NOTIFICATION
    assert (read["is_read"], read["is_seen"]) == (True, True)
    assert await ada.counts() == (0, 0, 1)


async def test_unreading_leaves_an_entry_seen(ada: Person) -> None:
    entry = await ada.receives()
    await ada.does("read", entry["id"])
    unread = await ada.does("unread", entry["id"])
    assert (unread["is_read"], unread["read_at"], unread["is_seen"]) == (False, None, True)
    assert await ada.counts() == (1, 0, 1)


async def test_dismissing_takes_an_entry_out_of_the_list_and_the_counters(ada: Person) -> None:
    entry = await ada.receives()
    dismissed = await ada.does("dismiss", entry["id"])
    assert (dismissed["is_dismissed"], dismissed["dismissed_at"]) == (True, "2026-03-02T09:30:00Z")
    assert await ada.titles() == []
    assert await ada.titles(include_dismissed=True) == [entry["title"]]
    assert await ada.counts() == (0, 0, 0)


async def test_restoring_brings_a_dismissed_entry_back_where_it_was(ada: Person, clock: StoppedClock) -> None:
    entry = await ada.receives(title="old")
    clock.advance(seconds=1)
    await ada.receives(title="new")
    await ada.does("dismiss", entry["id"])
    restored = await ada.does("restore", entry["id"])
    assert (restored["is_dismissed"], restored["dismissed_at"]) == (False, None)
    assert await ada.titles() == ["new", "old"]
    assert await ada.counts() == (2, 1, 2)


async def test_snoozing_hides_an_entry(ada: Person) -> None:
    entry = await ada.receives()
    snoozed = await ada.does("snooze", entry["id"], until="2026-03-03T10:00:00+01:00")
    assert snoozed["snoozed_until"] == "2026-03-03T09:00:00Z"
    assert await ada.titles() == []
    assert await ada.counts() == (0, 0, 0)


async def test_restoring_ends_a_snooze(ada: Person, clock: StoppedClock, world: World) -> None:
    entry = await ada.receives()
    await ada.does("snooze", entry["id"], **TOMORROW)
    restored = await ada.does("restore", entry["id"])
    assert restored["snoozed_until"] is None
    await ada.does("read", entry["id"])
    clock.advance(days=2)
    await world.runs("sweep")
    assert (await ada.sees(entry["id"]))["is_read"] is True


async def test_dismissing_ends_a_snooze_and_snoozing_a_dismissal(ada: Person) -> None:
    entry = await ada.receives()
    await ada.does("snooze", entry["id"], **TOMORROW)
    dismissed = await ada.does("dismiss", entry["id"])
    assert (dismissed["is_dismissed"], dismissed["snoozed_until"]) == (True, None)
    snoozed = await ada.does("snooze", entry["id"], **TOMORROW)
    assert (snoozed["is_dismissed"], snoozed["snoozed_until"]) == (False, TOMORROW["until"])


async def test_deleting_removes_an_entry_for_good(ada: Person) -> None:
    entry = await ada.receives()
    gone = await ada.client.delete(f"/notifications/{entry['id']}")
    assert (gone.status_code, gone.content) == (204, b"")
    assert await ada.titles(include_dismissed=True) == []
    assert await ada.counts() == (0, 0, 0)
    assert refusal(await ada.client.delete(f"/notifications/{entry['id']}")) == (404, "notification_not_found")
    assert refusal(await ada.client.get(f"/notifications/{entry['id']}")) == (404, "notification_not_found")


async def test_a_deleted_entry_is_still_explained(ada: Person) -> None:
    entry = await ada.receives()
    await ada.client.delete(f"/notifications/{entry['id']}")
    explained = await ada.client.get(f"/notifications/{entry['id']}/explain")
    assert (explained.status_code, explained.json()["decisions"][0]["verdict"]) == (200, "send")


@pytest.mark.parametrize(
    ("verb", "body"), [("read", {}), ("unread", {}), ("dismiss", {}), ("restore", {}), ("snooze", TOMORROW)]
)
async def test_repeating_a_verb_changes_nothing(
    ada: Person, clock: StoppedClock, verb: str, body: dict[str, Any]
) -> None:
    entry = await ada.receives()
    first = await ada.does(verb, entry["id"], **body)
    cursor, counts = await ada.cursor(), await ada.counts()
    clock.advance(minutes=1)
    assert await ada.does(verb, entry["id"], **body) == first
    assert (await ada.cursor(), await ada.counts()) == (cursor, counts)


@pytest.mark.parametrize(("method", "path", "body"), VERBS)
async def test_a_foreign_entry_is_as_absent_as_one_that_never_was(
    ada: Person, grace: Person, method: str, path: str, body: dict[str, Any] | None
) -> None:
    entry = await ada.receives()
    answers = [
        await grace.client.request(method, f"/notifications/{notification_id}{path}", json=body)
        for notification_id in (entry["id"], ABSENT)
    ]
    assert [refusal(answer) for answer in answers] == [(404, "notification_not_found")] * 2
    foreign, absent = (answer.json() | {"instance": ""} for answer in answers)
    assert foreign == absent
    assert await ada.sees(entry["id"]) == entry


@pytest.mark.parametrize(("method", "path", "body"), VERBS)
async def test_an_id_that_is_none_is_refused(ada: Person, method: str, path: str, body: dict[str, Any] | None) -> None:
    answer = await ada.client.request(method, f"/notifications/nonsense{path}", json=body)
    assert refusal(answer) == (422, "invalid_request")


@pytest.mark.parametrize("until", ["2026-03-02T09:30:00Z", "2020-01-01T00:00:00Z", "0001-01-01T00:00:00Z"])
async def test_a_snooze_ends_later_than_now(ada: Person, until: str) -> None:
    entry = await ada.receives()
    answer = await ada.client.post(f"/notifications/{entry['id']}/snooze", json={"until": until})
    assert refusal(answer) == (422, "snooze_in_past")
    assert await ada.counts() == (1, 1, 1)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"until": None},
        {"until": "tomorrow"},
        {"until": "2026-03-03T09:30:00"},
        {"until": "9999-12-31T23:59:59-05:00"},
        {"until": "0001-01-01T00:00:00+05:00"},
        {"until": "2026-03-03T09:30:00Z", "why": "busy"},
    ],
)
async def test_a_snooze_names_a_time_with_its_zone(ada: Person, body: dict[str, Any]) -> None:
    entry = await ada.receives()
    answer = await ada.client.post(f"/notifications/{entry['id']}/snooze", json=body)
    assert refusal(answer) == (422, "invalid_request")


async def test_a_recipient_acts_in_their_own_inbox(app: App, guest: Person) -> None:
    entry = await guest.receives()
    assert (await guest.does("read", entry["id"]))["is_read"] is True
    assert frozenset(entry) == NOTIFICATION


async def test_time_passing_alone_changes_nothing(ada: Person, clock: StoppedClock) -> None:
    entry = await ada.receives(expires_at=(clock.now() + timedelta(minutes=5)).isoformat())
    clock.advance(hours=1)
    assert await ada.sees(entry["id"]) == entry
    assert await ada.counts() == (1, 1, 1)
