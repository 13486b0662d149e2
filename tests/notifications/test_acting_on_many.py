"""What a person does with many entries at once: read-all, seen-all, bulk."""

from typing import Any

import pytest

from tests.clock import StoppedClock
from tests.notifications.answers import pointers, refusal
from tests.world import Person

AFFECTED = {"success", "affected_count", "message"}


async def act(person: Person, path: str, body: Any = None) -> dict[str, Any]:
    answer = await person.client.post(f"/notifications/{path}", json=body)
    assert answer.status_code == 200, answer.text
    assert set(answer.json()) == AFFECTED
    assert answer.json()["success"] is True
    affected: dict[str, Any] = answer.json()
    return affected


@pytest.mark.parametrize(("path", "word"), [("read-all", "read"), ("seen-all", "seen")])
async def test_everything_at_once_says_how_many(ada: Person, path: str, word: str) -> None:
    for _ in range(2):
        await ada.receives()
    assert await act(ada, path) == {
        "success": True,
        "affected_count": 2,
        "message": f"Marked 2 notifications as {word}",
    }
    assert (await act(ada, path))["affected_count"] == 0


async def test_one_entry_is_one_notification(ada: Person) -> None:
    await ada.receives()
    assert (await act(ada, "read-all", {}))["message"] == "Marked 1 notification as read"


async def test_reading_all_and_seeing_all_move_their_counters(ada: Person) -> None:
    await ada.receives()
    await act(ada, "seen-all")
    assert await ada.counts() == (1, 0, 1)
    await act(ada, "read-all")
    assert await ada.counts() == (0, 0, 1)


async def test_a_repeat_changes_nothing(ada: Person) -> None:
    await ada.receives()
    await act(ada, "read-all")
    cursor = await ada.cursor()
    await act(ada, "read-all")
    await act(ada, "seen-all")
    assert await ada.cursor() == cursor


@pytest.mark.parametrize("path", ["read-all", "seen-all"])
async def test_one_type_at_once(ada: Person, path: str) -> None:
    await ada.receives("insight")
    other = await ada.receives("alert")
    assert (await act(ada, path, {"notification_type": "insight"}))["affected_count"] == 1
    assert await ada.sees(other["id"]) == other


@pytest.mark.parametrize("path", ["read-all", "seen-all"])
async def test_what_came_before_a_time_at_once(ada: Person, clock: StoppedClock, path: str) -> None:
    await ada.receives(title="before")
    clock.advance(minutes=1)
    moment = clock.now().isoformat()
    at_that_time = await ada.receives(title="just then")
    assert (await act(ada, path, {"before": moment}))["affected_count"] == 1
    assert await ada.sees(at_that_time["id"]) == at_that_time


async def test_reading_all_leaves_dismissed_and_snoozed_entries_alone(ada: Person) -> None:
    dismissed, snoozed = await ada.receives(), await ada.receives()
    await ada.does("dismiss", dismissed["id"])
    await ada.does("snooze", snoozed["id"], until="2026-04-01T00:00:00Z")
    assert (await act(ada, "read-all"))["affected_count"] == 0
    assert (await ada.sees(dismissed["id"]))["is_read"] is False


@pytest.mark.parametrize("path", ["read-all", "seen-all"])
@pytest.mark.parametrize(
    "body", [{"type": "insight"}, {"before": "2026-03-02"}, {"before": "2026-03-02T09:30:00"}, [], "all"]
)
async def test_a_wrong_body_is_refused(ada: Person, path: str, body: Any) -> None:
    await ada.receives()
    assert refusal(await ada.client.post(f"/notifications/{path}", json=body)) == (422, "invalid_request")
    assert await ada.counts() == (1, 1, 1)


@pytest.mark.parametrize("path", ["read-all", "seen-all"])
async def test_an_unknown_type_is_refused(ada: Person, path: str) -> None:
    answer = await ada.client.post(f"/notifications/{path}", json={"notification_type": "nonsense"})
    assert refusal(answer) == (422, "unknown_type")


@pytest.mark.parametrize(
    ("action", "message", "counts"),
    [
        ("mark_read", "Marked 2 notifications as read", (1, 1, 3)),
        ("dismiss", "Dismissed 2 notifications", (1, 1, 1)),
        ("delete", "Deleted 2 notifications", (1, 1, 1)),
    ],
)
async def test_bulk(ada: Person, action: str, message: str, counts: tuple[int, int, int]) -> None:
    entries = [await ada.receives() for _ in range(3)]
    ids = [entry["id"] for entry in entries[:2]]
    assert await act(ada, "bulk", {"notification_ids": ids, "action": action}) == {
        "success": True,
        "affected_count": 2,
        "message": message,
    }
    assert await ada.counts() == counts
    assert (await act(ada, "bulk", {"notification_ids": ids, "action": action}))["affected_count"] == 0


async def test_bulk_unread(ada: Person) -> None:
    entry = await ada.receives()
    await ada.does("read", entry["id"])
    affected = await act(ada, "bulk", {"notification_ids": [entry["id"]], "action": "mark_unread"})
    assert affected["message"] == "Marked 1 notification as unread"
    assert await ada.counts() == (1, 0, 1)


async def test_foreign_and_unknown_ids_are_not_affected(ada: Person, grace: Person) -> None:
    entry = await ada.receives()
    ids = [entry["id"], "0198c0de-0000-7000-8000-000000000000"]
    assert (await act(grace, "bulk", {"notification_ids": ids, "action": "delete"}))["affected_count"] == 0
    assert await ada.sees(entry["id"]) == entry


async def test_an_id_named_twice_is_affected_once(ada: Person) -> None:
    entry = await ada.receives()
    body = {"notification_ids": [entry["id"], entry["id"].upper()], "action": "mark_read"}
    assert (await act(ada, "bulk", body))["affected_count"] == 1


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"notification_ids": [], "action": "delete"}, "/notification_ids"),
        (
            {"notification_ids": ["0198c0de-0000-7000-8000-000000000000"] * 1_001, "action": "delete"},
            "/notification_ids",
        ),
        ({"notification_ids": ["nonsense"], "action": "delete"}, "/notification_ids/0"),
        ({"notification_ids": ["0198c0de-0000-7000-8000-000000000000"], "action": "restore"}, "/action"),
        ({"notification_ids": ["0198c0de-0000-7000-8000-000000000000"]}, "/action"),
    ],
)
async def test_a_wrong_bulk_is_refused(ada: Person, body: dict[str, Any], pointer: str) -> None:
    answer = await ada.client.post("/notifications/bulk", json=body)
    assert refusal(answer) == (422, "invalid_request")
    assert pointers(answer) == [pointer]
