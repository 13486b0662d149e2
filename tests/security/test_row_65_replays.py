"""Row 65: a refresh token that comes back stands in the audit log, once, and names whose it was."""

import asyncio

from sqlalchemy import select

from tests.accounts.racing import open_connections
from tests.accounts.signing_in import API
from tests.accounts.world import World, code
from tests.clock import StoppedClock
from tidings.accounts.audit.models import AuditEntry
from tidings.accounts.audit.types import AuditAction
from tidings.accounts.models import User


async def test_row_65_a_replayed_refresh_token_is_on_record_once(world: World, ada: User, clock: StoppedClock) -> None:
    tokens = await world.tokens_of(ada)
    await open_connections(world.database)
    async with world.client() as app:
        shown = {"refresh_token": tokens.refresh_token}
        assert (await app.post(f"{API}/auth/refresh", json=shown)).status_code == 200
        clock.advance(seconds=31)
        answers = await asyncio.gather(*(app.post(f"{API}/auth/refresh", json=shown) for _ in range(8)))
    assert (401, "refresh_token_replayed") in map(code, answers)
    async with world.database.read() as session:
        found = select(AuditEntry).where(AuditEntry.action == AuditAction.REFRESH_TOKEN_REPLAYED)
        (entry,) = (await session.scalars(found)).all()
    assert (entry.actor_kind, entry.ip, entry.target_id) == ("nobody", "127.0.0.1", ada.id)
    assert entry.detail == {"session": str(tokens.session_id)}


async def test_row_65_a_token_that_is_asked_for_twice_at_once_is_no_theft(world: World, ada: User) -> None:
    tokens = await world.tokens_of(ada)
    async with world.client() as app:
        for _ in range(2):
            answer = await app.post(f"{API}/auth/refresh", json={"refresh_token": tokens.refresh_token})
            assert answer.status_code == 200
    async with world.database.read() as session:
        found = select(AuditEntry).where(AuditEntry.action == AuditAction.REFRESH_TOKEN_REPLAYED)
        assert (await session.scalars(found)).all() == []
