"""Ending every session there is: of everybody at once, and of nobody twice."""

import asyncio
from datetime import timedelta
from uuid import UUID, uuid4

from sqlalchemy import func, insert, select

from tests.accounts.racing import somebody_waits
from tests.accounts.world import World, code
from tests.waiting import until
from tidings.accounts.audit.models import AuditEntry
from tidings.accounts.audit.types import SERVER, ActorKind, AuditAction
from tidings.accounts.ending_sessions import AT_ONCE, count_signed_in, end_everybodys_sessions, end_user_sessions
from tidings.accounts.events import EveryAccessEnded
from tidings.accounts.models import Ticket, User, UserSession
from tidings.accounts.pending_sign_ins.models import PendingSignIn
from tidings.accounts.pending_sign_ins.waiting import end_pending, start_pending
from tidings.accounts.sessions import Device, end_all_access, start_browser_session
from tidings.accounts.types import AccountState, Scope, SessionKind
from tidings.accounts.users import delete_user, locked_user
from tidings.kernel.ids import new_id

ME = "/api/v1/users/me"


async def end_all(world: World) -> tuple[int, list[int]]:
    """How many were signed out, and what was said meanwhile."""
    said: list[int] = []
    ended = await end_everybodys_sessions(world.database, by=SERVER, now=world.clock.now(), on_progress=said.append)
    return ended, said


async def recorded(world: World) -> list[AuditEntry]:
    async with world.database.read() as session:
        ended = AuditEntry.action == AuditAction.SESSION_ENDED
        return list(await session.scalars(select(AuditEntry).where(ended)))


def closed(world: World) -> list[UUID]:
    """Whose streams had to close."""
    return [each.user_id for event in world.heard if isinstance(event, EveryAccessEnded) for each in event.endings]


async def test_everybody_is_signed_out_and_keys_go_on_working(world: World, ada: User, grace: User) -> None:
    tokens = await world.tokens_of(grace)
    key = await world.key(Scope.USERS_READ)
    async with (
        await world.browser_of(ada) as browser,
        world.client(bearer=tokens.access_token) as app,
        world.client(bearer=key) as server,
    ):
        assert await end_all(world) == (2, [2])
        for client in (browser, app):
            assert code(await client.get(ME)) == (401, "not_authenticated")
        assert (await server.get(f"/api/v1/users/{ada.id}")).status_code == 200
    assert set(closed(world)) == {ada.id, grace.id}
    entries = await recorded(world)
    assert {entry.target_id for entry in entries} == {ada.id, grace.id}
    assert [(entry.actor_kind, entry.detail) for entry in entries] == [(ActorKind.SERVER, {"sessions": "all"})] * 2


async def test_half_made_sign_ins_and_tickets_end_too(world: World, ada: User, guest: User) -> None:
    now = world.clock.now()
    async with world.database.write() as session:
        await start_pending(session, ada.id, kind=SessionKind.BROWSER, device=uuid4(), now=now)
        later = now + timedelta(minutes=1)
        ticket = {"credential_id": uuid4(), "credential_expires_at": later, "expires_at": later}
        session.add(Ticket(user_id=guest.id, digest=b"ticket", **ticket))
    async with world.database.read() as session:
        assert await count_signed_in(session) == 2
    assert await end_all(world) == (2, [2])
    async with world.database.read() as session:
        for left in (PendingSignIn, Ticket):
            assert (await session.scalars(select(left))).all() == []


async def test_where_nobody_is_signed_in_nothing_is_recorded(world: World, ada: User) -> None:
    assert await end_all(world) == (0, [0])
    assert await recorded(world) == []


async def test_a_crowd_is_signed_out_in_parts_each_of_them_once(world: World, ada: User) -> None:
    now, crowd = world.clock.now(), [new_id() for _ in range(2 * AT_ONCE + 1)]
    about = {name: getattr(ada, name) for name in User.__mapper__.columns.keys()}  # noqa: SIM118 - no mapping
    unlike = {"state": AccountState.ACTIVE, "external_id": None, "email": None}
    times = dict.fromkeys(("created_at", "confirmed_at", "last_used_at", "idle_expires_at", "expires_at"), now)
    async with world.database.write() as session:
        await session.execute(insert(User), [about | unlike | {"id": id, "username": f"u{id.hex}"} for id in crowd])
        sessions = [{"id": new_id(), "user_id": id, "kind": SessionKind.TOKEN, **times} for id in [*crowd, *crowd]]
        await session.execute(insert(UserSession), sessions)
    assert await end_all(world) == (len(crowd), [AT_ONCE, 2 * AT_ONCE, len(crowd)])
    assert sorted(closed(world)) == sorted(crowd)
    async with world.database.read() as session:
        assert await session.scalar(select(func.count()).select_from(UserSession)) == 0
    assert sorted(entry.target_id for entry in await recorded(world) if entry.target_id) == sorted(crowd)


async def test_a_sign_in_that_is_being_finished_meanwhile_ends_too(world: World, ada: User) -> None:
    async def end() -> None:
        async with world.database.write() as session:
            await end_user_sessions(session, ada.id, by=SERVER, now=world.clock.now())

    async with world.database.write() as session:
        await locked_user(session, ada.id)
        cookie = await start_browser_session(session, ada.id, device=Device(), now=world.clock.now())
        ending = asyncio.create_task(end())
        await until(lambda: somebody_waits(world.database))
    await ending
    async with world.client(cookie=cookie) as browser:
        assert code(await browser.get(ME)) == (401, "not_authenticated")


async def test_whoever_ends_somebodys_access_meanwhile_is_waited_for(world: World, ada: User) -> None:
    """A reset takes the half-made sign-ins first and the sessions second; whoever began with these would block both."""
    await world.cookie_of(ada)
    async with world.database.write() as session:
        await start_pending(session, ada.id, kind=SessionKind.BROWSER, device=uuid4(), now=world.clock.now())
    async with world.database.write() as session:
        await locked_user(session, ada.id)
        await end_pending(session, ada.id)
        ending = asyncio.create_task(end_all(world))
        await until(lambda: somebody_waits(world.database))
        await end_all_access(session, ada.id, reason="password_reset")
    await ending
    async with world.database.read() as session:
        assert await count_signed_in(session) == 0


async def test_whoever_is_deleted_meanwhile_is_passed_over(world: World, ada: User, grace: User) -> None:
    for user in (ada, grace):
        await world.cookie_of(user)
    async with world.database.write() as session:
        await locked_user(session, ada.id)
        ending = asyncio.create_task(end_all(world))
        await until(lambda: somebody_waits(world.database))
        await delete_user(session, ada.id, by=SERVER, now=world.clock.now())
    assert await ending == (1, [1])
    assert [entry.target_id for entry in await recorded(world)] == [grace.id]
