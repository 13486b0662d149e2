"""Row 62: account mail is capped per target, by whatever name the target is called, and nobody learns of it."""

import pytest

from tests.accounts.mailbox import letters
from tests.accounts.settings import open_sign_up
from tests.accounts.world import PASSWORD, World
from tidings.accounts.letter_limits.counting import A_DAY
from tidings.accounts.models import User

AUTH = "/api/v1/auth"


async def test_row_62_a_mailbox_gets_so_many_resets_a_day_and_the_answer_stays_the_same(
    world: World, ada: User
) -> None:
    async with world.client() as stranger:
        answers = [
            await stranger.post(f"{AUTH}/password-reset/request", json={"email": email})
            for _ in range(A_DAY + 3)
            for email in ("ada@example.org", "nobody@example.org")
        ]
        assert {(answer.status_code, answer.content, *sorted(answer.headers)) for answer in answers} == {
            (202, b'{"status":"accepted"}', *sorted(answers[0].headers))
        }
        assert len(await letters(world)) == A_DAY
        world.clock.advance(days=1)
        await stranger.post(f"{AUTH}/password-reset/request", json={"email": "ada@example.org"})
    assert len(await letters(world)) == A_DAY + 1


async def test_row_62_the_last_link_that_was_sent_still_works_when_more_are_asked_for(world: World, ada: User) -> None:
    async with world.client() as stranger:
        for _ in range(A_DAY + 3):
            await stranger.post(f"{AUTH}/password-reset/request", json={"email": "ada@example.org"})
        reset = {"token": (await letters(world))[-1].token, "new_password": "another horse, another staple"}
        assert (await stranger.post(f"{AUTH}/password-reset/confirm", json=reset)).status_code == 200


@pytest.mark.parametrize("is_known", [True, False])
async def test_row_62_another_name_of_a_mailbox_gets_no_more(world: World, is_known: bool) -> None:
    await open_sign_up(world)
    names = [f"ada+{number}@example.org" for number in range(A_DAY + 3)]
    if is_known:
        for number, email in enumerate(names):
            user = await world.add(f"known{number}")
            async with world.database.write() as session:
                held = await session.get(User, user.id)
                assert held is not None
                held.email = email
    async with world.client() as stranger:
        for number, email in enumerate(names):
            body = {"name": "A", "username": f"a{number}", "email": email, "password": PASSWORD}
            assert (await stranger.post(f"{AUTH}/sign-up", json=body)).status_code == 202
    assert len(await letters(world)) == A_DAY


async def test_row_62_strangers_who_ask_too_often_do_not_stop_an_administrator(
    world: World, ada: User, grace: User
) -> None:
    async with world.client() as stranger:
        for _ in range(A_DAY + 1):
            await stranger.post(f"{AUTH}/password-reset/request", json={"email": "ada@example.org"})
    async with await world.browser_of(grace) as browser:
        await browser.post(f"/api/v1/users/{ada.id}/password-reset")
    assert len(await letters(world, "password_reset")) == A_DAY + 1
