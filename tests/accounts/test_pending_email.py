"""The address that waits to be confirmed: its owner sees it, and may think again."""

from typing import Any

from tests.accounts.mailbox import newest
from tests.accounts.test_email_change import ME, NEW, asks, email_of, uses
from tests.accounts.world import World, code
from tidings.accounts.models import User


async def seen(world: World, user: User) -> dict[str, Any]:
    async with await world.browser_of(user) as browser:
        answer = await browser.get(f"{ME}/email")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def withdraws(world: World, user: User) -> int:
    async with await world.browser_of(user) as browser:
        return (await browser.delete(f"{ME}/email/pending")).status_code


async def test_it_is_shown_until_it_is_confirmed(world: World, ada: User) -> None:
    assert (await seen(world, ada))["pending_email"] is None
    await asks(world, ada)
    now = await seen(world, ada)
    assert (now["email"], now["pending_email"]) == ("ada@example.org", NEW)
    await uses(world, (await newest(world, "confirm_email")).token)
    now = await seen(world, ada)
    assert (now["email"], now["pending_email"], now["pending_until"]) == (NEW, None, None)


async def test_it_is_shown_no_longer_than_its_link_works(world: World, ada: User) -> None:
    await asks(world, ada)
    assert (await seen(world, ada))["pending_until"] is not None
    world.clock.advance(hours=24)
    assert (await seen(world, ada))["pending_email"] is None


async def test_somebody_else_s_address_is_shown_alike_and_kills_the_earlier_link_alike(
    world: World, ada: User, grace: User
) -> None:
    await asks(world, ada)
    free = await seen(world, ada)
    token = (await newest(world, "confirm_email")).token
    await asks(world, ada, "grace@example.org")
    assert await seen(world, ada) == free | {"pending_email": "grace@example.org"}
    assert code(await uses(world, token)) == (400, "token_invalid")


async def test_once_a_mailbox_has_had_its_letters_of_the_day_both_stay_what_they_are_alike(
    world: World, ada: User, grace: User
) -> None:
    shown = []
    for email in (NEW, "grace@example.org"):
        for _ in range(6):
            await asks(world, ada, email)
        await asks(world, ada, "another@new.example")
        await asks(world, ada, email)
        shown.append((await seen(world, ada))["pending_email"])
    assert shown == ["another@new.example"] * 2


async def test_who_thinks_again_keeps_the_address_and_the_link_is_dead(world: World, ada: User) -> None:
    await asks(world, ada)
    token = (await newest(world, "confirm_email")).token
    assert [await withdraws(world, ada) for _ in range(2)] == [204, 204]
    assert (await seen(world, ada))["pending_email"] is None
    assert code(await uses(world, token)) == (400, "token_invalid")
    assert await email_of(world, ada) == "ada@example.org"
