"""What happened after a cursor, over plain HTTP."""

from typing import Any

import pytest
from sqlalchemy import update

from tests.notifications.answers import NOTIFICATION, NOTIFICATION_FOR_KEYS, pointers, refusal
from tests.world import App, Person, World
from tidings.notifications.cursors import renew_epoch
from tidings.notifications.models import Inbox


async def changes(person: Person, since: str, **params: Any) -> dict[str, Any]:
    answer = await person.client.get("/notifications/changes", params={"since": since, **params})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_nothing_happened(ada: Person) -> None:
    since = await ada.cursor()
    assert await changes(ada, since) == {
        "changes": [],
        "deleted": [],
        "cursor": since,
        "has_more": False,
        "unread_count": 0,
        "unseen_count": 0,
        "reset": False,
    }


async def test_changed_entries_come_in_the_order_of_their_last_change(ada: Person) -> None:
    since = await ada.cursor()
    first, second = await ada.receives(title="first"), await ada.receives(title="second")
    read = await ada.does("read", first["id"])
    told = await changes(ada, since)
    assert told["changes"] == [second, read]
    assert {frozenset(entry) for entry in told["changes"]} == {NOTIFICATION}
    assert (told["unread_count"], told["unseen_count"], told["cursor"]) == (1, 1, await ada.cursor())


async def test_what_is_gone_is_named(ada: Person) -> None:
    since = await ada.cursor()
    kept, gone = await ada.receives(), await ada.receives()
    await ada.client.delete(f"/notifications/{gone['id']}")
    told = await changes(ada, since)
    assert ([entry["id"] for entry in told["changes"]], told["deleted"]) == ([kept["id"]], [gone["id"]])


async def test_the_cursor_of_the_list_resumes_there(ada: Person) -> None:
    await ada.receives()
    since = (await ada.client.get("/notifications")).json()["cursor"]
    entry = await ada.receives()
    assert (await changes(ada, since))["changes"] == [entry]


async def test_a_long_gap_is_read_in_pages(ada: Person) -> None:
    cursor = await ada.cursor()
    sent = [await ada.receives(title=str(number)) for number in range(5)]
    await ada.client.delete(f"/notifications/{sent[1]['id']}")
    pages: list[dict[str, Any]] = []
    while not pages or pages[-1]["has_more"]:
        pages.append(await changes(ada, cursor, limit=2))
        cursor = pages[-1]["cursor"]
    assert [entry["title"] for page in pages for entry in page["changes"]] == ["0", "2", "3", "4"]
    assert [len(page["changes"]) + len(page["deleted"]) for page in pages] == [2, 2, 1]
    assert cursor == await ada.cursor()


async def test_a_thousand_changes_at_once_are_paged_without_a_reset(ada: Person, app: App) -> None:
    since = await ada.cursor()
    for _ in range(3):
        await ada.receives()
    await ada.client.post("/notifications/read-all")
    told = await changes(ada, since, limit=500)
    assert (len(told["changes"]), told["has_more"], told["reset"]) == (3, False, False)


async def test_a_restored_database_resets_every_device(ada: Person, world: World) -> None:
    await ada.receives()
    since = await ada.cursor()
    async with world.tidings.database.write() as session:
        await renew_epoch(session)
    told = await changes(ada, since)
    assert (told["reset"], told["changes"], told["deleted"], told["has_more"]) == (True, [], [], False)
    assert (await changes(ada, told["cursor"]))["reset"] is False


async def test_a_cursor_ahead_of_the_inbox_resets(ada: Person) -> None:
    epoch, revision, shared = (await ada.cursor()).split(".")
    assert (await changes(ada, f"{epoch}.{int(revision) + 1}.{shared}"))["reset"] is True
    assert (await changes(ada, f"{epoch}.{10**18 - 1}.{10**18 - 1}"))["reset"] is True


async def test_a_cursor_below_what_is_kept_resets(ada: Person, world: World) -> None:
    since = await ada.cursor()
    await ada.receives()
    just_there = await ada.cursor()
    await ada.receives()
    async with world.tidings.database.write() as session:
        await session.execute(update(Inbox).where(Inbox.user_id == ada.id).values(floor=1))
    assert (await changes(ada, since))["reset"] is True
    assert (await changes(ada, just_there))["reset"] is False


async def test_another_persons_cursor_is_refused(ada: Person, grace: Person) -> None:
    answer = await grace.client.get("/notifications/changes", params={"since": await ada.cursor()})
    assert refusal(answer) == (422, "invalid_cursor")


@pytest.mark.parametrize(
    "since", ["", "x", "1.2.3", "0" * 16 + ".1", "0" * 16 + ".-1.0", "0" * 16 + ".1.0\n", "٣" * 16 + ".1.0"]
)
async def test_a_garbage_cursor_is_refused(ada: Person, since: str) -> None:
    answer = await ada.client.get("/notifications/changes", params={"since": since})
    assert refusal(answer) == (422, "invalid_cursor")


async def test_a_cursor_is_required(ada: Person) -> None:
    answer = await ada.client.get("/notifications/changes")
    assert (refusal(answer), pointers(answer)) == ((422, "invalid_request"), ["/query/since"])


@pytest.mark.parametrize("limit", [0, 501, 10**9, -1])
async def test_a_page_holds_1_to_500_changes(ada: Person, limit: int) -> None:
    answer = await ada.client.get("/notifications/changes", params={"since": await ada.cursor(), "limit": limit})
    assert (refusal(answer), pointers(answer)) == ((422, "invalid_request"), ["/query/limit"])


async def test_a_key_sees_whose_changes_they_are(app: App, ada: Person) -> None:
    since = await ada.cursor()
    await ada.receives()
    found = await app.client.get("/notifications/changes", params={"since": since, "user": "ada"})
    assert [frozenset(entry) for entry in found.json()["changes"]] == [NOTIFICATION_FOR_KEYS]
