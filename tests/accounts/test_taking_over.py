"""Signing up with an address that is known here without an account: whoever reads it has that one."""

from typing import Any

import httpx
import pytest
from sqlalchemy import select

from tests.accounts.mailbox import letters, newest
from tests.accounts.settings import open_sign_up
from tests.accounts.signing_in import log_in
from tests.accounts.test_sign_up import ACCEPTED, sign_up
from tests.accounts.world import PASSWORD, World, code
from tidings.accounts.events import AccessEnded, ApprovalRequested
from tidings.accounts.mail_tokens.tokens import LIVES
from tidings.accounts.mail_tokens.types import MailPurpose
from tidings.accounts.models import User
from tidings.accounts.types import AccountState, Scope
from tidings.accounts.usernames.models import HeldUsername

AUTH = "/api/v1/auth"
USERS = "/api/v1/users"
GUEST = "guest@example.org"
TAKEN, INVALID = (422, "username_taken"), (400, "token_invalid")


async def takes_over(world: World, token: str, **changes: Any) -> httpx.Response:
    body = {"token": token, "username": "linus", "name": "Linus", "password": PASSWORD} | changes
    async with world.client() as stranger:
        return await stranger.post(f"{AUTH}/invitation", json=body)


async def now(world: World, user: User) -> User:
    found = await world.user(user.id)
    assert found is not None
    return found


async def link(world: World) -> str:
    return (await newest(world, "take_over")).token


async def test_a_recipient_who_signs_up_has_the_account_that_is_theirs(world: World, guest: User) -> None:
    await open_sign_up(world)
    answer = await sign_up(world, email=GUEST)
    assert (answer.status_code, answer.json()) == ACCEPTED
    before = await now(world, guest)
    assert (before.state, before.username, before.password_hash) == (AccountState.RECIPIENT, None, None)
    (letter,) = await letters(world)
    assert (letter.name, letter.to, letter.user_id) == ("take_over", GUEST, guest.id)
    assert (await takes_over(world, letter.token)).json() == {"state": "active"}
    async with world.client() as theirs:
        signed_in = await log_in(theirs, GUEST)
    me = signed_in.json()["user"]
    assert (me["id"], me["username"], me["access_type"]) == (str(guest.id), "linus", "regular")
    assert me["external_id"] == "guest-1"
    assert AccessEnded(guest.id, (None,), "taken_over") in world.ended  # no host speaks for them any more
    assert code(await takes_over(world, letter.token)) == INVALID


async def test_the_name_that_was_asked_for_waits_for_who_uses_the_link_and_for_nobody_else(
    world: World, ada: User, guest: User
) -> None:
    await open_sign_up(world)
    await sign_up(world, email=GUEST)
    await sign_up(world, username="other", email="ada@example.org")
    assert code(await sign_up(world, email="third@example.org")) == TAKEN
    assert code(await takes_over(world, await link(world), username="other")) == TAKEN
    assert (await takes_over(world, await link(world), username="linus")).status_code == 200
    async with world.database.read() as session:
        assert (await session.scalars(select(HeldUsername.username))).all() == ["other"]


async def test_a_name_is_not_kept_for_the_link_longer_than_it_is_held(world: World, guest: User, ada: User) -> None:
    """Else who asked for a name long ago could see whether somebody else's sign-up with it made an account."""
    await open_sign_up(world)
    await sign_up(world, email=GUEST)
    world.clock.advance(days=7)
    assert (await sign_up(world, email="ada@example.org")).status_code == 202
    async with world.client() as stranger:
        await stranger.post(f"{AUTH}/verify-email/resend", json={"email": GUEST})
    assert code(await takes_over(world, await link(world))) == TAKEN


async def test_an_administrator_is_asked_where_sign_ups_wait_for_one(world: World, grace: User, guest: User) -> None:
    await open_sign_up(world, approval=True)
    await sign_up(world, email=GUEST)
    assert (await takes_over(world, await link(world))).json() == {"state": "registered"}
    assert ApprovalRequested(guest.id, "Linus", "linus") in world.heard
    async with world.client() as theirs:
        assert code(await log_in(theirs, GUEST)) == (401, "invalid_credentials")
        async with await world.browser_of(grace) as browser:
            assert (await browser.post(f"{USERS}/{guest.id}/approve")).json()["state"] == "active"
        assert (await log_in(theirs, GUEST)).status_code == 200
    assert (await newest(world, "approved")).to == GUEST
    assert world.ended[-1].user_id == guest.id


async def test_who_is_turned_down_is_the_recipient_they_were(world: World, grace: User, guest: User) -> None:
    await open_sign_up(world, approval=True)
    await sign_up(world, email=GUEST)
    await takes_over(world, await link(world))
    async with await world.browser_of(grace) as browser:
        made = await browser.patch(f"{USERS}/{guest.id}", json={"access_type": "admin"})
        assert made.status_code == 200, made.text
        assert (await browser.post(f"{USERS}/{guest.id}/reject")).json()["state"] == "recipient"
    user = await now(world, guest)
    assert user.access_type == "regular"
    assert (user.username, user.password_hash, user.email, user.pending_admin_approval) == (None, None, GUEST, False)
    async with world.client(bearer=await world.key(Scope.USERS_WRITE)) as server:
        described = await server.put(f"{USERS}/by-external-id/guest-1", json={"name": "Guest"})
        assert described.status_code == 200
    assert (await sign_up(world, username="again", email=GUEST)).status_code == 202
    assert (await takes_over(world, await link(world), username="again")).json() == {"state": "registered"}


async def test_another_link_replaces_the_first(world: World, guest: User) -> None:
    await open_sign_up(world)
    async with world.client() as stranger:
        await stranger.post(f"{AUTH}/verify-email/resend", json={"email": GUEST})
        assert await letters(world) == []  # nobody signed up with it
        await sign_up(world, email=GUEST)
        await stranger.post(f"{AUTH}/verify-email/resend", json={"email": GUEST})
    first, second = await letters(world, "take_over")
    assert code(await takes_over(world, first.token)) == INVALID
    assert (await takes_over(world, second.token)).status_code == 200


async def test_a_link_is_dead_once_the_host_says_another_address(world: World, guest: User) -> None:
    await open_sign_up(world)
    await sign_up(world, email=GUEST)
    async with world.client(bearer=await world.key(Scope.USERS_WRITE)) as server:
        await server.put(f"{USERS}/by-external-id/guest-1", json={"email": "elsewhere@example.org"})
    assert code(await takes_over(world, await link(world))) == INVALID


async def test_an_invitation_takes_the_place_of_a_sign_up(world: World, grace: User, guest: User) -> None:
    await open_sign_up(world, approval=True)
    await sign_up(world, email=GUEST)
    async with await world.browser_of(grace) as browser:
        assert (await browser.post(f"{USERS}/invite", json={"email": GUEST})).status_code == 201
    assert code(await takes_over(world, await link(world))) == INVALID
    accepted = await takes_over(world, (await newest(world, "invitation")).token, username="guest")
    assert accepted.json() == {"state": "active"}  # an administrator invited them, and need not be asked


async def test_a_stranger_disturbs_no_invitation_that_waits(world: World, grace: User) -> None:
    await open_sign_up(world, approval=True)
    async with await world.browser_of(grace) as browser:
        await browser.post(f"{USERS}/invite", json={"email": "linus@example.org", "access_type": "admin"})
    await sign_up(world)
    assert [letter.name for letter in await letters(world)] == ["invitation", "address_known"]
    accepted = await takes_over(world, (await newest(world, "invitation")).token, username="torvalds")
    assert accepted.json() == {"state": "active"}


@pytest.mark.parametrize("approval", [True, False])
async def test_whose_invitation_ran_out_signs_up_like_anybody(world: World, grace: User, approval: bool) -> None:
    await open_sign_up(world, approval=approval)
    async with await world.browser_of(grace) as browser:
        await browser.post(f"{USERS}/invite", json={"email": "linus@example.org", "access_type": "admin"})
    world.clock.advance(seconds=int(LIVES[MailPurpose.INVITATION].total_seconds()))
    for name in ("linus", "torvalds"):
        assert (await sign_up(world, username=name)).status_code == 202
    taken = await takes_over(world, await link(world), username="torvalds")
    assert taken.json() == {"state": "registered" if approval else "active"}
    async with world.database.read() as session:
        user = (await session.scalars(select(User).where(User.username == "torvalds"))).one()
    assert user.access_type == "regular"


async def test_an_address_that_was_turned_down_unverified_is_free(world: World, grace: User) -> None:
    await open_sign_up(world, approval=True)
    await sign_up(world, username="junk", email="carol@example.org")
    async with world.database.read() as session:
        junk = (await session.scalars(select(User).where(User.username == "junk"))).one()
    async with await world.browser_of(grace) as browser:
        rejected = (await browser.post(f"{USERS}/{junk.id}/reject")).json()
        assert (rejected["state"], rejected["email"]) == ("rejected", None)
        assert (await newest(world, "rejected")).to == "carol@example.org"
        assert (await sign_up(world, username="carol", email="carol@example.org")).status_code == 202
        assert (await newest(world, "verify_email")).user_id != junk.id
        assert (await browser.post(f"{USERS}/invite", json={"email": "other@example.org"})).status_code == 201


async def test_an_address_that_was_turned_down_verified_stays_closed(world: World, grace: User) -> None:
    await open_sign_up(world, approval=True)
    await sign_up(world)
    token = (await newest(world, "verify_email")).token
    async with world.client() as stranger:
        assert (await stranger.post(f"{AUTH}/verify-email", json={"token": token})).json() == {"state": "registered"}
    async with world.database.read() as session:
        linus = (await session.scalars(select(User).where(User.username == "linus"))).one()
    async with await world.browser_of(grace) as browser:
        rejected = (await browser.post(f"{USERS}/{linus.id}/reject")).json()
    assert (rejected["state"], rejected["email"]) == ("rejected", "linus@example.org")
    await sign_up(world, username="again")
    assert (await newest(world, "address_known")).user_id == linus.id
