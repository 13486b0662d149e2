"""Whatever happens to rings, connections and the database: what devices show is what the table says."""

import asyncio
from collections.abc import Coroutine
from functools import partial
from typing import Any, TypeVar
from uuid import UUID

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, precondition, rule

from tests.realtime.conftest import World
from tests.realtime.device import Device
from tidings.realtime.doorbell import Ring, Wake
from tidings.realtime.limits import Limits
from tidings.realtime.stream import Stream

Value = TypeVar("Value")
TURNS = 500
USERS = [UUID(int=1), UUID(int=2)]
users = st.sampled_from(USERS)
values = st.integers(0, 99)


class Phone:
    """A device that keeps its entries and its cursor while its connections come and go."""

    def __init__(self, world: World, user_id: UUID) -> None:
        self.world = world
        self.user_id = user_id
        self.device = Device()
        self.stream: Stream | None = None

    def connect(self, *, takes: int | None, at_once: bool) -> None:
        before, self.device = self.device, Device(takes=takes, at_once=at_once)
        self.device.entries, self.device.announcements = before.entries, before.announcements
        self.device.cursor, self.device.needs_reset = before.cursor, before.needs_reset
        if before.cursor is None or before.needs_reset:
            self.read_afresh()
        self.stream, _ = self.world.open(self.user_id, self.device, since=self.device.cursor)

    def drop(self) -> None:
        if self.stream is not None:
            self.world.hub.leave(self.stream)
            self.stream = None

    def read_afresh(self) -> None:
        table = self.world.table
        self.device.read_afresh(
            table.logs[self.user_id].live, table.announcements, table.cursor(table.head(self.user_id).position)
        )

    def obey_reset(self) -> None:
        """Read afresh and open anew from there: frames on their way from before the reading must not be applied."""
        self.drop()
        self.connect(takes=None, at_once=False)

    @property
    def shows_the_truth(self) -> bool:
        table = self.world.table
        return (
            not self.device.needs_reset
            and self.device.entries == table.logs[self.user_id].live
            and self.device.announcements == table.announcements
        )


class Streams(RuleBasedStateMachine):
    """Commits, with rings that are delivered, lost, doubled, delayed; phones that drop at any frame and resume."""

    waiting_rings = Bundle("waiting_rings")

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        limits = Limits(
            heartbeat_s=60,
            tick_s=30,
            heal_s=(3600, 3600),
            longest_pause_s=0,
            max_gap=12,
            read_limit=3,
            max_backoff_s=0.001,
        )
        self.world = self.run(self._started(limits))
        self.phones = [Phone(self.world, user_id) for user_id in (*USERS, USERS[0])]

    async def _started(self, limits: Limits) -> World:
        world = World(limits=limits)
        await world.start()
        return world

    def run(self, work: Coroutine[Any, Any, Value]) -> Value:
        return self.runner.run(work)

    def in_loop(self, turns: int, *actions: Any) -> None:
        async def act() -> None:
            for action in actions:
                action()
            for _ in range(turns):
                await asyncio.sleep(0)

        self.run(act())

    @initialize()
    def phones_connect(self) -> None:
        self.in_loop(20, *(lambda phone=phone: phone.connect(takes=None, at_once=False) for phone in self.phones))

    def _commit(self, user_id: UUID, id: int, value: int) -> Ring:
        log = self.world.table.logs[user_id]
        if value < 20 and id in log.live:
            return self.world.table.delete(user_id, id)
        if value > 90 and log.live:
            return self.world.table.write_all(user_id, value)
        return self.world.table.write(user_id, id, value)

    @rule(user_id=users, id=st.integers(0, 4), value=values, times=st.integers(1, 2), turns=st.integers(0, 8))
    def commit_and_ring(self, user_id: UUID, id: int, value: int, times: int, turns: int) -> None:
        ring = self._commit(user_id, id, value)
        self.in_loop(turns, lambda: self.world.doorbell.ring([ring] * times))

    @rule(user_id=users, value=values, count=st.integers(2, 6), turns=st.integers(0, 8))
    def commit_a_burst(self, user_id: UUID, value: int, count: int, turns: int) -> None:
        rings = [self._commit(user_id, id % 5, value) for id in range(count)]
        self.in_loop(turns, *(partial(self.world.doorbell.ring, [ring]) for ring in rings))

    @rule(target=waiting_rings, user_id=users, id=st.integers(0, 4), value=values, bare=st.booleans())
    def commit_and_ring_later(self, user_id: UUID, id: int, value: int, bare: bool) -> tuple[str, Ring]:
        ring = self._commit(user_id, id, value)
        return self.world.table.epoch, Ring(ring.user_id, ring.first, ring.last) if bare else ring

    @rule(waiting=consumes(waiting_rings), turns=st.integers(0, 8))
    def ring_late(self, waiting: tuple[str, Ring], turns: int) -> None:
        epoch, ring = waiting
        if epoch != self.world.table.epoch:  # content never travels so slowly: it rings in the process that commits
            ring = Ring(ring.user_id, ring.first, ring.last)
        self.in_loop(turns, lambda: self.world.doorbell.ring([ring]))

    @rule(user_id=users, id=st.integers(0, 4), value=values)
    def commit_and_lose_the_ring(self, user_id: UUID, id: int, value: int) -> None:
        self._commit(user_id, id, value)

    @rule(rings=st.booleans(), turns=st.integers(0, 8))
    def announce(self, rings: bool, turns: int) -> None:
        ring = self.world.table.announce(f"news {len(self.world.table.announcements)}")
        self.in_loop(turns, *([lambda: self.world.doorbell.ring([ring])] if rings else []))

    @rule(user_id=users)
    def purge(self, user_id: UUID) -> None:
        self.world.table.purge(user_id)

    @rule(count=st.integers(1, 3))
    def fail_statements(self, count: int) -> None:
        self.world.table.refuse = count

    @rule(index=st.integers(0, 2), takes=st.none() | st.integers(0, 6), at_once=st.booleans(), turns=st.integers(0, 9))
    def reconnect(self, index: int, takes: int | None, at_once: bool, turns: int) -> None:
        phone = self.phones[index]
        self.in_loop(turns, phone.drop, lambda: phone.connect(takes=takes, at_once=at_once))

    @rule(index=st.integers(0, 2))
    def drop(self, index: int) -> None:
        self.in_loop(1, self.phones[index].drop)

    @precondition(lambda self: all(log.revision > 2 for log in self.world.table.logs.values()))
    @rule()
    def restore_a_backup(self) -> None:
        self.world.table.restore()

    @rule()
    def settle(self) -> None:
        self.run(self._settle())

    async def _settle(self) -> None:
        self.world.table.refuse = 0
        for phone in self.phones:
            if phone.stream is None or not phone.stream.is_open or phone.device.takes is not None:
                phone.drop()
                phone.connect(takes=None, at_once=False)
        self.world.doorbell.ring([Wake()])
        for _ in range(TURNS):
            await asyncio.sleep(0)
            for phone in self.phones:
                if phone.device.needs_reset:
                    phone.obey_reset()
            if all(phone.shows_the_truth for phone in self.phones):
                break
        for phone in self.phones:
            assert phone.shows_the_truth, phone.device.frames
            assert_in_order(phone.device)

    def teardown(self) -> None:
        try:
            self.run(self._settle())
            self.run(self.world.stop())
        finally:
            self.runner.close()


def assert_in_order(device: Device) -> None:
    """Between resets, every frame moves the cursor forward: nothing is applied twice, nothing out of turn."""
    position = (-1, -1)
    for frame in device.frames:
        if frame["type"] == "reset":
            position = (-1, -1)
        elif "data" in frame:
            _, revision, shared = frame["cursor"].split(".")
            assert (int(revision), int(shared)) > position
            assert int(revision) >= position[0]
            assert int(shared) >= position[1]
            position = (int(revision), int(shared))


TestStreams = Streams.TestCase
TestStreams.settings = settings(deadline=None, max_examples=120, stateful_step_count=40)
