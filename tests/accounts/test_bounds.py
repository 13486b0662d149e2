"""What one account, or somebody who has none, can fill: so much and no more."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from tests.accounts.racing import at_once
from tests.accounts.settings import open_sign_up
from tests.accounts.signing_in import API, ME, log_in
from tests.accounts.world import PASSWORD, World, code
from tidings.accounts.audit.types import SERVER
from tidings.accounts.errors import TooManyApiKeys
from tidings.accounts.keys import MAX_KEYS, create_key
from tidings.accounts.known_devices.knowing import MAX_DEVICES, remember_device
from tidings.accounts.known_devices.models import KnownDevice
from tidings.accounts.models import ApiKey, Ticket, User, UserSession
from tidings.accounts.sessions import MAX_SESSIONS
from tidings.accounts.sign_up.signing_up import PURGED_AT_ONCE, purge_unverified
from tidings.accounts.types import Scope, SessionKind
from tidings.accounts.usernames.holding import purge_held_usernames
from tidings.accounts.usernames.models import HeldUsername
from tidings.accounts.users import locked_user
from tidings.kernel.ids import new_id


async def many_sessions(world: World, user: User, count: int) -> list[UUID]:
    """So many sessions of this user, each used a second after the one before."""
    now = world.clock.now()
    ids = [new_id() for _ in range(count)]
    rows = [
        {
            "id": session_id,
            "user_id": user.id,
            "kind": SessionKind.TOKEN,
            "created_at": now,
            "confirmed_at": now,
            "last_used_at": now - timedelta(seconds=count - number),
            "idle_expires_at": now + timedelta(days=1),
            "expires_at": now + timedelta(days=1),
        }
        for number, session_id in enumerate(ids)
    ]
    async with world.database.write() as session:
        await session.execute(insert(UserSession), rows)
    return ids


async def sessions_of(world: World, user: User) -> set[UUID]:
    async with world.database.read() as session:
        return set(await session.scalars(select(UserSession.id).where(UserSession.user_id == user.id)))


async def test_another_session_ends_the_one_that_was_not_used_for_longest(world: World, ada: User, grace: User) -> None:
    first, *others = await many_sessions(world, ada, MAX_SESSIONS)
    hers = await many_sessions(world, grace, 3)
    async with world.client() as browser:
        assert (await log_in(browser)).status_code == 200
        assert len((await browser.get(f"{ME}/sessions")).json()["sessions"]) == MAX_SESSIONS
    left = await sessions_of(world, ada)
    assert (first in left, set(others) <= left, len(left)) == (False, True, MAX_SESSIONS)
    assert await sessions_of(world, grace) == set(hers)


async def test_whoever_holds_a_session_that_ended_so_hears_of_it(world: World, ada: User) -> None:
    first, *_ = await many_sessions(world, ada, MAX_SESSIONS)
    world.heard.clear()
    await world.cookie_of(ada)
    (ended,) = world.ended
    assert (ended.user_id, ended.session_ids, ended.reason) == (ada.id, (first,), "too_many_sessions")


async def test_below_that_nothing_ends(world: World, ada: User) -> None:
    before = await many_sessions(world, ada, MAX_SESSIONS - 1)
    await world.tokens_of(ada)
    assert set(before) < await sessions_of(world, ada)
    assert world.ended == []


async def test_tickets_of_a_session_that_ended_so_are_worth_nothing(world: World, ada: User) -> None:
    bearer = (await world.tokens_of(ada)).access_token
    async with world.client(bearer=bearer) as phone:
        assert (await phone.post(f"{API}/notifications/ws/ticket")).status_code == 200
    world.clock.advance(minutes=10)
    await many_sessions(world, ada, MAX_SESSIONS - 1)
    await world.cookie_of(ada)
    async with world.database.read() as session:
        assert (await session.scalars(select(Ticket))).all() == []


async def test_an_account_has_so_many_keys(world: World, ada: User, grace: User) -> None:
    for _ in range(MAX_KEYS):
        await world.key(Scope.NOTIFICATIONS_READ, owner=ada)
    async with await world.browser_of(ada) as browser:
        asked = {"name": "one more", "scopes": ["notifications:read"]}
        assert code(await browser.post(f"{API}/api-keys", json=asked)) == (409, "too_many_api_keys")
        keys = (await browser.get(f"{API}/api-keys")).json()["api_keys"]
        assert len(keys) == MAX_KEYS
        assert (await browser.delete(f"{API}/api-keys/{keys[0]['id']}")).status_code == 204
        assert (await browser.post(f"{API}/api-keys", json=asked)).status_code == 201
    await world.key(Scope.NOTIFICATIONS_READ, owner=grace)  # each counts for themselves, and the server for nobody
    await world.key(Scope.NOTIFICATIONS_READ)


async def test_many_who_make_the_last_key_at_once_make_one(world: World, ada: User) -> None:
    for _ in range(MAX_KEYS - 1):
        await world.key(Scope.NOTIFICATIONS_READ, owner=ada)

    async def make(session: AsyncSession) -> bool:
        try:
            await create_key(
                session,
                owner_id=ada.id,
                name="ci",
                scopes=[Scope.NOTIFICATIONS_READ],
                expires_at=None,
                by=SERVER,
                now=world.clock.now(),
            )
        except TooManyApiKeys:
            return False
        return True

    assert (await at_once(world.database, make)).count(True) == 1
    async with world.database.read() as session:
        assert await session.scalar(select(func.count()).select_from(ApiKey)) == MAX_KEYS


async def test_the_device_that_was_not_seen_for_longest_is_forgotten_for_a_new_one(
    world: World, ada: User, grace: User
) -> None:
    tokens = []
    async with world.database.write() as session:
        for owner in [grace, *[ada] * (MAX_DEVICES + 1)]:
            await locked_user(session, owner.id)
            tokens.append(await remember_device(session, owner.id, None, now=world.clock.now()))
            world.clock.advance(seconds=1)
        known = [
            await remember_device(session, owner.id, token, now=world.clock.now()) is None
            for owner, token in ((grace, tokens[0]), (ada, tokens[2]), (ada, tokens[-1]))
        ]
        count = await session.scalar(select(func.count()).where(KnownDevice.user_id == ada.id))
    assert (known, count) == ([True, True, True], MAX_DEVICES)
    async with world.database.write() as session:
        assert await remember_device(session, ada.id, tokens[1], now=world.clock.now()) is not None


async def test_every_sign_up_that_came_to_nothing_goes_slice_by_slice(world: World) -> None:
    await open_sign_up(world)
    async with world.client() as stranger:
        for number in range(3):
            asked = {
                "name": "N",
                "username": f"n{number}",
                "email": f"n{number}@example.org",
                "password": PASSWORD,
            }
            assert (await stranger.post(f"{API}/auth/sign-up", json=asked)).status_code == 202
    async with world.database.write() as session:
        like = (await session.scalars(select(User).where(User.username == "n0"))).one()
        columns = {column.key: getattr(like, column.key) for column in User.__mapper__.column_attrs}
        copies = [
            columns | {"id": new_id(), "username": f"m{number}", "email": f"m{number}@example.org"}
            for number in range(PURGED_AT_ONCE)
        ]
        await session.execute(insert(User), copies)
    world.clock.advance(days=7)
    gone: list[int] = []
    while not gone or gone[-1]:
        async with world.database.write() as session:
            gone.append(await purge_unverified(session, now=world.clock.now()))
    assert gone == [PURGED_AT_ONCE, 3, 0]


@pytest.mark.parametrize("verification", [True, False])
async def test_a_name_is_held_for_seven_days_whatever_the_settings_ask(
    world: World, ada: User, verification: bool
) -> None:
    await open_sign_up(world, verification=verification)
    asked = {"name": "Eve", "username": "eve", "email": "ada@example.org", "password": PASSWORD}
    async with world.client() as stranger:
        assert (await stranger.post(f"{API}/auth/sign-up", json=asked)).status_code == 202
    for days, held in ((6, 1), (1, 0)):
        world.clock.advance(days=days)
        async with world.database.write() as session:
            assert await purge_held_usernames(session, now=world.clock.now()) == 1 - held
            assert await session.scalar(select(func.count()).select_from(HeldUsername)) == held
