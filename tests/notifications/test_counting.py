"""The counters and their ETag, and the summary."""

import pytest

from tests.clock import StoppedClock
from tests.world import App, Person


async def test_counters_have_exactly_the_documented_fields(ada: Person) -> None:
    await ada.receives()
    assert (await ada.client.get("/notifications/count")).json() == {"unread_count": 1, "unseen_count": 1, "total": 1}


async def test_unchanged_counters_are_not_sent_again(ada: Person) -> None:
    await ada.receives()
    first = await ada.client.get("/notifications/count")
    again = await ada.client.get("/notifications/count", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])


@pytest.mark.parametrize("form", ["{}", "W/{}", '"other", {}', '"other",W/{} '])
async def test_every_form_of_the_tag_is_recognised(ada: Person, form: str) -> None:
    tag = (await ada.client.get("/notifications/count")).headers["etag"]
    again = await ada.client.get("/notifications/count", headers={"If-None-Match": form.format(tag)})
    assert again.status_code == 304


async def test_every_change_changes_the_tag(ada: Person) -> None:
    tags = [(await ada.client.get("/notifications/count")).headers["etag"]]
    entry = await ada.receives()
    for verb in ("read", "unread", "dismiss", "restore"):
        await ada.does(verb, entry["id"])
        answer = await ada.client.get("/notifications/count", headers={"If-None-Match": tags[-1]})
        assert answer.status_code == 200
        tags.append(answer.headers["etag"])
    assert len(set(tags)) == 5


async def test_the_tag_of_one_inbox_is_none_of_another(ada: Person, grace: Person) -> None:
    tags = [(await person.client.get("/notifications/count")).headers["etag"] for person in (ada, grace)]
    assert tags[0] != tags[1]


async def test_a_summary_of_an_empty_inbox(ada: Person) -> None:
    assert (await ada.client.get("/notifications/stats/summary")).json() == {
        "total": 0,
        "unread": 0,
        "by_type": {},
        "by_priority": {"low": 0, "medium": 0, "high": 0, "urgent": 0},
        "recent_count_7d": 0,
        "recent_count_30d": 0,
    }


async def test_a_summary_counts_what_is_listed(app: App, guest: Person, clock: StoppedClock) -> None:
    whose = {"user": "guest-1"}

    async def receives(kind: str, priority: str = "medium") -> str:
        event = {"to": ["guest-1"], "type": kind, "title": kind, "priority": priority}
        sent = await app.client.post("/notifications", json=event)
        entry: str = sent.json()["notifications"][0]["id"]
        return entry

    await receives("insight", "low")
    clock.advance(days=20)
    await app.client.post(f"/notifications/{await receives('insight')}/read", params=whose)
    clock.advance(days=11)
    await receives("alert", "urgent")
    await app.client.post(f"/notifications/{await receives('alert')}/dismiss", params=whose)
    assert (await app.client.get("/notifications/stats/summary", params=whose)).json() == {
        "total": 3,
        "unread": 2,
        "by_type": {"insight": 2, "alert": 1},
        "by_priority": {"low": 1, "medium": 1, "high": 0, "urgent": 1},
        "recent_count_7d": 1,
        "recent_count_30d": 2,
    }
