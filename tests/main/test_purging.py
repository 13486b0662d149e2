"""What the purges cost: each finds what is over by an index, a slice at a time, however much there is."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.world import Person, World
from tidings.kernel.purging import AT_ONCE
from tidings.kernel.rate_limits.models import RateCount

BY_INDEX = {
    "purge_idempotency_keys": ["idempotency_keys_created_at"],
    "purge_rate_counts": ["rate_counts_expires_at"],
    "purge_exports": ["exports_expires_at"],
    "purge_failures": ["sign_in_failures_last_at"],
    "purge_known_devices": ["known_devices_last_seen_at"],
    "purge_pending_sign_ins": ["pending_sign_ins_expires_at"],
    "purge_sessions": ["sessions_idle_expires_at", "sessions_expires_at"],
    "purge_tickets": ["tickets_expires_at"],
    "purge_passkey_challenges": ["passkey_challenges_expires_at"],
    "purge_tokens": ["token_pairs_refreshed_at"],
    "forget_successors": ["token_pairs_successor"],
    "purge_mail_tokens": ["mail_tokens_expires_at"],
    "purge_letter_counts": ["letter_counts_day"],
    "purge_sign_in_flows": ["oidc_states_expires_at"],
    "purge_held_usernames": ["held_usernames_until"],
    "purge_unverified": ["users_must_verify_email"],
    "settle_sign_ups": ["users_must_verify_email"],
}


@contextmanager
def listening(engine: AsyncEngine) -> Iterator[list[tuple[str, Any]]]:
    """What the database is asked meanwhile, with its parameters."""
    asked: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        asked.append((statement, parameters))

    event.listen(engine.sync_engine, "before_cursor_execute", note)
    yield asked
    event.remove(engine.sync_engine, "before_cursor_execute", note)


async def plans(world: World, asked: Sequence[tuple[str, Any]]) -> str:
    """How the database would go about all of this if its tables were large."""
    database = world.tidings.database
    steps: list[str] = []
    async with database.sessions() as session:
        connection = await session.connection()
        if not database.is_sqlite:
            for way in ("seqscan", "sort"):  # the best there are for few rows, the worst for many
                await connection.execute(text(f"SET LOCAL enable_{way} = off"))
        explain = "EXPLAIN QUERY PLAN" if database.is_sqlite else "EXPLAIN"
        for statement, parameters in asked:
            if statement.startswith(("SELECT", "DELETE", "UPDATE")):
                plan = await connection.exec_driver_sql(f"{explain} {statement}", parameters)
                steps += [row[-1] for row in plan]
    return "\n".join(steps)


async def ask_for_addresses(world: World, grace: Person, *, is_asked: bool) -> None:
    settings = (await grace.client.get("/server-settings")).json()
    settings |= {"signup_require_email_verification": is_asked}
    (await grace.client.put("/server-settings", json=settings)).raise_for_status()


@pytest.mark.parametrize("name", BY_INDEX)
async def test_what_is_over_is_found_by_an_index(world: World, grace: Person, name: str) -> None:
    await ask_for_addresses(world, grace, is_asked=name != "settle_sign_ups")
    (task,) = [task for task in world.tidings.tasks if task.name == name]
    with listening(world.tidings.database.engine) as asked:
        if name == "settle_sign_ups":  # it looks every minute, so it asks first, and leaves no run behind
            assert task.has_work is not None
            assert not await task.has_work()
        await task.run(world.clock.now())
    plan = await plans(world, asked)
    assert [index for index in BY_INDEX[name] if f"ix_tidings_{index}" not in plan] == [], plan


async def test_every_purge_is_held_to_that(world: World) -> None:
    """But the one whose table is small: it keeps a thousand runs of each task."""
    purges = {task.name for task in world.tidings.tasks if task.name.startswith("purge_")}
    assert purges - set(BY_INDEX) == {"purge_runs"}


async def test_however_much_is_over_all_of_it_goes_in_one_run_and_many_transactions(world: World) -> None:
    over = world.clock.now() - timedelta(hours=1)
    rows = [{"key": str(number), "used": 1, "expires_at": over} for number in range(AT_ONCE * 2 + 1)]
    async with world.tidings.database.write() as session:
        await session.execute(insert(RateCount), rows)
    (task,) = [task for task in world.tidings.tasks if task.name == "purge_rate_counts"]
    commits = 0

    def count(_connection: Any) -> None:
        nonlocal commits
        commits += 1

    event.listen(world.tidings.database.engine.sync_engine, "commit", count)
    assert await task.run(world.clock.now()) == f"{len(rows)} removed"
    event.remove(world.tidings.database.engine.sync_engine, "commit", count)
    assert commits >= 3
    async with world.tidings.database.read() as session:
        assert await session.scalar(select(func.count()).select_from(RateCount)) == 0
