"""Privacy settings: there from the start, replaced whole, gone with the person."""

import asyncio

import pytest
from sqlalchemy import select

from tests.accounts.test_profile import FLAGS
from tests.accounts.world import World, code
from tidings.accounts.models import User
from tidings.accounts.privacy.models import Privacy
from tidings.accounts.recipients import NewRecipient, create_recipients

PRIVACY = "/api/v1/users/me/privacy"
AT_FIRST = {"default_activity_visibility": "private", **dict.fromkeys(sorted(FLAGS), False)}
HIDDEN = {"default_activity_visibility": "followers", **dict.fromkeys(sorted(FLAGS), True)}


async def test_activities_are_shown_to_nobody_at_first_and_hide_nothing_once_they_are(world: World, ada: User) -> None:
    async with await world.browser_of(ada) as browser:
        assert (await browser.get(PRIVACY)).json() == AT_FIRST


async def test_what_get_gives_put_takes_back(world: World, ada: User) -> None:
    async with await world.browser_of(ada) as browser:
        assert (await browser.put(PRIVACY, json=HIDDEN)).json() == HIDDEN
        given = (await browser.get(PRIVACY)).json()
        assert (await browser.put(PRIVACY, json=given)).json() == given == HIDDEN
        me = (await browser.get("/api/v1/users/me")).json()
    assert {name: me[name] for name in HIDDEN} == HIDDEN


@pytest.mark.parametrize(
    "body", [{}, {**AT_FIRST, "hide_all": True}, {**AT_FIRST, "default_activity_visibility": "nobody"}]
)
async def test_privacy_is_replaced_whole_or_not_at_all(world: World, ada: User, body: dict[str, object]) -> None:
    async with await world.browser_of(ada) as browser:
        assert code(await browser.put(PRIVACY, json=body)) == (422, "invalid_request")
        assert (await browser.get(PRIVACY)).json() == AT_FIRST


async def test_of_two_who_replace_it_at_once_one_is_the_last(world: World, ada: User) -> None:
    async with await world.browser_of(ada) as browser:
        answers = await asyncio.gather(*(browser.put(PRIVACY, json=body) for body in (HIDDEN, AT_FIRST) * 8))
        assert {answer.status_code for answer in answers} == {200}
        assert (await browser.get(PRIVACY)).json() in (HIDDEN, AT_FIRST)


async def people_with_settings(world: World) -> list[object]:
    async with world.database.read() as session:
        return list(await session.scalars(select(Privacy.user_id)))


async def test_accounts_have_settings_from_the_start_and_recipients_none(world: World, ada: User) -> None:
    async with world.database.write() as session:
        await create_recipients(session, [NewRecipient("guest-1"), NewRecipient("guest-2")], now=world.clock.now())
    assert await people_with_settings(world) == [ada.id]


async def test_they_go_with_the_person(world: World, ada: User, grace: User) -> None:
    async with await world.browser_of(grace) as admin:
        assert (await admin.delete(f"/api/v1/users/{ada.id}")).status_code == 204
    assert await people_with_settings(world) == [grace.id]
