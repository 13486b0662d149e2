"""Another address: asked for, confirmed, undone."""

from typing import Any

import httpx
import pytest
from sqlalchemy import update

from tests.accounts.mailbox import letters, newest
from tests.accounts.settings import open_sign_up
from tests.accounts.world import PASSWORD, World, code
from tidings.accounts.events import CredentialChanged
from tidings.accounts.letter_limits.counting import A_DAY
from tidings.accounts.models import User
from tidings.accounts.types import AccountState, Scope

ME = "/api/v1/users/me"
AUTH = "/api/v1/auth"
USERS = "/api/v1/users"
NEW = "ada@new.example"


async def asks(world: World, user: User, email: str = NEW) -> httpx.Response:
    async with await world.browser_of(user) as browser:
        return await browser.put(f"{ME}/email", json={"email": email})


async def uses(world: World, token: str) -> httpx.Response:
    async with world.client() as stranger:
        return await stranger.post(f"{AUTH}/verify-email", json={"token": token})


async def email_of(world: World, user: User) -> str | None:
    found = await world.user(user.id)
    assert found is not None
    return found.email


async def changes(world: World, user: User, email: str) -> None:
    await asks(world, user, email)
    assert (await uses(world, (await newest(world, "confirm_email")).token)).status_code == 200
    assert await email_of(world, user) == email


async def test_a_new_address_holds_once_it_is_confirmed(world: World, ada: User) -> None:
    answer = await asks(world, ada, "ADA@new.example")
    assert (answer.status_code, answer.json()) == (202, {"status": "accepted"})
    assert await email_of(world, ada) == "ada@example.org"
    letter = await newest(world, "confirm_email")
    assert letter.to == NEW
    assert (await uses(world, letter.token)).json() == {"state": "active"}
    assert await email_of(world, ada) == NEW
    told = await newest(world, "email_changed")
    assert (told.to, NEW in told.text) == ("ada@example.org", True)
    assert CredentialChanged(ada.id, "email", world.clock.now()) in world.heard


async def test_one_s_own_address_is_no_change(world: World, ada: User) -> None:
    assert (await asks(world, ada, "ADA@example.org")).status_code == 202
    assert await letters(world) == []


async def test_somebody_else_s_address_answers_alike_and_its_owner_is_told(
    world: World, ada: User, grace: User
) -> None:
    free, taken = await asks(world, ada), await asks(world, ada, "grace@example.org")
    assert (free.status_code, free.content) == (taken.status_code, taken.content)
    letter = await newest(world, "address_known")
    assert (letter.to, letter.user_id) == ("grace@example.org", grace.id)


async def test_an_address_that_somebody_took_meanwhile_is_refused_and_the_old_one_stays(
    world: World, ada: User
) -> None:
    await asks(world, ada)
    token = (await newest(world, "confirm_email")).token
    eve = await world.add("eve")
    async with world.database.write() as session:
        other = await session.get(User, eve.id)
        assert other is not None
        other.email = NEW
    assert code(await uses(world, token)) == (400, "token_invalid")
    assert await email_of(world, ada) == "ada@example.org"


async def test_only_the_last_address_asked_for_can_be_confirmed(world: World, ada: User) -> None:
    await asks(world, ada, "first@new.example")
    await asks(world, ada, "second@new.example")
    first, second = await letters(world, "confirm_email")
    assert code(await uses(world, first.token)) == (400, "token_invalid")
    assert (await uses(world, second.token)).status_code == 200


async def test_whoever_reads_the_old_address_goes_back(world: World, ada: User) -> None:
    await changes(world, ada, NEW)
    async with await world.browser_of(ada) as thief:
        assert (await uses(world, (await newest(world, "email_changed")).token)).json() == {"state": "active"}
        assert code(await thief.get(ME)) == (401, "not_authenticated")
    assert await email_of(world, ada) == "ada@example.org"


async def test_a_second_change_does_not_take_the_owner_s_way_back(world: World, ada: User) -> None:
    await changes(world, ada, "thief@new.example")
    world.clock.advance(minutes=1)
    await changes(world, ada, "thief.two@new.example")
    owners, thiefs = await letters(world, "email_changed")
    assert (await uses(world, thiefs.token)).status_code == 200
    assert (await uses(world, owners.token)).status_code == 200
    assert await email_of(world, ada) == "ada@example.org"


async def test_after_going_back_no_younger_link_leads_forward_again(world: World, ada: User) -> None:
    await changes(world, ada, "thief@new.example")
    world.clock.advance(minutes=1)
    await changes(world, ada, "thief.two@new.example")
    owners, thiefs = await letters(world, "email_changed")
    await uses(world, owners.token)
    assert code(await uses(world, thiefs.token)) == (400, "token_invalid")
    assert await email_of(world, ada) == "ada@example.org"


async def test_the_way_back_outlives_a_new_password(world: World, ada: User) -> None:
    await changes(world, ada, "thief@new.example")
    async with world.client() as thief:
        await thief.post(f"{AUTH}/password-reset/request", json={"email": "thief@new.example"})
        reset = {
            "token": (await newest(world, "password_reset")).token,
            "new_password": "the thief's own long password",
        }
        assert (await thief.post(f"{AUTH}/password-reset/confirm", json=reset)).status_code == 200
    assert (await uses(world, (await newest(world, "email_changed")).token)).status_code == 200


async def test_no_neighbour_of_a_mailbox_uses_up_the_way_back_of_another(world: World, ada: User) -> None:
    """Who changes and undoes another address that ends in the same mailbox, or only looks as if it did."""
    for number in range(A_DAY + 1):
        neighbour = await world.add(f"ada+{number}")
        await changes(world, neighbour, f"neighbour{number}@new.example")
        assert (await uses(world, (await newest(world, "email_changed")).token)).status_code == 200
    await changes(world, ada, "thief@new.example")
    told = await newest(world, "email_changed")
    assert told.to == "ada@example.org"
    assert (await uses(world, told.token)).status_code == 200
    assert await email_of(world, ada) == "ada@example.org"
    assert (await newest(world, "password_reset")).to == "ada@example.org"


async def test_no_neighbour_uses_up_the_way_back_from_an_address_that_an_administrator_gave(
    world: World, ada: User, grace: User
) -> None:
    async with await world.browser_of(grace) as browser:
        for number in range(A_DAY + 1):
            neighbour = await world.add(f"ada+{number}")
            given = {"email": f"neighbour{number}@new.example"}
            assert (await browser.patch(f"{USERS}/{neighbour.id}", json=given)).status_code == 200
        assert (await browser.patch(f"{USERS}/{ada.id}", json={"email": NEW})).status_code == 200
    assert (await newest(world, "email_changed")).to == "ada@example.org"


async def test_nobody_takes_an_address_while_its_owner_may_come_back(world: World, ada: User, grace: User) -> None:
    await changes(world, ada, NEW)
    await open_sign_up(world)
    eve: dict[str, Any] = {"name": "Eve", "username": "eve", "email": "ada@example.org", "password": PASSWORD}
    async with world.client() as stranger:
        assert (await stranger.post(f"{AUTH}/sign-up", json=eve)).status_code == 202
    assert (await asks(world, grace, "ada@example.org")).status_code == 202
    assert await letters(world, "verify_email") == []
    assert {letter.to for letter in await letters(world, "address_known")} == {"ada@example.org"}
    assert (await uses(world, (await newest(world, "email_changed")).token)).status_code == 200


async def test_an_address_that_was_never_shown_to_be_theirs_gets_no_way_back(world: World, ada: User) -> None:
    async with world.database.write() as session:
        user = await session.get(User, ada.id)
        assert user is not None
        user.email_verified = False
    await changes(world, ada, NEW)
    assert await letters(world, "email_changed") == []


async def test_a_suspended_account_changes_nothing_by_an_old_link(world: World, ada: User, grace: User) -> None:
    await asks(world, ada)
    token = (await newest(world, "confirm_email")).token
    async with await world.browser_of(grace) as browser:
        await browser.post(f"/api/v1/users/{ada.id}/suspend")
    assert code(await uses(world, token)) == (400, "token_invalid")


async def test_an_administrator_gives_another_address_and_the_old_one_is_told(
    world: World, ada: User, grace: User
) -> None:
    async with await world.browser_of(grace) as browser:
        answer = await browser.patch(f"{USERS}/{ada.id}", json={"email": "ADA@new.example"})
    assert (answer.status_code, answer.json()["email"], answer.json()["email_verified"]) == (200, NEW, True)
    told = await newest(world, "email_changed")
    assert (told.to, NEW in told.text) == ("ada@example.org", True)
    assert CredentialChanged(ada.id, "email", world.clock.now()) in world.heard
    assert (await uses(world, told.token)).status_code == 200
    assert await email_of(world, ada) == "ada@example.org"


async def test_who_mistyped_their_address_is_asked_at_the_one_that_an_administrator_gives(
    world: World, grace: User
) -> None:
    linus = await world.add("linus", state=AccountState.REGISTERED)
    async with world.database.write() as session:
        await session.execute(update(User).where(User.id == linus.id).values(email_verified=False))
    async with await world.browser_of(grace) as browser:
        answer = await browser.patch(f"{USERS}/{linus.id}", json={"email": "linus@right.example"})
    assert (answer.json()["state"], answer.json()["email_verified"]) == ("registered", False)
    assert [letter.name for letter in await letters(world)] == ["verify_email"]
    token = (await newest(world, "verify_email")).token
    assert (await uses(world, token)).status_code == 200
    assert await email_of(world, linus) == "linus@right.example"


@pytest.mark.parametrize("taken", ["grace@example.org", "ada@example.org"])
async def test_an_address_that_somebody_has_or_may_go_back_to_is_not_given(
    world: World, ada: User, grace: User, taken: str
) -> None:
    await changes(world, ada, NEW)
    linus = await world.add("linus")
    async with await world.browser_of(grace) as browser:
        refused = await browser.patch(f"{USERS}/{linus.id}", json={"email": taken, "city": "Ljubljana"})
        assert code(refused) == (422, "email_taken")
        assert (await browser.get(f"{USERS}/{linus.id}")).json()["city"] is None
        same = await browser.patch(f"{USERS}/{linus.id}", json={"email": "linus@example.org"})
    assert same.status_code == 200
    assert "linus@example.org" not in {letter.to for letter in await letters(world)}


async def test_no_key_and_no_session_that_lies_open_gives_an_address(world: World, ada: User, grace: User) -> None:
    change = {"email": NEW}
    async with world.client(bearer=await world.key(Scope.ADMIN)) as server:
        assert code(await server.patch(f"{USERS}/{ada.id}", json=change)) == (403, "forbidden")
    async with await world.browser_of(grace) as browser:
        world.clock.advance(minutes=6)
        assert code(await browser.patch(f"{USERS}/{ada.id}", json=change)) == (403, "confirmation_required")
        assert (await browser.patch(f"{USERS}/{ada.id}", json={"city": "London"})).status_code == 200
    assert await email_of(world, ada) == "ada@example.org"
