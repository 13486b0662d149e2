"""One contract for every doorbell."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from typing import Any, TypeAlias
from uuid import UUID, uuid4

import pytest
from sqlalchemy import make_url, text

from tests.realtime.device import until
from tidings.kernel.db import Database, open_database
from tidings.realtime.doorbell import Chime, DeliveriesDue, Doorbell, Payload, Ring, SignalsPosted, Wake
from tidings.realtime.memory import MemoryDoorbell
from tidings.realtime.postgres import RINGS_IN_MESSAGE, PostgresDoorbell
from tidings.realtime.sqlite import SqliteDoorbell

PAYLOAD = Payload("new_notification", b"{}", 1, 1)


class Node:
    """A process with a doorbell, and what it has heard."""

    def __init__(self, doorbell: Doorbell, database: Database) -> None:
        self.doorbell = doorbell
        self.database = database
        self.heard: list[Chime] = []

    def hear(self, chimes: Sequence[Chime]) -> None:
        self.heard.extend(chimes)

    @property
    def rings(self) -> list[Ring]:
        return [chime for chime in self.heard if isinstance(chime, Ring)]

    @property
    def has_woken(self) -> bool:
        return Wake() in self.heard

    async def commit(self) -> None:
        """Change something in the database, as every ring follows a commit."""
        async with self.database.write() as session:
            await session.execute(text(f"INSERT INTO tidings_stream_nodes VALUES ('{uuid4().hex}', '2026-01-01')"))


MakeNode: TypeAlias = Callable[..., Awaitable[Node]]


@pytest.fixture
async def make_node(database_url: str) -> AsyncIterator[MakeNode]:
    """Start a node on the database, with the doorbell that belongs to it."""
    async with AsyncExitStack() as stack:

        async def make(**options: Any) -> Node:
            url = make_url(database_url)
            doorbell: Doorbell = (
                SqliteDoorbell(url, poll_s=0.01)
                if url.drivername.startswith("sqlite")
                else PostgresDoorbell(url, **options)
            )
            database = open_database(database_url)
            stack.push_async_callback(database.engine.dispose)
            node = Node(doorbell, database)
            await doorbell.start(node.hear)
            stack.push_async_callback(doorbell.stop)
            return node

        yield make


@pytest.fixture
def is_postgres(database_url: str) -> bool:
    return database_url.startswith("postgresql")


async def test_a_node_hears_its_own_rings_as_they_are_before_ring_returns(make_node: MakeNode, ada: UUID) -> None:
    node = await make_node()
    node.heard.clear()
    chimes: list[Chime] = [Ring(ada, 3, 4, PAYLOAD), SignalsPosted(), DeliveriesDue()]
    node.doorbell.ring(chimes)
    assert node.heard == chimes


async def test_another_node_learns_that_there_is_something_new(make_node: MakeNode, ada: UUID) -> None:
    node, other = await make_node(), await make_node()
    other.heard.clear()
    await node.commit()
    node.doorbell.ring([Ring(ada, 3, 4, PAYLOAD)])
    await until(lambda: other.heard)
    assert other.heard in ([Ring(ada, 3, 4)], [Wake()])


async def test_another_node_learns_of_signals(make_node: MakeNode) -> None:
    node, other = await make_node(), await make_node()
    other.heard.clear()
    await node.commit()
    node.doorbell.ring([SignalsPosted()])
    await until(lambda: other.heard)
    assert other.heard in ([SignalsPosted()], [Wake()])


async def test_another_node_learns_that_something_is_due(make_node: MakeNode) -> None:
    node, other = await make_node(), await make_node()
    other.heard.clear()
    await node.commit()
    node.doorbell.ring([DeliveriesDue()])
    await until(lambda: other.heard)
    assert other.heard in ([DeliveriesDue()], [Wake()])


async def test_an_announcement_is_carried_too(make_node: MakeNode) -> None:
    node, other = await make_node(), await make_node()
    other.heard.clear()
    await node.commit()
    node.doorbell.ring([Ring(None, 7, 7)])
    await until(lambda: other.heard)
    assert other.heard in ([Ring(None, 7, 7)], [Wake()])


async def test_every_one_of_many_rings_arrives(make_node: MakeNode, is_postgres: bool) -> None:
    node, other = await make_node(), await make_node()
    other.heard.clear()
    users = [uuid4() for _ in range(RINGS_IN_MESSAGE * 3 + 1)]
    far = 2**62  # the longest a ring can be still fits into a notification of PostgreSQL
    await node.commit()
    node.doorbell.ring([Ring(user_id, far, far + 1) for user_id in users])
    if is_postgres:
        await until(lambda: {ring.user_id for ring in other.rings} == set(users))
    else:
        await until(lambda: other.has_woken)


async def test_a_stopped_doorbell_is_silent_but_has_passed_on_what_was_rung(make_node: MakeNode, ada: UUID) -> None:
    node, other = await make_node(), await make_node()
    other.heard.clear()
    node.heard.clear()
    await node.commit()
    node.doorbell.ring([Ring(ada, 1, 1)])
    await node.doorbell.stop()
    await until(lambda: other.heard)
    node.heard.clear()
    await other.commit()
    other.doorbell.ring([Ring(ada, 2, 2)])
    await until(lambda: len(other.heard) > 1)
    assert node.heard == []


async def test_ringing_before_the_start_does_no_harm(database_url: str, ada: UUID) -> None:
    url = make_url(database_url)
    for doorbell in (MemoryDoorbell(), SqliteDoorbell(url), PostgresDoorbell(url)):
        doorbell.ring([Ring(ada, 1, 1)])


async def test_in_one_process_memory_is_enough(ada: UUID) -> None:
    doorbell = MemoryDoorbell()
    heard: list[Chime] = []
    await doorbell.start(heard.extend)
    doorbell.ring([Ring(ada, 1, 1, PAYLOAD)])
    await doorbell.stop()
    doorbell.ring([Ring(ada, 2, 2)])
    assert heard == [Ring(ada, 1, 1, PAYLOAD)]
