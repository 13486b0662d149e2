"""Signals reach every node once, and only when their transaction is committed."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.clock import StoppedClock
from tidings.kernel.db import Database
from tidings.realtime.doorbell import Chime, SignalsPosted
from tidings.realtime.memory import MemoryDoorbell
from tidings.realtime.signals import SignalReader, post_signal, post_signals, purge_signals
from tidings.realtime.types import CloseCode, CloseSignal, CustomSignal, Signal


@pytest.fixture
def heard() -> list[Chime]:
    return []


@pytest.fixture
async def doorbell(heard: list[Chime]) -> MemoryDoorbell:
    doorbell = MemoryDoorbell()
    await doorbell.start(heard.extend)
    return doorbell


async def post(database: Database, doorbell: MemoryDoorbell, clock: StoppedClock, *signals: Signal) -> None:
    async with database.write() as session:
        for signal in signals:
            await post_signal(session, doorbell, signal, now=clock.now())


async def test_a_signal_arrives_as_it_was_posted(
    database: Database, doorbell: MemoryDoorbell, clock: StoppedClock, ada: UUID
) -> None:
    signals: Sequence[Signal] = [
        CustomSignal(ada, {"hello": ["ñ", 1, None]}),
        CustomSignal(None, "to all"),
        CloseSignal(ada, (uuid4(), None, uuid4()), CloseCode.REVOKED, "revoked"),
        CloseSignal(ada, None, CloseCode.REVOKED, "suspended"),
    ]
    reader = SignalReader(database, clock)
    await post(database, doorbell, clock, *signals)
    assert await reader() == signals


async def test_each_node_reads_each_signal_once(
    database: Database, doorbell: MemoryDoorbell, clock: StoppedClock, ada: UUID
) -> None:
    nodes = [SignalReader(database, clock) for _ in range(2)]
    await post(database, doorbell, clock, CustomSignal(ada, 1))
    assert [len(await node()) for node in nodes] == [1, 1]
    clock.advance(seconds=30)
    await post(database, doorbell, clock, CustomSignal(ada, 2))
    assert [[signal.data for signal in await node()] for node in nodes] == [[2], [2]]  # type: ignore[union-attr]
    clock.advance(seconds=45)
    assert [list(await node()) for node in nodes] == [[], []]


async def test_a_signal_committed_behind_others_is_not_passed_over(
    database: Database, doorbell: MemoryDoorbell, clock: StoppedClock, ada: UUID
) -> None:
    reader = SignalReader(database, clock)
    begun = clock.now()
    clock.advance(seconds=50)
    await post(database, doorbell, clock, CustomSignal(ada, "quick"))
    assert len(await reader()) == 1
    async with database.write() as session:
        await post_signal(session, doorbell, CustomSignal(ada, "slow"), now=begun)
    assert list(await reader()) == [CustomSignal(ada, "slow")]


async def test_what_was_posted_before_the_start_is_passed_over(
    database: Database, doorbell: MemoryDoorbell, clock: StoppedClock, ada: UUID
) -> None:
    await post(database, doorbell, clock, CustomSignal(ada, "old"))
    reader = SignalReader(database, clock)
    await reader.skip_present()
    await post(database, doorbell, clock, CustomSignal(ada, "new"))
    assert list(await reader()) == [CustomSignal(ada, "new")]


async def test_the_bell_rings_after_the_commit_and_not_without_it(
    database: Database, doorbell: MemoryDoorbell, clock: StoppedClock, heard: list[Chime], ada: UUID
) -> None:
    async with database.sessions() as session:
        await post_signal(session, doorbell, CustomSignal(ada, 1), now=clock.now())
        assert heard == []
        await session.rollback()
        await post_signal(session, doorbell, CustomSignal(ada, 2), now=clock.now())
        await session.commit()
    assert heard == [SignalsPosted()]
    assert list(await SignalReader(database, clock)()) == [CustomSignal(ada, 2)]


async def test_more_at_once_than_a_statement_takes_values_are_read_in_order(
    database: Database, doorbell: MemoryDoorbell, clock: StoppedClock, heard: list[Chime]
) -> None:
    signals = [CloseSignal(uuid4(), None, CloseCode.REVOKED, "ended_by_admin") for _ in range(33_000)]
    async with database.write() as session:
        await post_signals(session, doorbell, signals, now=clock.now())
    assert heard == [SignalsPosted()]
    assert await SignalReader(database, clock)() == signals


async def test_old_signals_are_purged(
    database: Database, doorbell: MemoryDoorbell, clock: StoppedClock, ada: UUID
) -> None:
    await post(database, doorbell, clock, CustomSignal(ada, "old"))
    clock.advance(minutes=4)
    await post(database, doorbell, clock, CustomSignal(ada, "young"))
    clock.advance(minutes=1, seconds=1)
    async with database.write() as session:
        await purge_signals(session, now=clock.now())
    clock.advance(**_back(minutes=1, seconds=1))
    assert list(await SignalReader(database, clock)()) == [CustomSignal(ada, "young")]


def _back(**by: float) -> dict[str, Any]:
    return {"seconds": -timedelta(**by).total_seconds()}
