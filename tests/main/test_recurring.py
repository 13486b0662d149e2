"""What the recurring tasks of a whole Tidings do until nothing is left, and what they say of it."""

import io
import json
import logging
from collections.abc import Iterator
from datetime import timedelta

import pytest
import structlog
from sqlalchemy import func, insert, select

from tests.world import Person, World
from tidings.accounts.audit.chain import Head, verify_chain
from tidings.accounts.audit.models import AuditEntry
from tidings.accounts.audit.summing import AT_ONCE, ONE_BY_ONE
from tidings.accounts.audit.types import ActorKind, AuditAction
from tidings.accounts.models import User
from tidings.accounts.sign_up.signing_up import PURGED_AT_ONCE
from tidings.accounts.types import AccountState
from tidings.kernel.ids import new_id
from tidings.kernel.logging import configure_logging
from tidings.kernel.rate_limits.models import RateCount


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What a server logs, as it does by default."""
    root = logging.getLogger()
    handlers, level, configuration = root.handlers[:], root.level, structlog.get_config()
    stream = io.StringIO()
    configure_logging(stream=stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.configure(**configuration)


async def runs(world: World, name: str) -> str | None:
    """Run one task now; what it says of it."""
    (task,) = [task for task in world.tidings.tasks if task.name == name]
    return await task.run(world.clock.now())


async def test_whoever_links_logs_the_head_that_the_log_must_have_from_then_on(
    world: World, grace: Person, log: io.StringIO
) -> None:
    (await grace.client.patch("/users/me", json={"name": "Grace H."})).raise_for_status()
    await runs(world, "link_audit_log")
    (line,) = [line for line in map(json.loads, log.getvalue().splitlines()) if line["event"] == "audit_log_linked"]
    noted = Head.parse(f"{line['number']}:{line['hash']}")
    async with world.tidings.database.read() as session:
        report = await verify_chain(session, noted=noted)
    assert (report.holds, report.head, report.links > 0) == (True, noted, True)


async def test_where_nothing_was_to_link_no_head_is_logged(world: World, log: io.StringIO) -> None:
    await runs(world, "link_audit_log")
    log.truncate(0)
    assert await runs(world, "link_audit_log") == "0 linked"
    assert "audit_log_linked" not in log.getvalue()


async def test_however_many_signed_up_and_never_came_all_go_in_one_run(world: World, grace: Person) -> None:
    settings = (await grace.client.get("/server-settings")).json()
    settings |= {"signup_require_email_verification": True}
    (await grace.client.put("/server-settings", json=settings)).raise_for_status()
    async with world.tidings.database.write() as session:
        like = (await session.scalars(select(User).where(User.id == grace.id))).one()
        columns = {column.key: getattr(like, column.key) for column in User.__mapper__.column_attrs}
        waiting = {"state": AccountState.REGISTERED, "email_verified": False, "must_verify_email": True}
        never = {**waiting, "external_id": None}
        rows = [
            columns | never | {"id": new_id(), "username": f"n{number}", "email": f"n{number}@example.net"}
            for number in range(PURGED_AT_ONCE * 2 + 1)
        ]
        await session.execute(insert(User), rows)
    world.clock.advance(days=8)
    assert await runs(world, "purge_unverified") == f"{len(rows)} removed"


async def test_however_many_networks_were_counted_all_are_summed_up_in_one_run(world: World) -> None:
    hour = world.clock.now() - timedelta(hours=2)
    rows = [
        {
            "key": f"audit:sign_in.failed:{hour:%Y-%m-%dT%HZ}:2001:db8::{number:x}",
            "used": ONE_BY_ONE + number,
            "expires_at": hour + timedelta(days=7),
        }
        for number in range(AT_ONCE + 5)
    ]
    async with world.tidings.database.write() as session:
        await session.execute(insert(RateCount), rows)
    assert await runs(world, "sum_up_audit_log") == f"{len(rows)} summed up"
    async with world.tidings.database.read() as session:
        failed = AuditEntry.action == AuditAction.SIGN_IN_FAILED
        found = (await session.scalars(select(AuditEntry).where(failed))).all()
        assert await session.scalar(select(func.count()).select_from(RateCount)) == 0
    assert sorted(entry.detail["times"] for entry in found) == list(range(1, AT_ONCE + 5))
    assert {entry.actor_kind for entry in found} == {ActorKind.NOBODY}
