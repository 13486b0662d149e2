"""Profiles: one's own, what administrators change of others, and what everybody may see."""

from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select, update

from tests.accounts.pictures import picture, put
from tests.accounts.world import PASSWORD, World, code
from tidings.accounts.audit.models import AuditEntry
from tidings.accounts.contributors import Contributors
from tidings.accounts.models import User
from tidings.accounts.server_settings.models import ServerSettings
from tidings.accounts.server_settings.reading import default_settings
from tidings.accounts.types import AccountState, Scope
from tidings.kernel.bindings import bind

ME = "/api/v1/users/me"
FLAGS = {
    f"hide_activity_{what}"
    for what in (
        *("start_time", "location", "map", "hr", "power", "cadence"),
        *("elevation", "speed", "pace", "laps", "workout_sets_steps", "gear"),
    )
}
WHOLE = {
    "name": "Ada King",
    "username": "Ada.King",
    "preferred_language": "cn",
    "city": "London",
    "birthdate": "1815-12-10",
    "gender": "female",
    "units": "imperial",
    "height": 300,
    "max_heart_rate": 30,
    "first_day_of_week": "sunday",
    "currency": "pound",
}


async def test_one_s_own_profile_says_what_is_connected_and_what_is_shown(world: World, ada: User) -> None:
    async with await world.browser_of(ada) as browser:
        me = (await browser.get(ME)).json()
    assert (me["is_strava_linked"], me["is_garminconnect_linked"]) == (0, 0)
    assert me["default_activity_visibility"] == "private"
    assert {name: me[name] for name in FLAGS} == dict.fromkeys(FLAGS, False)


async def test_a_connected_service_is_told_by_whoever_connects_it(world: World, ada: User) -> None:
    async def linked(_session: object, user_id: object, /) -> set[str]:
        return {"strava"} if user_id == ada.id else set()

    bind(world.database.engine, Contributors(linked_services=[linked]))
    async with await world.browser_of(ada) as browser:
        me = (await browser.get(ME)).json()
    assert (me["is_strava_linked"], me["is_garminconnect_linked"]) == (1, 0)


async def test_one_s_own_profile_says_whether_there_is_a_password(world: World, ada: User) -> None:
    async with await world.browser_of(ada) as browser:
        assert (await browser.get(ME)).json()["has_password"] is True
        async with world.database.write() as session:
            await session.execute(update(User).where(User.id == ada.id).values(password_hash=None))
        assert (await browser.get(ME)).json()["has_password"] is False


async def test_signing_in_shows_the_same_profile(world: World, ada: User) -> None:
    async with world.client() as browser:
        shown = (await browser.post("/api/v1/auth/login", json={"login": "ada", "password": PASSWORD})).json()["user"]
        assert shown == (await browser.get(ME)).json()


async def test_every_field_can_be_changed_and_what_is_left_out_stays(world: World, ada: User) -> None:
    async with await world.browser_of(ada) as browser:
        assert (await browser.patch(ME, json=WHOLE)).status_code == 200
        world.clock.advance(hours=1)
        changed = (await browser.patch(ME, json={"city": None})).json()
        assert (await browser.get(ME)).json() == changed
    assert {name: changed[name] for name in WHOLE} == {**WHOLE, "username": "ada.king", "city": None}
    assert changed["updated_at"] > changed["created_at"]


async def test_a_change_that_changes_nothing_leaves_no_trace(world: World, ada: User) -> None:
    world.clock.advance(hours=1)
    async with await world.browser_of(ada) as browser:
        before = (await browser.get(ME)).json()
        assert (await browser.patch(ME, json={"name": before["name"]})).json() == before
    assert await changes(world, ada) == []


async def test_the_log_names_the_fields_and_never_what_stood_in_them(world: World, ada: User, grace: User) -> None:
    async with await world.browser_of(grace) as admin:
        await admin.patch(f"/api/v1/users/{ada.id}", json={"city": "Geneva", "birthdate": "1815-12-10"})
    assert await changes(world, ada) == [(grace.id, {"changed": ["city", "birthdate"]})]


async def changes(world: World, user: User) -> list[tuple[Any, Any]]:
    async with world.database.read() as session:
        entries = select(AuditEntry).where(AuditEntry.target_id == user.id, AuditEntry.action == "account.changed")
        return [(entry.actor_id, entry.detail) for entry in await session.scalars(entries.order_by(AuditEntry.id))]


@pytest.mark.parametrize(
    "body",
    [
        {"name": ""},
        {"name": "x" * 251},
        {"name": None},
        {"username": "a b"},
        {"username": None},
        {"username": "ädä"},
        {"city": "x" * 251},
        {"birthdate": "10/12/1815"},
        {"preferred_language": "en-US"},
        {"gender": None},
        {"units": "cubits"},
        {"height": 0},
        {"height": 301},
        {"max_heart_rate": 29},
        {"max_heart_rate": 251},
        {"first_day_of_week": "Monday"},
        {"currency": "eur"},
    ],
)
async def test_a_value_out_of_shape_changes_nothing(world: World, ada: User, body: dict[str, Any]) -> None:
    async with await world.browser_of(ada) as browser:
        before = (await browser.get(ME)).json()
        refused = await browser.patch(ME, json={"city": "Turin", **body})
        assert code(refused) == (422, "invalid_request")
        assert (await browser.get(ME)).json() == before


async def test_a_profile_that_is_sent_back_with_its_photo_never_loses_it(world: World, ada: User) -> None:
    async with await world.browser_of(ada) as browser:
        await put(browser, picture())
        me = (await browser.get(ME)).json()
        for echo in ({"photo_url": me["photo_url"]}, {"photo_url": None}, {"photo_path": None}, {"photo_id": None}):
            assert code(await browser.patch(ME, json={"city": "Turin", **echo})) == (422, "invalid_request")
        assert (await browser.get(ME)).json() == me
        assert (await browser.get(me["photo_url"])).status_code == 200


async def test_a_username_that_is_taken_in_any_case_is_refused(world: World, ada: User, grace: User) -> None:
    async with await world.browser_of(ada) as browser:
        refused = await browser.patch(ME, json={"username": "GRACE", "city": "Turin"})
        assert code(refused) == (422, "username_taken")
        assert (await browser.get(ME)).json()["city"] is None


async def test_an_administrator_changes_the_profile_of_anybody(
    world: World, ada: User, guest: User, grace: User
) -> None:
    async with await world.browser_of(grace) as admin, await world.browser_of(ada) as browser:
        assert (await admin.patch(f"/api/v1/users/{ada.id}", json={**WHOLE, "external_id": "a-1"})).status_code == 200
        assert (await browser.get(ME)).json()["external_id"] == "a-1"
        assert (await admin.patch(f"/api/v1/users/{guest.id}", json={"name": "Guest"})).json()["name"] == "Guest"
        taken = await admin.patch(f"/api/v1/users/{ada.id}", json={"external_id": "guest-1"})
        assert code(taken) == (422, "external_id_taken")
        assert code(await admin.patch(f"/api/v1/users/{uuid4()}", json={"city": "x"})) == (404, "user_not_found")
        assert code(await browser.patch(f"/api/v1/users/{ada.id}", json={"city": "x"})) == (403, "forbidden")


@pytest.mark.parametrize("field", ["state", "email_verified", "mfa_enabled", "password_hash", "password", "id"])
async def test_not_even_an_administrator_writes_what_has_a_way_of_its_own(
    world: World, ada: User, grace: User, field: str
) -> None:
    async with await world.browser_of(grace) as admin:
        refused = await admin.patch(f"/api/v1/users/{ada.id}", json={field: "active"})
    assert refused.json()["errors"] == [
        {"pointer": f"/{field}", "code": "extra_forbidden", "detail": "Extra inputs are not permitted"}
    ]


async def test_other_rights_are_given_by_administrators_and_end_every_session(
    world: World, ada: User, grace: User
) -> None:
    async with await world.browser_of(grace) as admin, await world.browser_of(ada) as browser:
        raised = await admin.patch(f"/api/v1/users/{ada.id}", json={"access_type": "admin", "city": "Turin"})
        assert (raised.json()["access_type"], raised.json()["city"]) == ("admin", "Turin")
        assert code(await browser.get(ME)) == (401, "not_authenticated")
    async with await world.browser_of(ada) as browser:
        assert (await browser.patch(f"/api/v1/users/{grace.id}", json={"access_type": "regular"})).status_code == 200
        last = await browser.patch(f"/api/v1/users/{ada.id}", json={"access_type": "regular"})
        assert code(last) == (409, "last_admin")


async def test_a_key_that_writes_users_changes_no_account(world: World, ada: User) -> None:
    async with world.client(bearer=await world.key(Scope.USERS_WRITE)) as server:
        assert code(await server.patch(f"/api/v1/users/{ada.id}", json={"city": "x"})) == (403, "insufficient_scope")


async def let_links_be_shared(world: World, **shown: bool) -> None:
    async with world.database.write() as session:
        settings: ServerSettings = await session.merge(default_settings())
        for name, value in shown.items():
            setattr(settings, name, value)


@pytest.mark.parametrize(("links", "people"), [(False, False), (True, False), (False, True)])
async def test_nobody_is_shown_to_the_world_unless_both_settings_say_so(
    world: World, ada: User, links: bool, people: bool
) -> None:
    await let_links_be_shared(world, public_shareable_links=links, public_shareable_links_user_info=people)
    async with world.client() as anybody:
        assert code(await anybody.get(f"/api/v1/public/users/{ada.id}")) == (404, "user_not_found")


async def test_the_world_sees_three_fields_of_active_people(world: World, ada: User, guest: User) -> None:
    await let_links_be_shared(world, public_shareable_links=True, public_shareable_links_user_info=True)
    eve = await world.add("eve", state=AccountState.SUSPENDED)
    async with world.client() as anybody:
        shown = await anybody.get(f"/api/v1/public/users/{ada.id}")
        assert shown.json() == {"name": "Ada", "username": "ada", "photo_url": None}
        absent = {
            (await anybody.get(f"/api/v1/public/users/{each}")).text.replace(str(each), "…")
            for each in (eve.id, guest.id, uuid4())
        }
    assert len(absent) == 1
