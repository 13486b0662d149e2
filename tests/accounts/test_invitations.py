"""Inviting somebody by their address."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx

from tests.accounts.mailbox import letters, newest
from tests.accounts.world import PASSWORD, World, code
from tidings.accounts.audit.types import SERVER, Actor, ActorKind
from tidings.accounts.invitations.inviting import invite
from tidings.accounts.models import User
from tidings.accounts.types import AccessType, AccountState, Scope
from tidings.accounts.usernames.holding import hold_username

AUTH = "/api/v1/auth"
USERS = "/api/v1/users"
LINUS = "linus@example.org"


async def invites(world: World, admin: User, email: str = LINUS, **more: Any) -> httpx.Response:
    async with await world.browser_of(admin) as browser:
        return await browser.post(f"{USERS}/invite", json={"email": email, **more})


async def accepts(world: World, token: str, **changes: Any) -> httpx.Response:
    body = {"token": token, "username": "Linus", "name": "Linus", "password": PASSWORD} | changes
    async with world.client() as stranger:
        return await stranger.post(f"{AUTH}/invitation", json=body)


async def link(world: World) -> str:
    return (await newest(world, "invitation")).token


async def test_somebody_who_is_invited_has_an_account(world: World, grace: User) -> None:
    invited = await invites(world, grace, "Linus@Example.org", name="Linus")
    assert (invited.status_code, invited.json()["state"], invited.json()["email"]) == (201, "invited", LINUS)
    letter = await newest(world, "invitation")
    assert letter.to == LINUS
    assert "Grace" in letter.text
    assert (await accepts(world, letter.token)).json() == {"state": "active"}
    async with world.client() as theirs:
        answer = await theirs.post(f"{AUTH}/login", json={"login": LINUS, "password": PASSWORD})
    me = answer.json()["user"]
    assert (me["id"], me["email_verified"], me["access_type"]) == (invited.json()["id"], True, "regular")


async def test_a_name_that_is_taken_leaves_the_invitation_usable(world: World, grace: User) -> None:
    await invites(world, grace)
    token = await link(world)
    assert code(await accepts(world, token, username="grace")) == (422, "username_taken")
    assert code(await accepts(world, token, password="too short")) == (422, "password_refused")
    assert (await accepts(world, token)).status_code == 200


async def test_an_administrator_to_be_gets_no_name_that_is_taken_or_held_either(world: World, grace: User) -> None:
    async with world.database.write() as session:
        now = world.clock.now()
        await hold_username(session, "held", now + timedelta(days=3), now=now)
    await invites(world, grace, access_type="admin")
    token = await link(world)
    for username in ("held", "grace"):
        assert code(await accepts(world, token, username=username)) == (422, "username_taken")
    assert (await accepts(world, token)).status_code == 200


async def test_an_administrator_who_gives_another_address_voids_the_invitation(world: World, grace: User) -> None:
    made = (await invites(world, grace)).json()
    mistyped = await link(world)
    async with await world.browser_of(grace) as browser:
        answer = await browser.patch(f"{USERS}/{made['id']}", json={"email": "linus@right.example"})
    assert (answer.status_code, answer.json()["state"]) == (200, "invited")
    assert code(await accepts(world, mistyped)) == (400, "token_invalid")
    again = await invites(world, grace, "linus@right.example")
    assert (again.status_code, again.json()["id"]) == (201, made["id"])
    assert code(await accepts(world, mistyped)) == (400, "token_invalid")
    assert (await accepts(world, await link(world))).status_code == 200


async def test_an_invitation_stays_void_when_the_address_is_given_back(world: World, grace: User) -> None:
    made = (await invites(world, grace)).json()
    token = await link(world)
    async with await world.browser_of(grace) as browser:
        for email in ("linus@right.example", LINUS):
            assert (await browser.patch(f"{USERS}/{made['id']}", json={"email": email})).status_code == 200
    assert code(await accepts(world, token)) == (400, "token_invalid")


async def test_a_second_invitation_replaces_the_first(world: World, grace: User) -> None:
    await invites(world, grace, access_type="admin")
    first = await link(world)
    await invites(world, grace)
    assert code(await accepts(world, first)) == (400, "token_invalid")
    assert (await accepts(world, await link(world))).status_code == 200
    async with await world.browser_of(grace) as browser:
        found = (await browser.get(USERS, params={"search": "linus"})).json()["records"]
    assert [user["access_type"] for user in found] == ["regular"]


async def test_the_address_of_an_account_is_not_invited(world: World, ada: User, grace: User) -> None:
    assert code(await invites(world, grace, "ada@example.org")) == (422, "email_taken")
    assert await letters(world) == []


async def test_a_recipient_who_is_invited_stays_the_same_person(world: World, grace: User, guest: User) -> None:
    await invites(world, grace, "guest@example.org")
    assert (await accepts(world, await link(world))).status_code == 200
    user = await world.user(guest.id)
    assert user is not None
    assert (user.state, user.external_id, user.username) == (AccountState.ACTIVE, "guest-1", "linus")


async def test_an_invitation_ends_with_the_account_it_would_make(world: World, grace: User) -> None:
    made = (await invites(world, grace)).json()
    async with await world.browser_of(grace) as browser:
        assert (await browser.delete(f"{USERS}/{made['id']}")).status_code == 204
    assert code(await accepts(world, await link(world))) == (400, "token_invalid")


async def test_only_administrators_invite(world: World, ada: User) -> None:
    assert code(await invites(world, ada)) == (403, "forbidden")
    async with world.client(bearer=await world.key(Scope.USERS_WRITE)) as server:
        assert code(await server.post(f"{USERS}/invite", json={"email": LINUS})) == (403, "insufficient_scope")


async def test_the_command_line_may_make_an_administrator_so(world: World) -> None:
    async with world.database.write() as session:
        user = await invite(
            session,
            LINUS,
            access_type=AccessType.ADMIN,
            name=None,
            keyring=world.keyring,
            by=SERVER,
            now=world.clock.now(),
        )
        user_id = user.id
    assert (await accepts(world, await link(world))).status_code == 200
    assert await access_type_of(world, user_id) is AccessType.ADMIN


async def test_what_a_key_promised_is_no_more_than_it_may_give(world: World, grace: User) -> None:
    """No key is let to promise an administrator's rights; a promise that stands all the same gives none."""
    await world.key(Scope.ADMIN, owner=grace)
    async with await world.browser_of(grace) as browser:
        [key] = (await browser.get("/api/v1/api-keys")).json()["api_keys"]
    by = Actor(kind=ActorKind.KEY, id=UUID(key["id"]))
    async with world.database.write() as session:
        user = await invite(
            session,
            LINUS,
            access_type=AccessType.ADMIN,
            name=None,
            keyring=world.keyring,
            by=by,
            now=world.clock.now(),
        )
        user_id = user.id
    assert (await accepts(world, await link(world))).status_code == 200
    assert await access_type_of(world, user_id) is AccessType.REGULAR


async def access_type_of(world: World, user_id: UUID) -> AccessType:
    user = await world.user(user_id)
    assert user is not None
    return user.access_type
