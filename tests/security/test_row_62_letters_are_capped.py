"""Row 62: account mail is capped per target, by whatever name the target is called, and nobody learns of it.

And nobody is written to in a stranger's words: not to an address that was never shown to be theirs.
"""

from collections import Counter
from typing import Any

import pytest
from sqlalchemy import select, update

from tests.accounts.mailbox import Letter, letters
from tests.accounts.settings import open_sign_up
from tests.accounts.signing_in import confirm, log_in
from tests.accounts.world import PASSWORD, World
from tidings.accounts.letter_limits.counting import A_DAY, TOLD_A_DAY
from tidings.accounts.models import User

AUTH = "/api/v1/auth"
ME = "/api/v1/users/me"
PULPIT = "CLICK https://evil.example NOW"
A_DAY_AND_THE_HOUR = A_DAY + 1
"""Links that are soon dead are written once an hour besides."""


async def sign_up(world: World, email: str, **changes: Any) -> None:
    body = {"name": PULPIT, "username": "eve", "email": email, "password": PASSWORD} | changes
    async with world.client() as stranger:
        assert (await stranger.post(f"{AUTH}/sign-up", json=body)).status_code == 202


def says(letter: Letter, words: str = "evil.example") -> bool:
    """Whether this stands anywhere in what the mailbox gets."""
    return words in f"{letter.to_name}\n{letter.text}"


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
        assert len(await letters(world)) == A_DAY_AND_THE_HOUR
        world.clock.advance(days=1)
        await stranger.post(f"{AUTH}/password-reset/request", json={"email": "ada@example.org"})
    assert len(await letters(world)) == A_DAY_AND_THE_HOUR + 1


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
    assert len(await letters(world)) == (A_DAY if is_known else A_DAY_AND_THE_HOUR)


async def test_row_62_strangers_who_ask_too_often_do_not_stop_an_administrator(
    world: World, ada: User, grace: User
) -> None:
    async with world.client() as stranger:
        for _ in range(A_DAY + 3):
            await stranger.post(f"{AUTH}/password-reset/request", json={"email": "ada@example.org"})
    async with await world.browser_of(grace) as browser:
        await browser.post(f"/api/v1/users/{ada.id}/password-reset")
    assert len(await letters(world, "password_reset")) == A_DAY_AND_THE_HOUR + 1


async def test_row_62_whoever_reads_the_mailbox_can_reset_however_often_strangers_asked(
    world: World, ada: User
) -> None:
    async with world.client() as stranger:
        for _ in range(A_DAY + 5):
            await stranger.post(f"{AUTH}/password-reset/request", json={"email": "ada@example.org"})
        world.clock.advance(hours=1)  # every link is dead by now
        await stranger.post(f"{AUTH}/password-reset/request", json={"email": "ada@example.org"})
        reset = {"token": (await letters(world))[-1].token, "new_password": "another horse, another staple"}
        assert (await stranger.post(f"{AUTH}/password-reset/confirm", json=reset)).status_code == 200


async def test_row_62_new_addresses_are_asked_so_often_a_day(world: World, ada: User) -> None:
    async with await world.browser_of(ada) as browser:
        for _ in range(A_DAY + 3):
            assert (await browser.put(f"{ME}/email", json={"email": "victim@example.org"})).status_code == 202
    assert [letter.to for letter in await letters(world, "confirm_email")] == ["victim@example.org"] * A_DAY


async def test_row_62_an_address_nobody_verified_hears_nothing_of_what_is_done(world: World) -> None:
    await open_sign_up(world, verification=False)
    await sign_up(world, "victim@example.org")
    for _ in range(3):
        async with world.client() as eve:
            assert (await log_in(eve, "eve")).status_code == 200
    async with world.client() as eve:
        await log_in(eve, "eve")
        change = {"current_password": PASSWORD, "password": "another horse, another staple"}
        assert (await eve.put(f"{ME}/password", json=change)).status_code == 200
    assert [letter.name for letter in await letters(world)] == ["verify_email"]


async def test_row_62_what_is_done_is_told_so_often_a_day_and_each_kind_by_itself(world: World, ada: User) -> None:
    for _ in range(TOLD_A_DAY + 3):  # the first device is none that they would be told of
        async with world.client() as browser:
            assert (await log_in(browser)).status_code == 200
    async with world.client() as browser:
        await log_in(browser)
        await confirm(browser)
        change = {"current_password": PASSWORD, "password": "another horse, another staple"}
        assert (await browser.put(f"{ME}/password", json=change)).status_code == 200
    told = Counter(letter.name for letter in await letters(world))
    assert told == {"new_device": TOLD_A_DAY, "password_changed": 1}


@pytest.mark.parametrize("verification", [True, False])
async def test_row_62_no_stranger_speaks_to_an_address_that_is_not_theirs(
    world: World, grace: User, verification: bool
) -> None:
    """Every letter that a stranger who names this address can cause; their own name is full of what they want said."""
    await open_sign_up(world, approval=True, verification=verification)
    await sign_up(world, "victim@example.org")
    await sign_up(world, "victim@example.org", username="eve2")  # it is known now: address_known
    async with world.client() as stranger:
        for path in ("verify-email/resend", "password-reset/request"):
            await stranger.post(f"{AUTH}/{path}", json={"email": "victim@example.org"})
    mallory = await world.add("mallory")
    async with world.database.write() as session:
        eve = (await session.scalars(select(User).where(User.username == "eve"))).one()
        await session.execute(update(User).where(User.id == mallory.id).values(name=PULPIT))
    async with await world.browser_of(mallory) as browser:
        await browser.put(f"{ME}/email", json={"email": "victim@example.org"})  # address_known
        await browser.put(f"{ME}/email", json={"email": "another@example.org"})  # confirm_email
    async with await world.browser_of(grace) as browser:
        what = "approve" if not verification else "reject"
        assert (await browser.post(f"/api/v1/users/{eve.id}/{what}")).status_code == 200
    written = await letters(world)
    assert {letter.name for letter in written} == {
        "verify_email",
        "address_known",
        "password_reset",
        "confirm_email",
        "approved" if not verification else "rejected",
    }
    assert not [letter for letter in written if says(letter)]


async def test_row_62_who_showed_an_address_to_be_theirs_is_greeted(world: World, ada: User) -> None:
    async with world.client() as stranger:
        await stranger.post(f"{AUTH}/password-reset/request", json={"email": "ada@example.org"})
    (letter,) = await letters(world)
    assert (letter.to_name, says(letter, "Hello Ada,")) == ("Ada", True)
