"""What the users module documents (U in PARITY, in its order), shown on ours; docs/parity.md lists it."""

from typing import Any

import pyotp
import pytest
from sqlalchemy import select

from tests.accounts.mailbox import newest
from tests.accounts.pictures import opened, picture, put
from tests.accounts.world import PASSWORD
from tests.parity.signing_up import LINUS, act, found, open_sign_up, sign_in, sign_up, verify
from tests.world import Person, World
from tidings.accounts.models import User
from tidings.accounts.privacy.models import Privacy
from tidings.accounts.server_settings.reading import default_settings
from tidings.accounts.types import AccountState
from tidings.notifications.models import Inbox

DOCUMENTED = {
    *("id", "name", "username", "email", "city", "birthdate", "preferred_language", "gender", "units", "height"),
    *("max_heart_rate", "access_type", "photo_url", "active", "first_day_of_week", "currency", "mfa_enabled"),
    *("email_verified", "pending_admin_approval", "external_auth_count"),
}
OF_ONESELF = {
    *("is_strava_linked", "is_garminconnect_linked", "default_activity_visibility", "hide_activity_start_time"),
    *("hide_activity_location", "hide_activity_map", "hide_activity_hr", "hide_activity_power"),
    *("hide_activity_cadence", "hide_activity_elevation", "hide_activity_speed", "hide_activity_pace"),
    *("hide_activity_laps", "hide_activity_workout_sets_steps", "hide_activity_gear"),
}


async def users(person: Person, **query: Any) -> dict[str, Any]:
    """A page of the list of users."""
    answer = await person.client.get("/users", params=query)
    assert answer.status_code == 200, answer.text
    page: dict[str, Any] = answer.json()
    return page


def names(page: dict[str, Any]) -> list[str]:
    return [user["username"] for user in page["records"]]


async def test_u1_get_all_users(ada: Person, grace: Person) -> None:
    page = await users(grace)
    assert names(page) == ["ada", "grace"]
    assert set(page["records"][0]) >= DOCUMENTED


async def test_u2_get_users_number(ada: Person, grace: Person) -> None:
    assert (await users(grace, num_records=1))["total"] == 2


async def test_u3_get_users_with_pagination(ada: Person, grace: Person) -> None:
    page = await users(grace, page_number=2, num_records=1)
    assert (names(page), page["total"], page["num_records"], page["page_number"]) == (["grace"], 2, 1, 2)


@pytest.mark.parametrize("search", ["ad", "ADA", "da"])
async def test_u4_get_user_by_username(ada: Person, grace: Person, search: str) -> None:
    assert names(await users(grace, search=search)) == ["ada"]


async def test_u5_get_user_by_email(ada: Person, grace: Person) -> None:
    assert names(await users(grace, search="Ada@Example.org")) == ["ada"]


async def test_u6_get_user_by_id(ada: Person, grace: Person) -> None:
    assert (await grace.client.get(f"/users/{ada.id}")).json()["username"] == "ada"


@pytest.mark.parametrize(("links", "people", "status"), [(True, True, 200), (True, False, 404), (False, True, 404)])
async def test_u6_get_user_by_id_with_public_check(
    world: World, ada: Person, links: bool, people: bool, status: int
) -> None:
    async with world.tidings.database.write() as session:
        settings = await session.merge(default_settings())
        settings.public_shareable_links, settings.public_shareable_links_user_info = links, people
    assert (await world.client().get(f"/public/users/{ada.id}")).status_code == status


async def test_u7_u18_get_users_admin(ada: Person, grace: Person) -> None:
    assert names(await users(grace, access_type="admin")) == ["grace"]


PROFILE = {
    "city": "Helsinki",
    "birthdate": "1990-05-17",
    "gender": "female",
    "height": 180,
    "max_heart_rate": 190,
    "preferred_language": "sv",
    "units": "imperial",
    "currency": "pound",
    "first_day_of_week": "sunday",
}


async def test_u8_create_user(world: World, grace: Person) -> None:
    """Whoever is given a password chooses another before anything else."""
    made = await grace.client.post("/users", json=LINUS | PROFILE)
    assert (made.status_code, made.json()["state"], made.json()["active"]) == (201, "active", True)
    assert {name: made.json()[name] for name in PROFILE} == PROFILE
    browser, _ = await sign_in(world)
    assert (await browser.get("/users/me")).json()["username"] == "linus"
    assert (await browser.get("/notifications")).json()["code"] == "password_change_required"


async def test_u9_create_signup_user(world: World, grace: Person) -> None:
    await open_sign_up(grace, approval=True, verification=True)
    answer = await sign_up(world, username="Linus", email="Linus@Example.org", **PROFILE)
    assert (answer.status_code, answer.json()) == (202, {"status": "accepted"})
    user = await found(grace)
    assert (user["state"], user["active"], user["access_type"]) == ("registered", False, "regular")
    assert (user["pending_admin_approval"], user["email_verified"]) == (True, False)
    assert {name: user[name] for name in ("email", *PROFILE)} == PROFILE | {"email": "linus@example.org"}
    [asked] = (await grace.client.get("/notifications")).json()["notifications"]
    assert (asked["type"], asked["type_code"], asked["data"]["user_username"]) == (
        "account.approval_requested",
        101,
        "linus",
    )


async def test_u10_edit_user(ada: Person, grace: Person) -> None:
    mine = await ada.client.patch("/users/me", json={"city": "London", "units": "imperial"})
    assert (mine.json()["city"], mine.json()["units"]) == ("London", "imperial")
    assert set(mine.json()) >= DOCUMENTED | OF_ONESELF
    theirs = await grace.client.patch(f"/users/{ada.id}", json={"city": None, "height": 170})
    assert (theirs.json()["city"], theirs.json()["height"], theirs.json()["units"]) == (None, 170, "imperial")


async def test_u11_approve_user(world: World, grace: Person) -> None:
    await open_sign_up(grace, approval=True)
    await sign_up(world)
    assert (await sign_in(world))[1] == 401
    approved = (await act(grace, "approve", (await found(grace))["id"])).json()
    assert (approved["state"], approved["pending_admin_approval"]) == ("active", False)
    assert (await sign_in(world))[1] == 200
    assert (await newest(world.tidings, "approved")).to == "linus@example.org"


async def test_u12_verify_user_email(world: World, grace: Person) -> None:
    await open_sign_up(grace, verification=True)
    await sign_up(world)
    assert (await sign_in(world))[1] == 401
    token = (await newest(world.tidings, "verify_email")).token
    assert (await verify(world, token)).json() == {"state": "active"}
    assert (await found(grace))["email_verified"] is True
    assert (await sign_in(world))[1] == 200


async def test_u13_edit_user_password(world: World, grace: Person) -> None:
    await open_sign_up(grace)
    await sign_up(world)
    (mine, _), (other, _) = await sign_in(world), await sign_in(world)
    chosen = {"password": "an umbrella in the library", "current_password": PASSWORD}
    assert (await mine.put("/users/me/password", json=chosen)).status_code == 200
    assert [(await each.get("/users/me")).status_code for each in (mine, other)] == [200, 401]
    assert [(await sign_in(world, password=each))[1] for each in (PASSWORD, chosen["password"])] == [401, 200]


async def test_u13_an_administrator_has_a_password_chosen_and_chooses_none(world: World, grace: Person) -> None:
    await open_sign_up(grace)
    await sign_up(world)
    assert (await act(grace, "password-reset", (await found(grace))["id"])).status_code == 200
    reset = {
        "token": (await newest(world.tidings, "password_reset")).token,
        "new_password": "an umbrella in the library",
    }
    assert (await world.client().post("/auth/password-reset/confirm", json=reset)).status_code == 200
    assert [(await sign_in(world, password=each))[1] for each in (PASSWORD, reset["new_password"])] == [401, 200]


async def test_u14_u22_update_user_photo(ada: Person, grace: Person) -> None:
    mine = (await put(ada.client, picture(), "/users/me/photo")).json()["photo_url"]
    theirs = (await put(grace.client, picture("JPEG"), f"/users/{ada.id}/photo")).json()["photo_url"]
    assert mine != theirs
    served = await ada.client.get(f"http://testserver{theirs}")
    assert opened(served.content).format == "WEBP"


async def test_u15_update_user_mfa(world: World, ada: Person, grace: Person) -> None:
    app = pyotp.TOTP((await ada.client.post("/users/me/mfa/totp")).json()["secret"])
    code = app.at(world.clock.now())
    await ada.client.post("/users/me/mfa/totp/confirm", json={"code": code})
    assert (await grace.client.get(f"/users/{ada.id}")).json()["mfa_enabled"] is True
    await ada.client.delete("/users/me/mfa/totp")
    shown = await grace.client.get(f"/users/{ada.id}")
    assert shown.json()["mfa_enabled"] is False
    assert app.secret not in shown.text


async def test_u16_delete_user(ada: Person, grace: Person) -> None:
    await ada.receives()
    assert (await grace.client.delete(f"/users/{ada.id}")).status_code == 204
    assert (await grace.client.get(f"/users/{ada.id}")).status_code == 404
    assert (await ada.client.get("/notifications")).status_code == 401


async def test_u16_a_user_deletes_themselves(ada: Person, grace: Person) -> None:
    assert (await ada.client.delete("/users/me")).status_code == 204
    assert names(await users(grace)) == ["grace"]


async def test_u19_check_password_and_hash(world: World, grace: Person) -> None:
    await open_sign_up(grace)
    await sign_up(world)
    assert [(await sign_in(world, login))[1] for login in ("LINUS", "Linus@Example.org")] == [200, 200]
    assert [(await sign_in(world, password=each))[1] for each in (f"{PASSWORD} ", PASSWORD.upper())] == [401, 401]


async def test_u23_delete_user_photo(ada: Person, grace: Person) -> None:
    for remover, path in ((ada, "/users/me/photo"), (grace, f"/users/{ada.id}/photo")):
        url = (await put(ada.client, picture(), "/users/me/photo")).json()["photo_url"]
        assert (await remover.client.delete(path)).status_code == 204
        assert (await ada.client.get(f"http://testserver{url}")).status_code == 404


async def test_u17_get_user_by_id_or_404(grace: Person) -> None:
    answer = await grace.client.get("/users/01890000-0000-7000-8000-000000000000")
    assert (answer.status_code, answer.json()["code"]) == (404, "user_not_found")


@pytest.mark.parametrize("state", [state for state in AccountState if state is not AccountState.RECIPIENT])
async def test_u20_check_user_is_active(world: World, grace: Person, state: AccountState) -> None:
    eve = await world.make_person("eve", state=state)
    is_let_in = (await eve.client.get("/users/me")).status_code == 200
    assert is_let_in == (state is AccountState.ACTIVE)
    assert (await grace.client.get(f"/users/{eve.id}")).json()["active"] == is_let_in


async def test_u21_create_user_default_data(world: World, ada: Person) -> None:
    """Privacy and an inbox; integrations, health targets and gear come with their packages."""
    async with world.tidings.database.read() as session:
        for table in (Privacy, Inbox):
            assert await session.get(table, ada.id) is not None
        user = await session.scalar(select(User).where(User.id == ada.id))
    assert user is not None
    assert (user.preferred_language, user.units, user.gender) == ("us", "metric", "unspecified")
    assert (user.first_day_of_week, user.currency) == ("monday", "euro")
