"""The fields and defaults of people, privacy and the server (U in PARITY), shown on ours; docs/parity.md lists them."""

from typing import Any

import pytest

from tests.accounts.world import PASSWORD
from tests.parity.signing_up import decide, found, open_sign_up, sign_in, sign_up
from tests.world import Person, World

PRIVACY = "/users/me/privacy"
DEFAULTS = {
    "preferred_language": "us",
    "gender": "unspecified",
    "units": "metric",
    "first_day_of_week": "monday",
    "currency": "euro",
    "access_type": "regular",
    **dict.fromkeys(("city", "birthdate", "height", "max_heart_rate", "photo_url")),
}
SETTINGS = {
    "units": "metric",
    "currency": "euro",
    "num_records_per_page": 25,
    "public_shareable_links": False,
    "public_shareable_links_user_info": False,
    "signup_enabled": False,
    "signup_require_admin_approval": True,
    "signup_require_email_verification": True,
    "sso_enabled": False,
    "local_login_enabled": True,
    "sso_auto_redirect": False,
    "password_type": "nist",
    "password_length_regular_users": 15,
    "password_length_admin_users": 15,
}
HIDDEN = [
    f"hide_activity_{what}"
    for what in (
        *("start_time", "location", "map", "hr", "power", "cadence", "elevation", "speed", "pace", "laps"),
        *("workout_sets_steps", "gear"),
    )
]
ENUMS = {
    "preferred_language": ["ca", "cn", "tw", "de", "fr", "gl", "it", "nl", "pt", "sl", "sv", "es", "us"],
    "gender": ["male", "female", "unspecified"],
    "units": ["metric", "imperial"],
    "first_day_of_week": ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"],
    "currency": ["euro", "dollar", "pound"],
}
BOUNDS: dict[str, tuple[list[Any], list[Any]]] = {
    "name": (["A", "A" * 250], ["", "A" * 251, None]),
    "username": (["a", "Ada.1", "a" * 250], ["", "a" * 251, "ada lovelace", "ada_1", "adá"]),
    "city": (["", "C" * 250, None], ["C" * 251]),
    "birthdate": (["1815-12-10", None], ["10.12.1815"]),
    "height": ([1, 300, None], [0, 301, 1.5]),
    "max_heart_rate": ([30, 250, None], [29, 251]),
}


@pytest.mark.parametrize("name", BOUNDS)
async def test_users_fields_take_what_is_documented_and_nothing_else(ada: Person, name: str) -> None:
    taken, refused = BOUNDS[name]
    for value in taken:
        answer = await ada.client.patch("/users/me", json={name: value})
        assert answer.status_code == 200, answer.text
        assert answer.json()[name] == (value.lower() if name == "username" else value)
    for value in refused:
        answer = await ada.client.patch("/users/me", json={name: value})
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, f"/{name}")


async def test_users_fields_of_few_values(ada: Person) -> None:
    for name, values in ENUMS.items():
        for value in values:
            assert (await ada.client.patch("/users/me", json={name: value})).json()[name] == value
        assert (await ada.client.patch("/users/me", json={name: "other"})).status_code == 422


async def test_users_fields_password(world: World, grace: Person) -> None:
    """8 to 250 characters in the originals: here from 15 on, unless another `password_type` is set."""
    await open_sign_up(grace)
    lengths = {length: (await sign_up(world, password=(PASSWORD * 10)[:length])).status_code for length in (14, 251)}
    assert lengths == {14: 422, 251: 422}
    assert (await sign_up(world, password=(PASSWORD * 10)[:250])).status_code == 202


@pytest.mark.parametrize(
    ("kind", "refused", "taken"),
    [
        ("nist", "a green umbrel", "a green umbrell"),
        ("strict", "Umbr3llas", "Umbr3l!as"),
        ("length_only", "umbrella", "umbrellas"),
    ],
)
async def test_server_settings_password_type(world: World, grace: Person, kind: str, refused: str, taken: str) -> None:
    await open_sign_up(grace)
    await decide(grace, password_type=kind, password_length_regular_users=9)
    assert (await sign_up(world, password=refused)).json()["code"] == "password_refused"
    assert (await sign_up(world, password=taken)).status_code == 202


async def test_server_settings_are_all_there_with_their_defaults(grace: Person) -> None:
    said = (await grace.client.get("/server-settings")).json()
    assert {name: said[name] for name in SETTINGS} == SETTINGS
    assert set(said) - set(SETTINGS) == {"mfa_required"}  # ours


async def test_server_settings_give_new_accounts_their_units_and_currency(world: World, grace: Person) -> None:
    await open_sign_up(grace)
    await decide(grace, units="imperial", currency="pound")
    await sign_up(world)
    user = await found(grace)
    assert (user["units"], user["currency"]) == ("imperial", "pound")


async def test_server_settings_switch_off_signing_up_and_are_public_where_a_page_needs_them(
    world: World, grace: Person
) -> None:
    assert (await sign_up(world)).json()["code"] == "sign_up_disabled"
    assert (await world.client().get("/public/server-settings")).json()["signup_enabled"] is False
    await open_sign_up(grace)
    assert (await world.client().get("/public/server-settings")).json()["signup_enabled"] is True


async def test_defaults_of_a_new_user(world: World, grace: Person) -> None:
    """Health targets and default gear come with what keeps them."""
    await open_sign_up(grace)
    await sign_up(world)
    browser, _ = await sign_in(world)
    mine = (await browser.get("/users/me")).json()
    assert {name: mine[name] for name in DEFAULTS} == DEFAULTS
    assert (mine["is_strava_linked"], mine["is_garminconnect_linked"]) == (0, 0)
    assert (mine["mfa_enabled"], mine["external_auth_count"]) == (False, 0)
    assert (await browser.get("/notifications/count")).json() == {"unread_count": 0, "unseen_count": 0, "total": 0}
    assert (await browser.get(PRIVACY)).status_code == 200


async def test_privacy_shows_activities_to_nobody_at_first(ada: Person) -> None:
    assert (await ada.client.get(PRIVACY)).json() == {
        "default_activity_visibility": "private",
        **dict.fromkeys(HIDDEN, False),
    }


@pytest.mark.parametrize("visibility", ["public", "followers", "private"])
async def test_privacy_is_kept_and_part_of_one_s_own_profile(ada: Person, grace: Person, visibility: str) -> None:
    wanted = {"default_activity_visibility": visibility, **dict.fromkeys(HIDDEN, True)}
    assert (await ada.client.put(PRIVACY, json=wanted)).json() == wanted
    mine = (await ada.client.get("/users/me")).json()
    assert {name: mine[name] for name in wanted} == wanted
    theirs = (await grace.client.get(f"/users/{ada.id}")).json()
    assert not set(wanted) & set(theirs)


async def test_users_list_has_the_documented_shape(ada: Person, grace: Person) -> None:
    page = (await grace.client.get("/users", params={"num_records": 1})).json()
    assert {name: page[name] for name in ("total", "num_records", "page_number")} == {
        "total": 2,
        "num_records": 1,
        "page_number": 1,
    }
    assert len(page["records"]) == 1
