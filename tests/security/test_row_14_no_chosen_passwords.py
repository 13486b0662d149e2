"""Row 14: an administrator can start a reset, and never choose a password that stays."""

import httpx
import pytest

from tests.accounts.mailbox import newest
from tests.accounts.signing_in import ME, log_in
from tests.accounts.test_owing import given_a_password, refusals
from tests.accounts.world import PASSWORD, World, code
from tidings.accounts.models import User
from tidings.accounts.types import Scope

AUTH = "/api/v1/auth"
USERS = "/api/v1/users"
NEW = "another horse, another staple"


async def test_row_14_a_started_reset_writes_to_the_owner_and_changes_nothing(
    world: World, ada: User, grace: User
) -> None:
    async with await world.browser_of(grace) as browser:
        answer = await browser.post(f"{USERS}/{ada.id}/password-reset")
    letter = await newest(world, "password_reset")
    assert (answer.status_code, letter.to) == (200, "ada@example.org")
    assert letter.token not in answer.text
    async with world.client() as theirs:
        signed_in = await theirs.post("/api/v1/auth/login", json={"login": "ada", "password": PASSWORD})
    assert signed_in.status_code == 200


@pytest.mark.parametrize("field", ["password", "new_password", "password_hash"])
async def test_row_14_no_route_takes_a_password_for_somebody_else(
    world: World, ada: User, grace: User, field: str
) -> None:
    async with await world.browser_of(grace) as browser:
        assert code(await browser.patch(f"{USERS}/{ada.id}", json={field: NEW})) == (422, "invalid_request")
        await browser.post(f"{USERS}/{ada.id}/password-reset", json={field: NEW})
        for method in ("PUT", "PATCH", "POST"):
            answer = await browser.request(method, f"{USERS}/{ada.id}/password", json={field: NEW})
            assert answer.status_code in {404, 405}
    user = await world.user(ada.id)
    assert user is not None
    assert user.password_hash == ada.password_hash


async def test_row_14_whoever_is_no_administrator_starts_no_reset(world: World, ada: User, grace: User) -> None:
    async with await world.browser_of(ada) as browser:
        assert code(await browser.post(f"{USERS}/{grace.id}/password-reset")) == (403, "forbidden")
    async with world.client(bearer=await world.key(Scope.USERS_WRITE)) as server:
        assert code(await server.post(f"{USERS}/{ada.id}/password-reset")) == (403, "insufficient_scope")


async def test_row_14_a_password_given_at_creation_must_be_changed(world: World, grace: User) -> None:
    linus = {"name": "Linus", "username": "linus", "email": "linus@example.org", "password": PASSWORD}
    async with await world.browser_of(grace) as browser:
        assert (await browser.post(USERS, json=linus)).json()["password_must_change"] is True
    async with world.client() as theirs:
        assert (await log_in(theirs, "linus")).json()["user"]["password_must_change"] is True
        assert await refusals(theirs) == {(403, "password_change_required")}
        chosen = {"password": NEW, "current_password": PASSWORD}
        assert (await theirs.put(f"{ME}/password", json=chosen)).status_code == 200
        assert (await theirs.get(f"{ME}/sessions")).status_code == 200


@pytest.mark.parametrize("way", ["signed in", "by mail"])
async def test_row_14_what_was_given_is_replaced_by_something_else(world: World, ada: User, way: str) -> None:
    await given_a_password(world, ada)
    async with world.client() as theirs:
        await log_in(theirs)
        await theirs.post(f"{AUTH}/password-reset/request", json={"email": ada.email})
        token = (await newest(world, "password_reset")).token

        async def chooses(password: str) -> httpx.Response:
            if way == "by mail":
                body = {"token": token, "new_password": password}
                return await theirs.post(f"{AUTH}/password-reset/confirm", json=body)
            return await theirs.put(f"{ME}/password", json={"password": password, "current_password": PASSWORD})

        refused = await chooses(PASSWORD)
        assert [error["code"] for error in refused.json()["errors"]] == ["password_unchanged"]
        assert (await chooses("another long and winding one")).status_code == 200
