"""What a device holds + the frames it hears == what the inbox says, whatever happens on the way."""

import asyncio
import os
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.clock import StoppedClock
from tests.notifications.inbox_device import Entry, InboxDevice, Mood, UnreliableDoorbell
from tests.waiting import until
from tests.world import BASE_URL, World, empty
from tidings import Tidings, notify
from tidings.kernel.bindings import bind
from tidings.kernel.crypto import new_key_text
from tidings.kernel.db import open_database
from tidings.notifications.cursors import format_cursor, parse_cursor, renew_epoch
from tidings.notifications.inbox import read_all
from tidings.notifications.models import Inbox, Notification
from tidings.notifications.recounting import find_miscounts
from tidings.notifications.rules import Rules
from tidings.notifications.streams import change_reader, head_reader
from tidings.notifications.sweep import sweep
from tidings.notifications.types import Channel
from tidings.realtime.hub import Hub
from tidings.realtime.limits import Limits
from tidings.realtime.ports import Subscriber
from tidings.realtime.signals import SignalReader
from tidings.settings import Settings

Result = TypeVar("Result")
NEVER = 3_600.0
# Small numbers, so that a few changes meet every bound; nothing heals unless a rule says so.
LIMITS = Limits(heartbeat_s=NEVER, tick_s=60, heal_s=(NEVER, NEVER), max_gap=12, read_limit=3)

_bounded = settings(deadline=None, suppress_health_check=list(HealthCheck))
settings.register_profile("quick", _bounded, max_examples=30, stateful_step_count=30)
settings.register_profile("long", _bounded, max_examples=1_000, stateful_step_count=60)
PROFILE = os.environ.get("TIDINGS_TEST_PROFILE", "quick")

minutes = st.integers(1, 90)
types = st.sampled_from(["system", "achievement"])
picks = st.integers(0, 30)
devices = st.sampled_from(["phone", "laptop"])


class Stage:
    """One Tidings with an event loop of its own, whose hub hears only an unreliable doorbell."""

    def __init__(self, runner: asyncio.Runner, url: str, configuration: Settings) -> None:
        self.runner = runner
        self.clock = StoppedClock()
        self.doorbell = UnreliableDoorbell()
        self.database = open_database(url)
        self.tidings = Tidings(self.database.engine, settings=configuration, clock=self.clock)
        self.world = World(self.tidings, self.clock)
        self.names = count()

    async def open(self) -> None:
        await empty(self.tidings.database)
        await self.world.open()
        rules = Rules(self.tidings.types, frozenset({Channel.IN_APP}), self.clock, self.doorbell.ring)
        bind(self.database.engine, rules)
        self.hub = Hub(
            heads=head_reader(self.database),
            read=change_reader(self.database, self.tidings.types),
            signals=SignalReader(self.database, self.clock),
            cursor=format_cursor,
            parse_cursor=parse_cursor,
            clock=self.clock,
            limits=LIMITS,
        )
        await self.doorbell.start(self.hub.hear)
        await self.hub.start()

    async def close(self) -> None:
        await self.hub.stop()
        await self.world.close()
        await self.database.engine.dispose()


class InboxMachine(RuleBasedStateMachine):
    """A person with a phone, a laptop, and a program that polls for changes."""

    def __init__(self, stage: Stage) -> None:
        super().__init__()
        self.stage = stage
        self.ids: list[str] = []
        self.cursors: list[str] = []

    def run(self, work: Coroutine[Any, Any, Result]) -> Result:
        return self.stage.runner.run(work)

    @initialize()
    def sign_up(self) -> None:
        self.stage.doorbell.mood = Mood.FAITHFUL
        self.person = self.run(self.stage.world.make_person(f"ada{next(self.stage.names)}"))
        self.devices = {name: InboxDevice(name) for name in ("phone", "laptop")}
        self.poller = InboxDevice("poller")
        for device in (*self.devices.values(), self.poller):
            self.run(self._read_list(device))

    # --- what the app does --------------------------------------------------------------------------------

    @rule(type=types, expires=st.none() | minutes)
    def create(self, type: str, expires: int | None) -> None:
        self._send({"type": type} | ({"expires_at": self._in(expires)} if expires else {}))

    @rule(key=st.sampled_from("ab"), expires=st.none() | minutes)
    def collapse(self, key: str, expires: int | None) -> None:
        self._send({"type": "system", "collapse_key": key} | ({"expires_at": self._in(expires)} if expires else {}))

    @rule(number=st.integers(2, 15))
    def create_many_in_one_transaction(self, number: int) -> None:
        async def create() -> None:
            async with self.stage.database.write() as session:
                sent = [await notify(session, "system", to=self.person.id, title=f"{n}") for n in range(number)]
            self.ids += [str(entry.id) for event in sent for entry in event.entries]

        self.run(create())

    @rule(type=st.none() | types)
    def read_all_and_create_in_one_transaction(self, type: str | None) -> None:
        async def work() -> None:
            async with self.stage.database.write() as session:
                sent = await notify(session, "system", to=self.person.id, title="With it")
                kind = self.stage.tidings.types.named(type) if type else None
                await read_all(session, self.person.id, type=kind)
            self.ids += [str(entry.id) for entry in sent.entries]

        self.run(work())

    @rule(number=st.integers(2, 8), read=st.booleans())
    def several_things_at_once(self, number: int, read: bool) -> None:
        async def work() -> None:
            body = {"to": [str(self.person.id)], "type": "system", "title": "At once"}
            sends = [self.stage.world.app.client.post("/notifications", json=body) for _ in range(number)]
            reads = [self.person.client.post("/notifications/read-all")] if read else []
            answers = await asyncio.gather(*sends[:2], *reads, *sends[2:])
            assert {answer.status_code for answer in answers} <= {200, 201}

        self.run(work())

    # --- what the person does -----------------------------------------------------------------------------

    @rule(pick=picks, action=st.sampled_from(["read", "unread", "dismiss", "restore"]))
    def act(self, pick: int, action: str) -> None:
        self._post(f"/notifications/{self._picked(pick)}/{action}", may_be_missing=True)

    @rule(pick=picks, wait=minutes)
    def snooze(self, pick: int, wait: int) -> None:
        body = {"until": self._in(wait)}
        self._post(f"/notifications/{self._picked(pick)}/snooze", body, may_be_missing=True)

    @rule(pick=picks)
    def delete(self, pick: int) -> None:
        answer = self.run(self.person.client.delete(f"/notifications/{self._picked(pick)}"))
        assert answer.status_code in {204, 404}, answer.text

    @rule(chosen=st.lists(picks, min_size=1, max_size=6), action=st.sampled_from(["mark_read", "mark_unread"]))
    def bulk(self, chosen: list[int], action: str) -> None:
        ids = [self._picked(pick) for pick in chosen]
        self._post("/notifications/bulk", {"notification_ids": ids, "action": action})

    @rule(chosen=st.lists(picks, min_size=1, max_size=3), action=st.sampled_from(["dismiss", "delete"]))
    def bulk_away(self, chosen: list[int], action: str) -> None:
        ids = [self._picked(pick) for pick in chosen]
        self._post("/notifications/bulk", {"notification_ids": ids, "action": action})

    @rule(type=st.none() | types)
    def read_all(self, type: str | None) -> None:
        self._post("/notifications/read-all", {"notification_type": type} if type else None)

    @rule(ago=st.integers(0, 60))
    def read_all_before(self, ago: int) -> None:
        self._post("/notifications/read-all", {"before": self._in(-ago)})

    @rule(type=st.none() | types)
    def see_all(self, type: str | None) -> None:
        self._post("/notifications/seen-all", {"notification_type": type} if type else None)

    # --- what time and operators do -----------------------------------------------------------------------

    @rule(by=minutes)
    def time_passes(self, by: int) -> None:
        self.stage.clock.advance(minutes=by)
        self.run(self._sweep())

    @rule()
    def retention_removes_what_is_gone(self) -> None:
        self.run(self._forget())

    @rule()
    def the_database_is_restored(self) -> None:
        async def restore() -> None:
            async with self.stage.database.write() as session:
                await renew_epoch(session)

        self.run(restore())
        self.cursors.clear()

    # --- what the network does ----------------------------------------------------------------------------

    @rule(mood=st.sampled_from(Mood))
    def rings_become(self, mood: Mood) -> None:
        self.stage.doorbell.mood = mood

    @rule()
    def late_rings_arrive(self) -> None:
        self.run(_called(self.stage.doorbell.bring_late_ones))

    @rule(name=devices, at_once=st.booleans(), takes=st.none() | st.integers(0, 5))
    def connect(self, name: str, at_once: bool, takes: int | None) -> None:
        self.run(self._connect(self.devices[name], at_once=at_once, takes=takes))

    @rule(name=devices, takes=st.integers(0, 5))
    def drop_after(self, name: str, takes: int) -> None:
        self.devices[name].takes = takes

    @rule(name=devices, back=st.integers(0, 3))
    def resume(self, name: str, back: int) -> None:
        device = self.devices[name]
        if device.is_open and not device.needs_list and device.stream is not None:
            device.may_repeat = True
            since = device.cursor if back >= len(self.cursors) else self.cursors[-1 - back]
            text = f'{{"type":"resume","since":"{since}"}}'
            self.run(self.stage.hub.receive(device.stream, text))

    @rule(turns=st.integers(1, 20))
    def the_loop_turns(self, turns: int) -> None:
        async def turn() -> None:
            for _ in range(turns):
                await asyncio.sleep(0)

        self.run(turn())

    # --- what must hold -----------------------------------------------------------------------------------

    @invariant()
    def no_device_saw_a_fault(self) -> None:
        for device in getattr(self, "devices", {}).values():
            assert device.faults == [], f"{device.name}: {device.faults}"

    @rule()
    def everything_settles(self) -> None:
        self.run(self._settle())

    def teardown(self) -> None:
        if hasattr(self, "devices"):
            self.run(self._settle())
            for device in self.devices.values():
                self.run(self._hang_up(device))

    async def _settle(self) -> None:
        self.stage.doorbell.bring_late_ones()
        self.stage.doorbell.mood = Mood.FAITHFUL
        for device in self.devices.values():
            device.takes = None
            if not device.is_open:
                await self._connect(device, at_once=True, takes=None)
        self.stage.doorbell.wake()
        entries, page = await self._list()
        await self._poll()
        for device in self.devices.values():
            await self._catches_up(device, page["cursor"])
        self.cursors.append(page["cursor"])
        await self._counters_are_true(page)
        for device in (*self.devices.values(), self.poller):
            assert device.faults == [], f"{device.name}: {device.faults}"
            assert _plain(device.entries) == _plain({entry["id"]: entry for entry in entries}), device.name
            assert device.counters == (page["unread_count"], page["unseen_count"]), device.name

    async def _catches_up(self, device: InboxDevice, cursor: str) -> None:
        async def is_there() -> bool:
            if device.needs_list:
                await self._read_list(device)
            return device.cursor == cursor

        try:
            await until(is_there)
        except TimeoutError:
            raise AssertionError(f"{device.name} stays at {device.cursor}, the inbox is at {cursor}") from None

    async def _counters_are_true(self, page: dict[str, Any]) -> None:
        counts = (await self.person.client.get("/notifications/count")).json()
        unread, unseen, total = await self.person.counts()
        assert (unread, unseen) == (page["unread_count"], page["unseen_count"])
        assert total == counts["total"] == page["listed"]
        async with self.stage.database.read() as session:
            assert not await find_miscounts(session)

    # --- how it is done -----------------------------------------------------------------------------------

    async def _connect(self, device: InboxDevice, *, at_once: bool, takes: int | None) -> None:
        await self._hang_up(device)
        if device.needs_list:
            await self._read_list(device)
        device.connects(at_once=at_once)
        device.takes = takes
        subscriber = Subscriber(user_id=self.person.id, mark=self.stage.hub.mark(), since=parse_cursor(device.cursor))
        device.stream = self.stage.hub.open(device, subscriber)

    async def _hang_up(self, device: InboxDevice) -> None:
        if device.stream is not None:
            pump = device.stream.pump
            self.stage.hub.leave(device.stream)
            if pump is not None:
                await asyncio.wait([pump])
            device.stream = None

    async def _list(self) -> tuple[list[Entry], dict[str, Any]]:
        """Everything the inbox holds, and the page's own numbers."""
        answer = await self.person.client.get("/notifications", params={"include_dismissed": True, "page_size": 100})
        page = answer.json()
        entries: list[Entry] = page["notifications"]
        rest = page
        while rest["next_cursor"]:
            query: dict[str, str | int] = {"include_dismissed": True, "page_size": 100, "cursor": rest["next_cursor"]}
            rest = (await self.person.client.get("/notifications", params=query)).json()
            entries += rest["notifications"]
        listed = [entry for entry in entries if not entry["is_dismissed"] and not entry["snoozed_until"]]
        return entries, page | {"listed": len(listed)}

    async def _read_list(self, device: InboxDevice) -> None:
        device.read_list(*await self._list())

    async def _poll(self) -> None:
        has_more = True
        while has_more:
            query: dict[str, str | int] = {"since": self.poller.cursor, "limit": 3}
            answer = (await self.person.client.get("/notifications/changes", params=query)).json()
            has_more = answer["has_more"]
            if answer["reset"]:
                await self._read_list(self.poller)
                continue
            self.poller.entries |= {entry["id"]: entry for entry in answer["changes"]}
            for id in answer["deleted"]:
                self.poller.entries.pop(id, None)
            self.poller.cursor = answer["cursor"]
            self.poller.counters = (answer["unread_count"], answer["unseen_count"])

    async def _sweep(self) -> None:
        changed = 1
        while changed:
            async with self.stage.database.write() as session:
                changed = await sweep(session, now=self.stage.clock.now())

    async def _forget(self) -> None:
        """As retention will: tombstones go, and the floor is the highest revision removed."""
        gone = Notification.user_id == self.person.id
        gone &= or_(Notification.deleted_at.is_not(None), Notification.expired_at.is_not(None))
        async with self.stage.database.write() as session:
            floor = await session.scalar(select(func.max(Notification.revision)).where(gone))
            if floor is not None:
                await session.execute(delete(Notification).where(gone))
                await session.execute(update(Inbox).where(Inbox.user_id == self.person.id).values(floor=floor))

    def _send(self, event: dict[str, Any]) -> None:
        body = {"to": [str(self.person.id)], "title": f"News {len(self.ids)}", **event}
        answer = self.run(self.stage.world.app.client.post("/notifications", json=body))
        assert answer.status_code == 201, answer.text
        self.ids.append(answer.json()["notifications"][0]["id"])

    def _post(self, path: str, body: dict[str, Any] | None = None, *, may_be_missing: bool = False) -> None:
        answer = self.run(self.person.client.post(path, json=body))
        assert answer.status_code in ({200, 404} if may_be_missing else {200}), answer.text

    def _picked(self, pick: int) -> str:
        """One of the entries made so far, or none there is."""
        return self.ids[-1 - pick % len(self.ids)] if self.ids else "01900000-0000-7000-8000-000000000000"

    def _in(self, minutes: int) -> str:
        later = StoppedClock(self.stage.clock.now())
        later.advance(minutes=minutes)
        return later.now().isoformat()


@pytest.fixture
def stage(engine: AsyncEngine, tmp_path: Path) -> Iterator[Stage]:
    configuration = Settings(data_dir=tmp_path, secret_keys=new_key_text(), base_url=BASE_URL)
    with asyncio.Runner() as runner, _opened(Stage(runner, _url(engine), configuration)) as stage:
        yield stage


def test_what_devices_hold_is_what_the_inbox_says(stage: Stage) -> None:
    class Machine(InboxMachine):
        def __init__(self) -> None:
            super().__init__(stage)

    run_state_machine_as_test(Machine, settings=settings.get_profile(PROFILE))


@contextmanager
def _opened(stage: Stage) -> Iterator[Stage]:
    stage.runner.run(stage.open())
    try:
        yield stage
    finally:
        stage.runner.run(stage.close())


def _url(engine: AsyncEngine) -> str:
    return engine.url.render_as_string(hide_password=False)


def _plain(entries: dict[str, Entry]) -> dict[str, Entry]:
    """Without revisions: `all_read` does not name those of the entries it stands for."""
    return {id: {name: value for name, value in entry.items() if name != "revision"} for id, entry in entries.items()}


async def _called(work: Any) -> None:  # Any: a plain function that needs a running loop
    work()
