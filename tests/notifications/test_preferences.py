"""What people want to be told: their switches, and what each one does."""

from typing import Any

import pytest

from tests.clock import StoppedClock
from tests.notifications.answers import CHANNELS, PLANNED, pointers, refusal
from tests.notifications.storage import stored
from tests.world import App, Person, World

ME = "/notifications/preferences/me"
ALL_ON = {"in_app_enabled": True, "email_enabled": True, "push_enabled": True, "type_preferences": {}}
SOME_OFF = {
    "in_app_enabled": True,
    "email_enabled": False,
    "push_enabled": True,
    "type_preferences": {"insight": {"in_app": False, "email": True}},
}


async def preferences(person: Person) -> dict[str, Any]:
    found: dict[str, Any] = (await person.client.get(ME)).json()
    return found


async def test_who_never_chose_has_everything_on_and_nothing_stored(ada: Person, world: World) -> None:
    moment = "2026-03-02T09:30:00Z"
    assert await preferences(ada) == ALL_ON | {"created_at": moment, "updated_at": moment}
    assert (await stored(world.tidings)).preferences == 0


async def test_what_get_gives_put_takes_back(ada: Person, clock: StoppedClock) -> None:
    await ada.client.put(ME, json=SOME_OFF)
    before = await preferences(ada)
    clock.advance(hours=1)
    answer = await ada.client.put(ME, json=before)
    assert answer.status_code == 200
    assert answer.json() == before | {"updated_at": "2026-03-02T10:30:00Z"}
    assert await preferences(ada) == answer.json()


async def test_defaults_can_be_put_back_too(ada: Person) -> None:
    before = await preferences(ada)
    assert (await ada.client.put(ME, json=before)).json() == before


async def test_put_replaces_everything(ada: Person) -> None:
    await ada.client.put(ME, json=SOME_OFF)
    answer = (await ada.client.put(ME, json=ALL_ON)).json()
    assert {name: answer[name] for name in ALL_ON} == ALL_ON


@pytest.mark.parametrize("missing", list(ALL_ON))
async def test_put_wants_the_whole(ada: Person, missing: str) -> None:
    answer = await ada.client.put(ME, json={name: value for name, value in ALL_ON.items() if name != missing})
    assert (refusal(answer), pointers(answer)) == ((422, "invalid_request"), [f"/{missing}"])


async def test_patch_changes_what_it_names(ada: Person) -> None:
    await ada.client.put(ME, json=SOME_OFF)
    answer = (await ada.client.patch(ME, json={"push_enabled": False})).json()
    assert {name: answer[name] for name in SOME_OFF} == SOME_OFF | {"push_enabled": False}
    assert await preferences(ada) == answer


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"sms_enabled": True}, "/sms_enabled"),
        ({"user_id": "ada"}, "/user_id"),
        ({"in_app_enabled": "perhaps"}, "/in_app_enabled"),
        ({"type_preferences": {"insight": {"fax": True}}}, "/type_preferences/insight/fax"),
        ({"type_preferences": {"insight": {"email": None}}}, "/type_preferences/insight/email"),
        ({"type_preferences": {"": {}}}, "/type_preferences//[key]"),
        ({"type_preferences": {str(number): {} for number in range(501)}}, "/type_preferences"),
    ],
)
async def test_a_wrong_patch_changes_nothing(ada: Person, body: dict[str, Any], pointer: str) -> None:
    before = await preferences(ada)
    answer = await ada.client.patch(ME, json=body)
    assert (refusal(answer), pointers(answer)) == ((422, "invalid_request"), [pointer])
    assert await preferences(ada) == before


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"in_app_enabled": False}, "channel_off"),
        ({"type_preferences": {"system": {"in_app": False}}}, "type_off"),
    ],
)
async def test_what_is_switched_off_is_neither_listed_nor_counted_but_explained(
    ada: Person, changes: dict[str, Any], reason: str
) -> None:
    await ada.client.patch(ME, json=changes)
    cursor = await ada.cursor()
    entry = await ada.receives("system")
    assert entry["sent_in_app"] is False
    assert await ada.titles(include_dismissed=True) == []
    assert (await ada.counts(), await ada.cursor()) == ((0, 0, 0), cursor)
    told = (await ada.client.get("/notifications/changes", params={"since": cursor})).json()
    assert (told["changes"], told["deleted"]) == ([], [])
    decisions = (await ada.client.get(f"/notifications/{entry['id']}/explain")).json()["decisions"]
    assert (decisions[0]["verdict"], decisions[0]["reason"]) == ("skip", reason)


@pytest.mark.parametrize("verb", ["read", "unread", "dismiss", "restore"])
async def test_what_is_switched_off_cannot_be_acted_on(ada: Person, verb: str) -> None:
    await ada.client.patch(ME, json={"in_app_enabled": False})
    entry = await ada.receives()
    answer = await ada.client.post(f"/notifications/{entry['id']}/{verb}")
    assert refusal(answer) == (404, "notification_not_found")
    bulk = {"notification_ids": [entry["id"]], "action": "mark_read"}
    assert (await ada.client.post("/notifications/bulk", json=bulk)).json()["affected_count"] == 0


async def test_switching_one_type_off_leaves_the_others(ada: Person) -> None:
    await ada.client.patch(ME, json={"type_preferences": {"insight": {"in_app": False}}})
    await ada.receives("insight", title="insight")
    await ada.receives("alert", title="alert")
    assert await ada.titles() == ["alert"]


async def test_switches_hold_for_what_comes_and_not_for_what_is_there(ada: Person) -> None:
    await ada.receives(title="before")
    await ada.client.patch(ME, json={"in_app_enabled": False})
    assert await ada.titles() == ["before"]


async def test_a_required_type_passes_over_every_switch(ada: Person) -> None:
    await ada.client.patch(ME, json={"in_app_enabled": False, "type_preferences": {"security.code": {"in_app": False}}})
    entry = await ada.receives("security.code", title="A code")
    assert await ada.titles() == ["A code"]
    decisions = (await ada.client.get(f"/notifications/{entry['id']}/explain")).json()["decisions"]
    assert (decisions[0]["verdict"], decisions[0]["reason"]) == ("send", "required")


async def test_everybody_has_their_own_switches_in_one_event(app: App, ada: Person, grace: Person) -> None:
    await ada.client.patch(ME, json={"in_app_enabled": False})
    event = {"to": ["ada", "grace"], "type": "system", "title": "Hello"}
    assert (await app.client.post("/notifications", json=event)).json()["accepted"] == 2
    assert (await ada.titles(), await grace.titles()) == ([], ["Hello"])


async def test_a_preview_shows_what_last_week_would_have_been(ada: Person, clock: StoppedClock) -> None:
    await ada.receives("insight", title="long ago")
    clock.advance(days=7, seconds=1)
    entry = await ada.receives("insight", title="this week")
    await ada.receives("alert")
    before = await preferences(ada)
    answer = await ada.client.post(f"{ME}/preview", json=SOME_OFF)
    [changed] = answer.json()["changed"]
    assert set(changed) == {"notification_id", "before", "after"}
    assert changed["notification_id"] == entry["id"]
    for plan, verdict in ((changed["before"], ("send", "default")), (changed["after"], ("skip", "type_off"))):
        assert [each["channel"] for each in plan] == CHANNELS
        assert {frozenset(each) for each in plan} == {PLANNED}
        assert (plan[0]["verdict"], plan[0]["reason"]) == verdict
    assert await preferences(ada) == before


async def test_a_preview_of_the_same_preferences_changes_nothing(ada: Person) -> None:
    await ada.receives()
    assert (await ada.client.post(f"{ME}/preview", json=await preferences(ada))).json() == {"changed": []}


async def test_a_recipient_has_preferences_too(app: App, guest: Person) -> None:
    assert (await guest.client.patch(ME, json={"in_app_enabled": False})).status_code == 200
    read = await app.client.get(ME, params={"user": "guest-1"})
    assert read.json()["in_app_enabled"] is False
