"""Row 10: sign-up and reset always answer 202; an existing owner gets a letter.

How far the times of the answers lie apart, `make bench` measures over 500 pairs (M17); that they wait for a beat is
shown here.
"""

import asyncio
from collections.abc import Sequence
from itertools import count

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, update

from tests.accounts.mailbox import letters
from tests.accounts.settings import open_sign_up
from tests.accounts.signing_in import WRONG
from tests.accounts.world import PASSWORD, World, code
from tidings.accounts.api.beats import ABOUT_ADDRESSES
from tidings.accounts.letter_limits.models import LetterCount
from tidings.accounts.models import User
from tidings.accounts.sign_up.signing_up import purge_unverified
from tidings.accounts.types import AccountState
from tidings.kernel.http.routing import TransactionRoute

AUTH = "/api/v1/auth"
ASKING = ("sign-up", "password-reset/request", "verify-email/resend")
TYPED = ("{name}", "{NAME}", "{name}@example.org", "{Name}@Example.ORG", "{chosen}", "{Chosen}")
"""What can be typed after a sign-up: the address it named, in several ways, and the user name that was asked for."""
TRIES = st.lists(
    st.tuples(st.sampled_from(["login", "token"]), st.sampled_from(TYPED), st.sampled_from([WRONG, PASSWORD])),
    min_size=7,
    max_size=10,
)
numbers = count()
KNOWN = ["unknown", *(state.value for state in AccountState)]


def body(path: str, email: str, number: int) -> dict[str, str]:
    if path != "sign-up":
        return {"email": email}
    return {"email": email, "username": f"new{number}", "name": "New", "password": PASSWORD}


def seen(answer: httpx.Response) -> tuple[int, bytes, list[str]]:
    """Everything a stranger can tell answers apart by."""
    return answer.status_code, answer.content, sorted(answer.headers)


@pytest.mark.parametrize("path", ASKING)
async def test_row_10_a_stranger_cannot_tell_a_known_address_from_an_unknown_one(
    world: World, ada: User, path: str
) -> None:
    await open_sign_up(world)
    async with world.client() as stranger:
        known, unknown = [
            seen(await stranger.post(f"{AUTH}/{path}", json=body(path, email, number)))
            for number, email in enumerate(("ada@example.org", "nobody@example.org"))
        ]
    assert known == unknown
    assert known[0] == 202


async def test_row_10_the_owner_of_a_known_address_learns_of_a_sign_up(world: World, ada: User) -> None:
    await open_sign_up(world)
    async with world.client() as stranger:
        await stranger.post(f"{AUTH}/sign-up", json=body("sign-up", "ada@example.org", 1))
    assert [(letter.name, letter.to, letter.user_id) for letter in await letters(world)] == [
        ("address_known", "ada@example.org", ada.id)
    ]
    assert (await world.user(ada.id)) is not None


async def test_row_10_nothing_leaves_for_an_address_that_nobody_has(world: World) -> None:
    async with world.client() as stranger:
        for path in ASKING[1:]:
            await stranger.post(f"{AUTH}/{path}", json=body(path, "nobody@example.org", 1))
    assert await letters(world) == []


@pytest.mark.parametrize("email", ["ada@example.org", "nobody@example.org"])
@pytest.mark.parametrize("path", ASKING)
async def test_row_10_the_answer_waits_for_a_beat(world: World, ada: User, path: str, email: str) -> None:
    await open_sign_up(world)
    loop = asyncio.get_running_loop()
    async with world.client() as stranger:
        began = loop.time()
        answer = await stranger.post(f"{AUTH}/{path}", json=body(path, email, 1))
    assert (answer.status_code, await letters_counted(world)) == (202, 1)
    assert loop.time() - began >= ABOUT_ADDRESSES.seconds


def test_row_10_every_route_that_writes_to_a_given_address_waits_for_a_beat(world: World) -> None:
    routes = [route for route in world.app.routes if isinstance(route, TransactionRoute)]
    assert {(*(route.methods or ()), route.path) for route in routes if route.beat is ABOUT_ADDRESSES} == {
        *(("POST", f"{AUTH}/{path}") for path in ASKING),
        ("PUT", "/api/v1/users/me/email"),
    }


async def after_a_sign_up(
    world: World, stranger: httpx.AsyncClient, tries: Sequence[tuple[str, str, str]], *, number: int, known: str
) -> list[tuple[int, str, str | None]]:
    """What a stranger sees who signs up with an address, and then tries to sign in under these names."""
    name, chosen = f"tia{number}{known}"[:12], f"new{number}{known}"[:12]
    if known != "unknown":
        user = await world.add(name, state=AccountState(known), external_id=name)
        async with world.database.write() as session:  # nobody else knows their user name
            await session.execute(update(User).where(User.id == user.id).values(username=None))
    asked = await stranger.post(
        f"{AUTH}/sign-up",
        json={"email": f"{name}@example.org", "username": chosen, "name": "New", "password": PASSWORD},
    )
    assert asked.status_code == 202
    names = {"name": name, "NAME": name.upper(), "Name": name.title(), "chosen": chosen, "Chosen": chosen.upper()}
    shown = []
    for path, typed, password in tries:
        # The right password of somebody else's account would tell, and is theirs alone.
        body = {"login": typed.format(**names), "password": WRONG if known == "active" else password}
        answer = await stranger.post(f"{AUTH}/{path}", json=body)
        shown.append((answer.status_code, answer.json()["code"], answer.headers.get("retry-after")))
    return shown


@settings(
    max_examples=2, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(TRIES)
async def test_row_10_what_failures_tell_after_a_sign_up_depends_on_what_was_typed_alone(
    world: World, tries: Sequence[tuple[str, str, str]]
) -> None:
    await open_sign_up(world)
    number = next(numbers)
    async with world.client() as stranger:
        shown = {known: await after_a_sign_up(world, stranger, tries, number=number, known=known) for known in KNOWN}
    assert len({tuple(each) for each in shown.values()}) == 1, shown


@pytest.mark.parametrize("known", KNOWN)
async def test_row_10_five_failures_under_the_new_name_close_no_address(world: World, known: str) -> None:
    await open_sign_up(world)
    tries = [("login", "{chosen}", WRONG)] * 6 + [("login", "{name}@example.org", WRONG)]
    async with world.client() as stranger:
        shown = await after_a_sign_up(world, stranger, tries, number=0, known=known)
    assert [status for status, *_ in shown] == [401] * 5 + [429, 401]


@pytest.mark.parametrize("is_known", [True, False])
async def test_row_10_a_name_that_was_tried_is_taken_for_everybody_who_asks_for_it(
    world: World, ada: User, grace: User, is_known: bool
) -> None:
    await open_sign_up(world)
    async with world.client() as stranger:
        email = "ada@example.org" if is_known else "nobody@example.org"
        await stranger.post(f"{AUTH}/sign-up", json=body("sign-up", email, 1))
    async with await world.browser_of(ada) as browser:
        assert code(await browser.patch("/api/v1/users/me", json={"username": "New1"})) == (422, "username_taken")
        assert (await browser.patch("/api/v1/users/me", json={"username": "new2"})).status_code == 200
        assert (await browser.patch("/api/v1/users/me", json={"username": "new2"})).status_code == 200
    async with await world.browser_of(grace) as browser:
        made = await browser.patch(f"/api/v1/users/{ada.id}", json={"username": "new1"})
        assert code(made) == (422, "username_taken")


@pytest.mark.parametrize("is_known", [True, False])
async def test_row_10_a_rejected_name_is_free_when_one_that_was_held_is(
    world: World, ada: User, grace: User, is_known: bool
) -> None:
    """Who was known was never asked about; so what a rejection leaves must end when a held name does."""
    await open_sign_up(world, approval=True)
    async with world.client() as stranger:
        email = "ada@example.org" if is_known else "nobody@example.org"
        await stranger.post(f"{AUTH}/sign-up", json=body("sign-up", email, 1))
        if not is_known:
            async with world.database.read() as session:
                new = (await session.scalars(select(User).where(User.username == "new1"))).one()
            async with await world.browser_of(grace) as browser:
                assert (await browser.post(f"/api/v1/users/{new.id}/reject")).status_code == 200
        seen_then = []
        for days in (6, 1):
            world.clock.advance(days=days)
            async with world.database.write() as session:
                await purge_unverified(session, now=world.clock.now())
            answer = await stranger.post(f"{AUTH}/sign-up", json=body("sign-up", "somebody@example.org", 1))
            seen_then.append(answer.status_code)
    assert seen_then == [422, 202]


async def letters_counted(world: World) -> int:
    """How many mailboxes somebody asked for a letter to, whether or not it was written."""
    async with world.database.read() as session:
        return await session.scalar(select(func.count()).select_from(LetterCount)) or 0
