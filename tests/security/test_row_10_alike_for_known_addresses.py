"""Row 10: sign-up and reset always answer 202; an existing owner gets a letter."""

import httpx
import pytest

from tests.accounts.mailbox import letters
from tests.accounts.settings import open_sign_up
from tests.accounts.world import PASSWORD, World
from tidings.accounts.models import User

AUTH = "/api/v1/auth"
ASKING = ("sign-up", "password-reset/request", "verify-email/resend")


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
