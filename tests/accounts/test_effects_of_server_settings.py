"""Each server setting does what docs/reference/server-settings.md says of it, from the next request on."""

from typing import Any

import pytest

from tests.accounts.oidc import Sso
from tests.accounts.settings import decide, open_sign_up
from tests.accounts.world import PASSWORD, World, code
from tidings.accounts.audit.types import SERVER
from tidings.accounts.models import User
from tidings.accounts.server_settings.changing import locked_server_settings
from tidings.accounts.users import put_recipient

USERS, SIGN_UP = "/api/v1/users", "/api/v1/auth/sign-up"
PUBLIC = "/api/v1/public/server-settings"
LINUS = {"name": "Linus", "username": "linus", "email": "linus@example.org"}
THEIRS = {"units": "imperial", "currency": "pound"}


async def begun_with(world: World, admin: User, username: str = "linus") -> dict[str, Any]:
    """The units and the currency of an account."""
    async with await world.browser_of(admin) as browser:
        (user,) = (await browser.get(USERS, params={"search": username})).json()["records"]
    return {name: user[name] for name in THEIRS}


async def test_an_account_begins_with_the_server_s_units_and_currency_whoever_makes_it(
    world: World, grace: User
) -> None:
    await decide(world, **THEIRS)
    await open_sign_up(world, verification=False)
    async with await world.browser_of(grace) as admin, world.client() as stranger:
        assert (await admin.post(USERS, json=LINUS)).status_code == 201
        eve = {"name": "Eve", "username": "eve", "email": "eve@example.org", "password": PASSWORD}
        assert (await stranger.post(SIGN_UP, json=eve)).status_code == 202
    async with world.database.write() as session:
        recipient, _ = await put_recipient(session, "guest-1", {"name": "Guest"}, by=SERVER, now=world.clock.now())
    assert await begun_with(world, grace) == await begun_with(world, grace, "eve") == THEIRS
    assert {"units": recipient.units, "currency": recipient.currency} == THEIRS


async def test_so_does_one_that_a_provider_makes(sso: Sso, grace: User) -> None:
    await sso.opens(user={"sub": "newcomer", "email": "eve@example.org", "email_verified": True})
    await sso.settings(**THEIRS)
    assert await sso.browser().signs_in() == "/inbox"
    assert await begun_with(sso.world, grace, "eve@example.org") == THEIRS


async def test_what_somebody_says_of_themselves_goes_before_and_what_they_have_stays(world: World, grace: User) -> None:
    async with await world.browser_of(grace) as admin:
        await admin.post(USERS, json={**LINUS, "currency": "dollar"})
        await decide(world, **THEIRS)
        eve = {"name": "Eve", "username": "eve", "email": "eve@example.org", "units": "metric"}
        await admin.post(USERS, json=eve)
    assert await begun_with(world, grace) == {"units": "metric", "currency": "dollar"}
    assert await begun_with(world, grace, "eve") == {"units": "metric", "currency": "pound"}


async def test_pages_of_before_anybody_signed_in_know_the_units_and_the_currency(world: World) -> None:
    await decide(world, **THEIRS)
    async with world.client() as anybody:
        said = (await anybody.get(PUBLIC)).json()
    assert {name: said[name] for name in THEIRS} == THEIRS


async def test_a_numbered_page_has_as_many_people_as_was_decided(world: World, grace: User) -> None:
    for number in range(4):
        await world.add(f"linus{number}")
    await decide(world, num_records_per_page=2)
    async with await world.browser_of(grace) as admin:
        first, third = [(await admin.get(USERS, params={"page_number": number})).json() for number in (1, 3)]
        asked = (await admin.get(USERS, params={"page_number": 1, "num_records": 3})).json()
        by_cursor = (await admin.get(USERS)).json()
    assert [len(page["records"]) for page in (first, third, asked)] == [2, 1, 3]
    assert (first["total"], first["num_records"], first["page_number"]) == (5, 2, 1)
    assert (len(by_cursor["records"]), by_cursor["num_records"]) == (5, 20)  # of the contract


@pytest.mark.parametrize(("is_admin", "enough"), [(False, 9), (True, 12)])
async def test_each_role_has_a_length_of_its_own(world: World, grace: User, is_admin: bool, enough: int) -> None:
    lengths = {"password_length_regular_users": 9, "password_length_admin_users": 12}
    await decide(world, password_type="length_only", **lengths)
    role = {"access_type": "admin" if is_admin else "regular"}
    async with await world.browser_of(grace) as admin:
        refused = await admin.post(USERS, json={**LINUS, **role, "password": "x" * (enough - 1)})
        assert code(refused) == (422, "password_refused")
        assert (await admin.post(USERS, json={**LINUS, **role, "password": "x" * enough})).status_code == 201


async def test_where_local_sign_in_is_off_every_way_with_a_password_is(world: World, ada: User) -> None:
    async with world.client() as browser:
        body = {"login": "ada", "password": PASSWORD}
        assert (await browser.post("/api/v1/auth/token", json=body)).status_code == 200
        async with world.database.write() as session:
            (await locked_server_settings(session)).local_login_enabled = False
        for path in ("login", "token"):
            assert code(await browser.post(f"/api/v1/auth/{path}", json=body)) == (403, "local_login_disabled")


@pytest.mark.parametrize("shows", [False, True])
async def test_providers_are_shown_and_led_to_only_while_they_may_be_used(sso: Sso, shows: bool) -> None:
    await sso.settings(sso_enabled=shows, sso_auto_redirect=shows)
    async with sso.world.client() as anybody:
        said = (await anybody.get("/api/v1/auth/providers")).json()
        start = await anybody.get("/api/v1/auth/oidc/club/start")
    assert ([each["slug"] for each in said["providers"]], said["auto_redirect"]) == (["club"] if shows else [], shows)
    assert ("/authorize" in start.headers["location"]) is shows


async def test_who_does_not_know_of_second_factors_changes_the_other_settings(world: World, grace: User) -> None:
    async with await world.browser_of(grace) as admin:
        known = (await admin.get("/api/v1/server-settings")).json()
        assert known.pop("mfa_required") is False
        answer = await admin.put("/api/v1/server-settings", json=known | {"units": "imperial"})
        assert (answer.status_code, answer.json()["units"], answer.json()["mfa_required"]) == (200, "imperial", False)
        del known["units"]
        assert (await admin.put("/api/v1/server-settings", json=known)).status_code == 422
