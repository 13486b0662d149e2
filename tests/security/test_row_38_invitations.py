"""Row 38: an invitation is for one address, used once, and gives no more rights than the inviter has then."""

from typing import Any

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from tests.accounts.mailbox import newest
from tests.accounts.racing import MANY, at_once
from tests.accounts.world import HASH, PASSWORD, World, code
from tidings.accounts.audit.types import SERVER
from tidings.accounts.errors import TokenInvalid
from tidings.accounts.invitations.inviting import NewAccount, accept_invitation
from tidings.accounts.models import User
from tidings.accounts.types import AccessType
from tidings.accounts.users import change_access_type, delete_user, suspend_user

USERS = "/api/v1/users"
LINUS = "linus@example.org"


async def invited(world: World, admin: User, access_type: str = "admin") -> str:
    async with await world.browser_of(admin) as browser:
        answer = await browser.post(f"{USERS}/invite", json={"email": LINUS, "access_type": access_type})
    assert answer.status_code == 201
    return (await newest(world, "invitation")).token


async def accepts(world: World, token: str, username: str = "linus", **more: Any) -> httpx.Response:
    body = {"token": token, "username": username, "name": "Linus", "password": PASSWORD, **more}
    async with world.client() as stranger:
        return await stranger.post("/api/v1/auth/invitation", json=body)


async def found(world: World, grace: User) -> list[tuple[str, str]]:
    async with await world.browser_of(grace) as browser:
        users = (await browser.get(USERS, params={"search": LINUS})).json()["records"]
    return [(user["email"], user["access_type"]) for user in users]


async def test_row_38_an_invitation_is_for_the_address_it_was_sent_to(world: World, grace: User) -> None:
    token = await invited(world, grace)
    for more in ({"email": "other@example.org"}, {"access_type": "admin"}):
        assert code(await accepts(world, token, **more)) == (422, "invalid_request")
    assert (await accepts(world, token)).status_code == 200
    assert await found(world, grace) == [(LINUS, "admin")]


async def test_row_38_of_sixteen_who_accept_at_once_one_has_the_account(world: World, grace: User) -> None:
    """Past the hashing of passwords, which lets few through at a time and would have them come one by one."""
    token = await invited(world, grace)
    usernames = iter([f"linus{number}" for number in range(MANY)])

    async def accept(session: AsyncSession) -> str | None:
        account = NewAccount(username=next(usernames), name="Linus", password_hash=HASH)
        try:
            user = await accept_invitation(session, token, account, by=SERVER, now=world.clock.now())
        except TokenInvalid:
            await session.rollback()
            return None
        return user.username

    (accepted,) = filter(None, await at_once(world.database, accept))
    assert len(await found(world, grace)) == 1
    assert code(await accepts(world, token)) == (400, "token_invalid")
    async with world.client() as stranger:
        signed_in = await stranger.post("/api/v1/auth/login", json={"login": accepted, "password": PASSWORD})
    assert signed_in.status_code == 200


@pytest.mark.parametrize("loss", ["demoted", "suspended", "deleted"])
async def test_row_38_whoever_lost_their_rights_gives_none(world: World, grace: User, loss: str) -> None:
    former = await world.add("former", admin=True)
    token = await invited(world, former)
    async with world.database.write() as session:
        now = world.clock.now()
        if loss == "demoted":
            await change_access_type(session, former.id, AccessType.REGULAR, by=SERVER, now=now)
        elif loss == "suspended":
            await suspend_user(session, former.id, by=SERVER, now=now)
        else:
            await delete_user(session, former.id, by=SERVER, now=now)
    assert (await accepts(world, token)).status_code == 200
    assert await found(world, grace) == [(LINUS, "regular")]


async def test_row_38_an_invitation_ends_after_three_days(world: World, grace: User) -> None:
    token = await invited(world, grace)
    world.clock.advance(hours=72)
    assert code(await accepts(world, token)) == (400, "token_invalid")
