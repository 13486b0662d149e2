"""How many letters a mailbox gets in a day."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from tests.accounts.world import World
from tidings.accounts.identifiers import canonical_email
from tidings.accounts.letter_limits.counting import (
    A_DAY,
    TOLD_A_DAY,
    forget_letter_counts,
    mailbox_of,
    may_tell,
    may_write,
    purge_letter_counts,
)
from tidings.accounts.letter_limits.models import LetterCount

ADA = "ada@example.org"
words = st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=1, max_size=12)


async def asks(world: World, email: str = ADA, letter: str = "confirm_email") -> bool:
    async with world.database.write() as session:
        return await may_write(session, email, letter, now=world.clock.now())


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
        async with world.database.write() as session:
            return await may_tell(session, email, letter, now=world.clock.now())

    assert [await is_told() for _ in range(TOLD_A_DAY + 2)] == [True] * TOLD_A_DAY + [False] * 2
    assert await is_told(letter="password_changed")
    assert await is_told("ada+neighbour@example.org")
    world.clock.advance(days=1)
    assert await is_told()


async def test_of_who_is_gone_no_letter_was_counted(world: World) -> None:
    tagged = "ada+news@example.org"
    await asks(world, tagged)
    async with world.database.write() as session:
        await may_tell(session, tagged, "new_device", now=world.clock.now())
        await forget_letter_counts(session, [tagged])
        assert await session.scalar(select(func.count()).select_from(LetterCount)) == 0


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
