"""Row 22: a new address takes effect only when confirmed, and the old one can undo it."""

from tests.accounts.mailbox import newest
from tests.accounts.world import World, code
from tidings.accounts.models import User

ME = "/api/v1/users/me"
VERIFY = "/api/v1/auth/verify-email"
NEW = "thief@new.example"


async def email_of(world: World, user: User) -> str | None:
    found = await world.user(user.id)
    assert found is not None
    return found.email


async def test_row_22_asking_for_an_address_changes_none(world: World, ada: User) -> None:
    async with await world.browser_of(ada) as browser:
        assert (await browser.put(f"{ME}/email", json={"email": NEW})).status_code == 202
        assert (await browser.get(ME)).json()["email"] == "ada@example.org"


async def test_row_22_asking_needs_a_recent_sign_in(world: World, ada: User) -> None:
    async with await world.browser_of(ada) as browser:
        world.clock.advance(minutes=6)
        assert code(await browser.put(f"{ME}/email", json={"email": NEW})) == (403, "confirmation_required")


async def test_row_22_the_old_address_undoes_the_change_and_ends_the_sessions(world: World, ada: User) -> None:
    async with await world.browser_of(ada) as thief, world.client() as reader:
        await thief.put(f"{ME}/email", json={"email": NEW})
        await reader.post(VERIFY, json={"token": (await newest(world, "confirm_email")).token})
        assert await email_of(world, ada) == NEW
        told = await newest(world, "email_changed")
        assert told.to == "ada@example.org"
        world.clock.advance(hours=71)
        assert (await reader.post(VERIFY, json={"token": told.token})).status_code == 200
        assert code(await thief.get(ME)) == (401, "not_authenticated")
    assert await email_of(world, ada) == "ada@example.org"


async def test_row_22_after_three_days_the_change_stands(world: World, ada: User) -> None:
    async with await world.browser_of(ada) as browser, world.client() as reader:
        await browser.put(f"{ME}/email", json={"email": NEW})
        await reader.post(VERIFY, json={"token": (await newest(world, "confirm_email")).token})
        world.clock.advance(hours=72)
        undo = {"token": (await newest(world, "email_changed")).token}
        assert code(await reader.post(VERIFY, json=undo)) == (400, "token_invalid")
    assert await email_of(world, ada) == NEW
