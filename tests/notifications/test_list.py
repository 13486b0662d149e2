"""The list: newest first, in pages that neither repeat nor skip, filtered and searched."""

from typing import Any

import pytest

from tests.notifications.answers import NOTIFICATION, pointers, refusal
from tests.world import App, Person

LIST = {
    "notifications",
    "total",
    "unread_count",
    "unseen_count",
    "page",
    "page_size",
    "has_more",
    "next_cursor",
    "cursor",
}


async def receive_many(ada: Person, count: int, *, start: int = 1, **event: Any) -> list[str]:
    """Titles 1, 2, 3 …, one a second."""
    titles = [str(number) for number in range(start, start + count)]
    for title in titles:
        ada.world.clock.advance(seconds=1)
        await ada.receives(title=title, **event)
    return titles


async def test_an_empty_inbox(ada: Person) -> None:
    found = (await ada.client.get("/notifications")).json()
    assert found | {"cursor": ""} == {
        "notifications": [],
        "total": 0,
        "unread_count": 0,
        "unseen_count": 0,
        "page": 1,
        "page_size": 20,
        "has_more": False,
        "next_cursor": None,
        "cursor": "",
    }


async def test_the_list_has_exactly_the_documented_fields_newest_first(ada: Person) -> None:
    await receive_many(ada, 3)
    found = (await ada.client.get("/notifications")).json()
    assert set(found) == LIST
    assert [entry["title"] for entry in found["notifications"]] == ["3", "2", "1"]
    assert {frozenset(entry) for entry in found["notifications"]} == {NOTIFICATION}
    assert (found["total"], found["unread_count"], found["unseen_count"]) == (3, 3, 3)
    assert found["cursor"] == await ada.cursor()


async def test_pages_by_cursor_neither_repeat_nor_skip_while_others_arrive(ada: Person) -> None:
    titles = await receive_many(ada, 7)
    seen: list[str] = []
    params: dict[str, Any] = {"page_size": 2}
    while True:
        page = (await ada.client.get("/notifications", params=params)).json()
        seen += [entry["title"] for entry in page["notifications"]]
        assert page["has_more"] is (page["next_cursor"] is not None)
        if page["next_cursor"] is None:
            break
        params["cursor"] = page["next_cursor"]
        await receive_many(ada, 1, start=100)
    assert seen == titles[::-1]


async def test_the_link_header_leads_to_the_next_page(ada: Person) -> None:
    await receive_many(ada, 3, type="insight")
    first = await ada.client.get("/notifications", params={"page_size": 2, "notification_type": "insight"})
    target, relation = first.headers["link"].split("; ")
    second = await ada.client.get(f"http://testserver{target.strip('<>')}")
    assert relation == 'rel="next"'
    assert [entry["title"] for entry in second.json()["notifications"]] == ["1"]
    assert second.json()["next_cursor"] is None
    assert "link" not in second.headers


@pytest.mark.parametrize(("number", "size"), [("page", "page_size"), ("page_number", "num_records")])
async def test_pages_by_number(ada: Person, number: str, size: str) -> None:
    await receive_many(ada, 5)
    pages = [(await ada.client.get("/notifications", params={number: n, size: 2})).json() for n in (1, 2, 3, 4)]
    assert [[entry["title"] for entry in page["notifications"]] for page in pages] == [
        ["5", "4"],
        ["3", "2"],
        ["1"],
        [],
    ]
    assert [page["page"] for page in pages] == [1, 2, 3, 4]
    assert [page["has_more"] for page in pages] == [True, True, False, False]
    assert {page["total"] for page in pages} == {5}


@pytest.mark.parametrize("params", [{"page_size": 0}, {"page_size": 101}, {"page_size": 10**9}, {"page_size": -1}])
async def test_a_page_has_1_to_100_entries(ada: Person, params: dict[str, int]) -> None:
    answer = await ada.client.get("/notifications", params=params)
    assert refusal(answer) == (422, "invalid_request")
    assert pointers(answer) == ["/query/page_size"]


@pytest.mark.parametrize("page", [0, -1, 10**9, 10**30])
async def test_a_page_number_is_a_small_positive_number(ada: Person, page: int) -> None:
    assert refusal(await ada.client.get("/notifications", params={"page": page})) == (422, "invalid_request")


@pytest.mark.parametrize(
    ("filters", "titles"),
    [
        ({"unread_only": True}, ["alert", "insight"]),
        ({"notification_type": "insight"}, ["insight"]),
        ({"notification_type": "streak"}, []),
        ({"priority": "high"}, ["alert"]),
        ({"priority": "medium"}, ["read", "insight"]),
        ({"include_dismissed": True}, ["snoozed", "dismissed", "read", "alert", "insight"]),
        ({"unread_only": True, "priority": "high"}, ["alert"]),
        ({"search": "INSI"}, ["insight"]),
        ({"search": "body of alert"}, ["alert"]),
    ],
)
async def test_filters(ada: Person, filters: dict[str, Any], titles: list[str]) -> None:
    entries = {}
    for title, priority in (
        ("insight", "medium"),
        ("alert", "high"),
        ("read", "medium"),
        ("dismissed", "low"),
        ("snoozed", "low"),
    ):
        ada.world.clock.advance(seconds=1)
        kind = title if title in {"insight", "alert"} else "system"
        entries[title] = await ada.receives(kind, title=title, message=f"body of {title}", priority=priority)
    await ada.does("read", entries["read"]["id"])
    await ada.does("dismiss", entries["dismissed"]["id"])
    await ada.does("snooze", entries["snoozed"]["id"], until="2026-04-01T00:00:00Z")
    found = (await ada.client.get("/notifications", params=filters)).json()
    assert [entry["title"] for entry in found["notifications"]] == titles
    assert found["total"] is None
    assert (found["unread_count"], found["unseen_count"]) == (2, 2)


@pytest.mark.parametrize("search", ["%", "_", "\\", "/", "'", "100% off", "a_b", "\\%", "%25", "É"])
async def test_a_search_is_taken_literally(ada: Person, search: str) -> None:
    await ada.receives(title="plain")
    await ada.receives(title=f"odd {search} one")
    assert await ada.titles(search=search) == [f"odd {search} one"]


async def test_an_unknown_type_is_refused(ada: Person) -> None:
    answer = await ada.client.get("/notifications", params={"notification_type": "nonsense"})
    assert refusal(answer) == (422, "unknown_type")


async def test_a_cursor_of_another_persons_list_is_refused(ada: Person, grace: Person) -> None:
    await receive_many(ada, 2)
    cursor = (await ada.client.get("/notifications", params={"page_size": 1})).json()["next_cursor"]
    answer = await grace.client.get("/notifications", params={"page_size": 1, "cursor": cursor})
    assert refusal(answer) == (422, "invalid_cursor")


async def test_a_cursor_of_another_filter_is_refused(ada: Person) -> None:
    await receive_many(ada, 2)
    cursor = (await ada.client.get("/notifications", params={"page_size": 1})).json()["next_cursor"]
    answer = await ada.client.get("/notifications", params={"cursor": cursor, "unread_only": True})
    assert refusal(answer) == (422, "invalid_cursor")


@pytest.mark.parametrize("cursor", ["x", "AAAA", "A" * 64, "☃", "=", "a b", "0.0.0"])
async def test_a_garbage_cursor_is_refused(ada: Person, cursor: str) -> None:
    assert refusal(await ada.client.get("/notifications", params={"cursor": cursor})) == (422, "invalid_cursor")


async def test_a_key_pages_through_an_inbox_with_the_same_cursors(app: App, ada: Person) -> None:
    await receive_many(ada, 3)
    first = await app.client.get("/notifications", params={"user": "ada", "page_size": 2})
    rest = await app.client.get("/notifications", params={"user": str(ada.id), "cursor": first.json()["next_cursor"]})
    assert [entry["title"] for entry in rest.json()["notifications"]] == ["1"]


async def test_equal_times_keep_every_entry_once_over_pages(app: App, ada: Person) -> None:
    for number in range(5):
        await ada.receives(title=str(number))
    first = (await ada.client.get("/notifications", params={"page_size": 3})).json()
    rest = (await ada.client.get("/notifications", params={"cursor": first["next_cursor"]})).json()
    titles = [entry["title"] for page in (first, rest) for entry in page["notifications"]]
    assert sorted(titles) == ["0", "1", "2", "3", "4"]
