"""What a policy refuses somebody known stands in the audit log, up to a bound."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import event, select, text

from tests.accounts.world import World, code
from tidings.accounts.audit.models import AuditEntry
from tidings.accounts.audit.types import AuditAction
from tidings.accounts.models import User
from tidings.accounts.types import Scope


async def denials(world: World) -> Sequence[AuditEntry]:
    async with world.database.read() as session:
        found = select(AuditEntry).where(AuditEntry.action == AuditAction.ACCESS_DENIED)
        return (await session.scalars(found)).all()


async def test_row_65_a_denial_is_on_record(world: World, ada: User) -> None:
    async with await world.browser_of(ada) as browser:
        assert code(await browser.get("/api/v1/audit-log")) == (403, "forbidden")
    (entry,) = await denials(world)
    assert (entry.actor_id, entry.detail) == (ada.id, {"code": "forbidden", "route": "GET /api/v1/audit-log"})


async def test_row_65_denials_cannot_fill_the_disk(world: World, ada: User) -> None:
    async with await world.browser_of(ada) as browser:
        for _ in range(12):
            await browser.get("/api/v1/audit-log")
        assert len(await denials(world)) == 10
        world.clock.advance(minutes=1)
        await browser.get("/api/v1/audit-log")
    assert len(await denials(world)) == 11


async def test_row_65_the_last_denials_are_found_without_reading_what_else_somebody_did(
    world: World, ada: User
) -> None:
    statements: list[tuple[str, Any]] = []

    def note(_connection: object, _cursor: object, statement: str, parameters: Any, *_more: object) -> None:
        if "ORDER BY tidings_audit_log.id DESC" in statement:
            statements.append((statement, parameters))

    event.listen(world.database.engine.sync_engine, "before_cursor_execute", note)
    async with await world.browser_of(ada) as browser:
        await browser.get("/api/v1/audit-log")
    event.remove(world.database.engine.sync_engine, "before_cursor_execute", note)
    (asked,) = statements
    assert "ix_tidings_audit_log_actor_id_action" in await plan(world, *asked)


async def plan(world: World, statement: str, parameters: Any) -> str:
    """How the database would go about it if the log were long."""
    async with world.database.sessions() as session:
        connection = await session.connection()
        if not world.database.is_sqlite:
            await connection.execute(text("SET LOCAL enable_seqscan = off"))
        explain = "EXPLAIN QUERY PLAN" if world.database.is_sqlite else "EXPLAIN"
        steps = await connection.exec_driver_sql(f"{explain} {statement}", parameters)
        return "\n".join(str(row[-1]) for row in steps)


async def test_row_65_a_key_that_lacks_a_scope_is_on_record(world: World, ada: User) -> None:
    async with world.client(bearer=await world.key(Scope.NOTIFICATIONS_SEND)) as server:
        assert code(await server.get(f"/api/v1/users/{ada.id}")) == (403, "insufficient_scope")
    (entry,) = await denials(world)
    assert (entry.actor_kind, entry.detail["route"]) == ("key", "GET /api/v1/users/{user_id}")
