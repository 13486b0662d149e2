"""A birthdate has come somewhere on earth, and is no slip of the pen; by whatever way it is said."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from tests.accounts.mailbox import letters
from tests.accounts.settings import open_sign_up
from tests.accounts.signing_in import API, ME
from tests.accounts.test_sign_up import sign_up
from tests.accounts.world import World, code
from tidings.accounts.mail_tokens.tokens import issue_mail_token
from tidings.accounts.mail_tokens.types import MailPurpose
from tidings.accounts.models import User
from tidings.accounts.types import Scope
from tidings.accounts.users import locked_user

SERVED = {"name": "Linus", "username": "linus", "email": "linus@example.org"}


async def of_oneself(world: World, ada: User, _grace: User, birthdate: str) -> httpx.Response:
    async with await world.browser_of(ada) as browser:
        return await browser.patch(ME, json={"birthdate": birthdate})


async def of_another(world: World, ada: User, grace: User, birthdate: str) -> httpx.Response:
    async with await world.browser_of(grace) as admin:
        return await admin.patch(f"{API}/users/{ada.id}", json={"birthdate": birthdate})


async def made_by_a_server(world: World, _ada: User, _grace: User, birthdate: str) -> httpx.Response:
    async with world.client(bearer=await world.key(Scope.USERS_WRITE)) as server:
        return await server.post(f"{API}/users", json={**SERVED, "birthdate": birthdate})


async def signing_up(world: World, _ada: User, _grace: User, birthdate: str) -> httpx.Response:
    await open_sign_up(world)
    return await sign_up(world, birthdate=birthdate)


Way = Callable[[World, User, User, str], Awaitable[httpx.Response]]
WAYS: tuple[Way, ...] = (of_oneself, of_another, made_by_a_server, signing_up)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("birthdate", "fault"), [("2026-03-03", "birthdate_in_future"), ("1799-12-31", "birthdate_too_early")]
)
async def test_a_birthdate_that_can_be_nobody_s_is_refused(
    world: World, ada: User, grace: User, way: Way, birthdate: str, fault: str
) -> None:
    refused = await way(world, ada, grace, birthdate)
    assert code(refused) == (422, "invalid_request")
    assert faults(refused) == [("/birthdate", fault)]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("birthdate", ["2026-03-02", "1800-01-01"])
async def test_the_first_and_the_last_that_can_be_somebody_s_are_taken(
    world: World, ada: User, grace: User, way: Way, birthdate: str
) -> None:
    assert (await way(world, ada, grace, birthdate)).is_success


async def test_a_day_can_be_one_s_birthdate_as_soon_as_it_has_begun_anywhere(
    world: World, ada: User, grace: User
) -> None:
    world.clock.advance(minutes=29, seconds=59)  # 09:59:59 UTC
    assert faults(await of_oneself(world, ada, grace, "2026-03-03")) == [("/birthdate", "birthdate_in_future")]
    world.clock.advance(seconds=1)  # midnight in Kiritimati
    assert (await of_oneself(world, ada, grace, "2026-03-03")).json()["birthdate"] == "2026-03-03"


async def test_a_refusal_does_not_tell_whether_the_address_is_known(world: World, ada: User) -> None:
    await open_sign_up(world)
    async with world.database.write() as session:
        await locked_user(session, ada.id)
        left, now = "left@example.org", world.clock.now()
        await issue_mail_token(session, ada.id, MailPurpose.UNDO_EMAIL, left, now=now)
    for email in ("new@example.org", "ada@example.org", left):
        refused = await sign_up(world, email=email, birthdate="2999-01-01")
        assert (code(refused), faults(refused)) == ((422, "invalid_request"), [("/birthdate", "birthdate_in_future")])
    assert await letters(world, "address_known") == []


def faults(answer: httpx.Response) -> list[tuple[Any, Any]]:
    return [(each["pointer"], each["code"]) for each in answer.json()["errors"]]
