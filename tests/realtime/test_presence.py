"""Every node can say who is connected anywhere."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import TypeAlias
from uuid import UUID

import pytest
from sqlalchemy import func, select

from tests.clock import StoppedClock
from tests.realtime.device import PATIENCE_S
from tidings.kernel.db import Base, Database
from tidings.realtime.models import StoredSignal, StreamNode, StreamPresence
from tidings.realtime.presence import Presence, StreamTotals

StartNode: TypeAlias = Callable[[], Awaitable[Presence]]


@pytest.fixture
async def start_node(database: Database, clock: StoppedClock) -> AsyncIterator[StartNode]:
    async with AsyncExitStack() as stack:

        async def start() -> Presence:
            node = Presence(database, clock, flush_s=0.01, beat_s=0.02)
            await node.start()
            stack.push_async_callback(node.stop)
            return node

        yield start


async def totals(database: Database, clock: StoppedClock, node: Presence) -> StreamTotals:
    async with database.read() as session:
        return await node.stream_totals(session, now=clock.now())


async def is_connected(database: Database, clock: StoppedClock, node: Presence, user_id: UUID) -> bool:
    async with database.read() as session:
        return await node.is_connected(session, user_id, now=clock.now())


async def eventually(condition: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not await condition():
            await asyncio.sleep(0.005)


async def count(database: Database, model: type[Base]) -> int:
    async with database.read() as session:
        return (await session.execute(select(func.count()).select_from(model))).scalar_one()


async def test_a_node_knows_its_own_streams_at_once(
    database: Database, clock: StoppedClock, start_node: StartNode, ada: UUID, grace: UUID
) -> None:
    node = await start_node()
    node.note(ada, 2)
    node.note(grace, 1)
    assert await totals(database, clock, node) == StreamTotals(users=2, connections=3)
    assert await is_connected(database, clock, node, ada)
    node.note(ada, 0)
    assert await totals(database, clock, node) == StreamTotals(users=1, connections=1)
    assert not await is_connected(database, clock, node, ada)


async def test_nodes_learn_of_each_others_streams(
    database: Database, clock: StoppedClock, start_node: StartNode, ada: UUID, grace: UUID
) -> None:
    node, other = await start_node(), await start_node()
    node.note(ada, 2)
    other.note(ada, 1)
    other.note(grace, 1)

    async def node_sees_all() -> bool:
        return await totals(database, clock, node) == StreamTotals(users=2, connections=4)

    await eventually(node_sees_all)
    assert await is_connected(database, clock, node, grace)
    other.note(grace, 0)

    async def grace_is_gone() -> bool:
        return not await is_connected(database, clock, node, grace)

    await eventually(grace_is_gone)
    assert await totals(database, clock, node) == StreamTotals(users=1, connections=3)


async def test_a_stopped_node_leaves_no_trace(
    database: Database, clock: StoppedClock, start_node: StartNode, ada: UUID
) -> None:
    node, other = await start_node(), await start_node()
    other.note(ada, 1)

    async def node_sees_ada() -> bool:
        return await is_connected(database, clock, node, ada)

    await eventually(node_sees_ada)
    await other.stop()
    assert not await is_connected(database, clock, node, ada)
    assert await count(database, StreamPresence) == 0


async def test_a_node_that_died_no_longer_counts_and_is_swept(
    database: Database, clock: StoppedClock, start_node: StartNode, ada: UUID
) -> None:
    dead = Presence(database, clock, flush_s=0.01, beat_s=3600)
    await dead.start()
    dead.note(ada, 3)

    async def is_told() -> bool:
        return await count(database, StreamPresence) == 1

    await eventually(is_told)
    for task in dead._tasks:
        task.cancel()
    clock.advance(seconds=91)
    node = await start_node()
    assert await totals(database, clock, node) == StreamTotals(users=0, connections=0)

    async def is_swept() -> bool:
        return await count(database, StreamPresence) == 0 and await count(database, StreamNode) == 1

    await eventually(is_swept)


async def test_a_node_swept_by_mistake_tells_everything_again(
    database: Database, clock: StoppedClock, start_node: StartNode, ada: UUID
) -> None:
    node, other = await start_node(), await start_node()
    node.note(ada, 1)

    async def other_sees_ada() -> bool:
        return await is_connected(database, clock, other, ada)

    await eventually(other_sees_ada)
    async with database.write() as session:
        await session.execute(StreamNode.__table__.delete())  # type: ignore[attr-defined]
    await eventually(other_sees_ada)


async def test_many_changes_are_written_together(
    database: Database, clock: StoppedClock, start_node: StartNode
) -> None:
    node = await start_node()
    for number in range(2_000):
        node.note(UUID(int=number), 1)

    async def all_told() -> bool:
        return await count(database, StreamPresence) == 2_000

    await eventually(all_told)


async def test_signals_are_purged_along_the_way(database: Database, clock: StoppedClock, start_node: StartNode) -> None:
    async with database.write() as session:
        session.add(StoredSignal(kind="custom", payload={}, created_at=clock.now()))
    clock.advance(minutes=6)
    await start_node()
    assert await count(database, StoredSignal) == 0
