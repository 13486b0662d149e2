"""How many letters a mailbox gets in a day."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from tests.accounts.mailbox import letters
from tests.accounts.settings import open_sign_up
from tests.accounts.signing_in import log_in
from tests.accounts.test_sign_up import sign_up
from tests.accounts.world import World, code
from tidings.accounts.identifiers import canonical_email
from tidings.accounts.letter_limits.counting import (
    A_DAY,
    ASKED_A_DAY,
    TOLD_A_DAY,
    mailbox_of,
    may_write,
    purge_letter_counts,
)
from tidings.accounts.letter_limits.models import LetterCount
from tidings.accounts.letter_limits.types import Cause
from tidings.accounts.models import User
from tidings.accounts.types import AccountState

AUTH = "/api/v1/auth"
USERS = "/api/v1/users"
ADA = "ada@example.org"
NEIGHBOUR = "ada+neighbour@example.org"
VICTIM = "victim@example.org"
words = st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=1, max_size=12)


async def asks(world: World, email: str = ADA, letter: str = "confirm_email", *, cause: Cause = Cause.STRANGER) -> bool:
    async with world.database.write() as session:
        return await may_write(session, email, letter, now=world.clock.now(), cause=cause)


async def use_up(world: World, letter: str, email: str = ADA, *, besides: int = 0) -> None:
    """Administrators asked for this letter as often as they may, `besides` times already."""
    async with world.database.write() as session:
        for _ in range(ASKED_A_DAY - besides):
            assert await may_write(session, email, letter, now=world.clock.now(), cause=Cause.ADMIN)


async def test_a_mailbox_gets_so_many_letters_of_a_kind_and_no_more_until_tomorrow(world: World) -> None:
    assert [await asks(world) for _ in range(A_DAY + 2)] == [True] * A_DAY + [False] * 2
    assert await asks(world, letter="password_reset")
    assert await asks(world, "grace@example.org")
    world.clock.advance(days=1)
    assert await asks(world)


@pytest.mark.parametrize("letter", ["password_reset", "verify_email"])
async def test_a_link_that_is_soon_dead_is_written_once_an_hour_even_then(world: World, letter: str) -> None:
    """However often strangers ask, whoever reads the mailbox can have a link that works."""
    assert [await asks(world, letter=letter) for _ in range(A_DAY + 3)] == [True] * (A_DAY + 1) + [False] * 2
    for _ in range(3):
        world.clock.advance(hours=1)
        assert [await asks(world, letter=letter) for _ in range(3)] == [True, False, False]


async def test_what_was_done_is_told_by_kind_and_by_the_address_as_it_stands(world: World) -> None:
    async def is_told(email: str = ADA, letter: str = "new_device") -> bool:
        return await asks(world, email, letter, cause=Cause.ACCOUNT)

    assert [await is_told() for _ in range(TOLD_A_DAY + 2)] == [True] * TOLD_A_DAY + [False] * 2
    assert await is_told(letter="password_changed")
    assert await is_told(NEIGHBOUR)
    world.clock.advance(days=1)
    assert await is_told()


@pytest.mark.parametrize("used_up", Cause)
async def test_no_cause_uses_up_what_another_may_write(world: World, used_up: Cause) -> None:
    while await asks(world, letter="password_reset", cause=used_up):
        pass
    for other in set(Cause) - {used_up}:
        assert await asks(world, letter="password_reset", cause=other)


async def test_accounts_that_are_made_and_deleted_write_to_nobody_more_often(world: World) -> None:
    await open_sign_up(world, verification=False)
    for number in range(3):
        email = f"victim+{number}@example.org"
        await sign_up(world, username=f"eve{number}", email=email)
        async with world.client() as eve:
            for _ in range(3):
                await eve.post(f"{AUTH}/verify-email/resend", json={"email": email})
            assert (await log_in(eve, f"eve{number}")).status_code == 200
            assert (await eve.delete(f"{USERS}/me")).status_code == 204
    assert len(await letters(world)) == A_DAY + 1


async def test_an_account_that_is_deleted_leaves_what_it_asked_of_others_counted(world: World, grace: User) -> None:
    for number in range(2):
        eve = await world.add(f"eve{number}")
        async with await world.browser_of(eve) as browser:
            for _ in range(A_DAY):
                assert (await browser.put(f"{USERS}/me/email", json={"email": VICTIM})).status_code == 202
            assert (await browser.delete(f"{USERS}/me")).status_code == 204
    assert [letter.to for letter in await letters(world)] == [VICTIM] * A_DAY


async def test_a_whole_team_behind_one_mailbox_is_invited(world: World, grace: User) -> None:
    team = [f"team+{number}@example.org" for number in range(A_DAY + 2)]
    async with await world.browser_of(grace) as browser:
        for email in team:
            assert (await browser.post(f"{USERS}/invite", json={"email": email})).status_code == 201
    assert [letter.to for letter in await letters(world, "invitation")] == team


async def test_an_administrator_who_invites_too_often_is_told_so_and_nobody_is_invited(
    world: World, grace: User
) -> None:
    await use_up(world, "invitation")
    async with await world.browser_of(grace) as browser:
        refused = await browser.post(f"{USERS}/invite", json={"email": NEIGHBOUR})
        assert code(refused) == (429, "too_many_letters")
        assert (await browser.get(USERS, params={"search": NEIGHBOUR})).json()["total"] == 0
        world.clock.advance(seconds=int(refused.headers["Retry-After"]) - 1)
        assert code(await browser.post(f"{USERS}/invite", json={"email": NEIGHBOUR})) == (429, "too_many_letters")
        world.clock.advance(seconds=1)
        assert (await browser.post(f"{USERS}/invite", json={"email": NEIGHBOUR})).status_code == 201
    assert [letter.to for letter in await letters(world)] == [NEIGHBOUR]


async def test_an_administrator_who_resets_too_often_is_told_so_and_the_last_link_works(
    world: World, ada: User, grace: User
) -> None:
    async with await world.browser_of(grace) as browser:
        for _ in range(A_DAY + 1):
            assert (await browser.post(f"{USERS}/{ada.id}/password-reset")).status_code == 200
        await use_up(world, "password_reset", besides=A_DAY + 1)
        assert code(await browser.post(f"{USERS}/{ada.id}/password-reset")) == (429, "too_many_letters")
    sent = await letters(world, "password_reset")
    assert len(sent) == A_DAY + 1
    async with world.client() as theirs:
        reset = {"token": sent[-1].token, "new_password": "another horse, another staple"}
        assert (await theirs.post(f"{AUTH}/password-reset/confirm", json=reset)).status_code == 200


async def test_whom_an_administrator_gives_another_address_is_asked_there_or_the_administrator_is_told(
    world: World, grace: User
) -> None:
    linus = await world.add("linus", state=AccountState.REGISTERED)
    while await asks(world, letter="verify_email"):  # strangers asked as often as they could
        pass
    async with await world.browser_of(grace) as browser:
        assert (await browser.patch(f"{USERS}/{linus.id}", json={"email": ADA})).status_code == 200
        assert [letter.to for letter in await letters(world, "verify_email")] == [ADA]
        await use_up(world, "verify_email", "other@example.org")
        refused = await browser.patch(f"{USERS}/{linus.id}", json={"email": "other@example.org"})
        assert code(refused) == (429, "too_many_letters")
        assert (await browser.get(f"{USERS}/{linus.id}")).json()["email"] == ADA


async def test_many_who_ask_at_once_get_no_more(world: World) -> None:
    answers = await asyncio.gather(*(asks(world) for _ in range(16)))
    assert answers.count(True) == A_DAY


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ada@example.org", "ada+news@example.org"),
        ("ada@example.org", "ada+a+b@example.org"),
        ("a.da@gmail.com", "ad.a+x@googlemail.com"),
    ],
)
def test_two_names_of_one_mailbox_are_one(one: str, other: str) -> None:
    assert mailbox_of(one) == mailbox_of(other)


@pytest.mark.parametrize(("one", "other"), [("a.da@example.org", "ada@example.org"), (ADA, "ada@example.com")])
def test_two_mailboxes_are_two(one: str, other: str) -> None:
    assert mailbox_of(one) != mailbox_of(other)


@given(name=words, tag=words, domain=words)
def test_no_tag_makes_another_mailbox(name: str, tag: str, domain: str) -> None:
    plain = canonical_email(f"{name}@{domain}.org")
    assert mailbox_of(canonical_email(f"{name.upper()}+{tag}@{domain}.ORG")) == mailbox_of(plain) == plain


async def test_counts_of_days_gone_by_are_removed(world: World) -> None:
    await asks(world)
    world.clock.advance(days=2)
    await asks(world)
    async with world.database.write() as session:
        assert await purge_letter_counts(session, now=world.clock.now()) == 1
        assert await session.scalar(select(func.count()).select_from(LetterCount)) == 1
