"""More than a thousand recipients: accepted at once, written in slices, each person once, whatever dies."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

import httpx
import pytest

from tests.notifications.answers import pointers, refusal
from tests.notifications.fanouts import (
    HookedClock,
    Pausing,
    at_work,
    becomes,
    crowd,
    explained,
    kept,
    look_at,
    reached,
    slices,
)
from tests.notifications.storage import stored
from tests.outbox.world import QUICK, until
from tests.world import App, Person, World
from tidings import Tidings
from tidings.channels.base import Outcome, Sent
from tidings.kernel.bindings import bind
from tidings.notifications.fanning_out import FanoutSender, Slice, write_slice
from tidings.notifications.models import Event
from tidings.notifications.rules import Rules
from tidings.notifications.types import Channel
from tidings.outbox.types import DeliveryState
from tidings.realtime.doorbell import Chime

NAMES = crowd(2_500)
SOME = NAMES[:1_100]
EVENT: dict[str, Any] = {"to": NAMES, "type": "system", "title": "To everybody", "create_missing": True}


@pytest.fixture
def clock() -> HookedClock:
    return HookedClock()


async def send(app: App, **changed: Any) -> httpx.Response:
    return await app.client.post("/notifications", json=EVENT | changed)


async def accepted(app: App, **changed: Any) -> str:
    sent = await send(app, **changed)
    assert sent.status_code == 202, sent.text
    event_id: str = sent.json()["event_id"]
    return event_id


async def test_everybody_gets_one_and_progress_is_seen(app: App, tidings: Tidings) -> None:
    sent = await send(app)
    assert sent.status_code == 202
    assert sent.json() | {"event_id": ""} == {
        "event_id": "",
        "accepted": 2_500,
        "deduplicated": False,
        "notifications": [],
    }
    event_id = sent.json()["event_id"]
    event = await look_at(app, event_id)
    assert (event["state"], event["accepted"], event["recipients"], event["send_at"]) == ("scheduled", 0, 2_500, None)
    paused = Pausing(FanoutSender(tidings.database))
    paused.points.stops = {"before 1", "before 2"}
    async with at_work(tidings, paused):
        for number in (1, 2):
            await until(paused.points.is_reached(f"before {number}"))
            event = await look_at(app, event_id)
            assert (event["state"], event["accepted"], event["recipients"]) == ("writing", number * 1_000, 2_500)
            assert [entry["external_id"] for entry in event["notifications"]] == NAMES[:100]
            paused.points.stops.discard(f"before {number}")
        event = await becomes(app, event_id, "written")
    assert (event["accepted"], event["recipients"], len(event["notifications"])) == (2_500, 2_500, 100)
    assert await reached(tidings, event_id) == dict.fromkeys(NAMES, 1)


async def test_the_doorbell_alone_brings_every_slice_on_its_way(app: App, tidings: Tidings) -> None:
    tidings.worker_limits = replace(QUICK, first_pause_s=3_600, longest_pause_s=3_600)
    async with tidings.work():
        await becomes(app, await accepted(app, to=SOME), "written")


async def test_an_urgent_event_is_written_before_what_waits(app: App, tidings: Tidings) -> None:
    slow = await accepted(app, to=SOME)
    urgent = await accepted(app, to=SOME, priority="urgent")
    paused = Pausing(FanoutSender(tidings.database))
    paused.points.stops = {"before 1"}
    async with at_work(tidings, paused):
        await until(paused.points.is_reached("before 1", 2))
    assert {str(each.event_id): each.priority for each in await slices(tidings)} == {slow: 1, urgent: 3}


async def test_a_thousand_are_written_at_once_and_one_more_is_not(app: App, tidings: Tidings) -> None:
    assert (await send(app, to=NAMES[:1_000])).status_code == 201
    assert await kept(tidings) == (0, 0)
    assert (await send(app, to=NAMES[:1_001])).status_code == 202
    assert (await send(app, to=NAMES[:1_001], dedupe_key="k")).json()["accepted"] == 1_001


async def test_who_is_named_twice_gets_one(app: App, tidings: Tidings) -> None:
    people = await accepted(app, to=[*NAMES[:1_500], {"id": "crowd-7"}, "crowd-8", *NAMES[1_400:1_500]])
    async with at_work(tidings):
        event = await becomes(app, people, "written")
    assert event["recipients"] == 1_500
    assert await reached(tidings, people) == dict.fromkeys(NAMES[:1_500], 1)


async def test_mail_is_written_for_everybody_who_can_have_it(app: App, tidings: Tidings) -> None:
    people = [{"id": name, "email": f"{name}@example.org"} for name in NAMES[:1_200]]
    event_id = await accepted(app, to=[*people, "no-address"], type="order.shipped")
    async with at_work(tidings):
        event = await becomes(app, event_id, "written")
    assert (event["accepted"], event["deliveries"]) == (1_201, {"scheduled": 1_200})


async def test_one_unknown_name_among_thousands_refuses_all(app: App, ada: Person, world: World) -> None:
    before = await stored(world.tidings)
    answer = await send(app, to=[*["ada"] * 4_998, "ghost", "ada"], create_missing=False)
    assert (refusal(answer), pointers(answer)) == ((422, "unknown_recipient"), ["/to/4998"])
    assert (await stored(world.tidings), await kept(world.tidings)) == (before, (0, 0))


async def test_a_repeat_gets_the_first_result_and_a_replay_the_same_answer(app: App, tidings: Tidings) -> None:
    headers = {"Idempotency-Key": "k-1"}
    event = EVENT | {"to": SOME, "dedupe_key": "k"}
    first = await app.client.post("/notifications", json=event, headers=headers)
    before = await kept(tidings)
    replay = await app.client.post("/notifications", json=event, headers=headers)
    assert (replay.status_code, replay.content) == (202, first.content)
    paused = Pausing(FanoutSender(tidings.database))
    paused.points.stops = {"before 1"}
    repeat = await send(app, dedupe_key="k")
    assert (repeat.status_code, repeat.json()) == (200, first.json() | {"deduplicated": True})
    assert await kept(tidings) == before
    async with at_work(tidings, paused):
        await until(paused.points.is_reached("before 1"))
        repeat = await send(app, dedupe_key="k")
        assert (repeat.status_code, repeat.json()) == (200, first.json() | {"deduplicated": True})
        paused.points.stops.clear()
        written = await becomes(app, first.json()["event_id"], "written")
    repeat = await send(app, dedupe_key="k")
    assert repeat.json() == first.json() | {"deduplicated": True, "notifications": written["notifications"]}


async def test_who_is_not_reached_yet_is_explained_as_deferred(app: App, tidings: Tidings) -> None:
    event_id = await accepted(app, to=SOME)
    paused = Pausing(FanoutSender(tidings.database))
    paused.points.stops = {"before 1"}
    async with at_work(tidings, paused):
        await until(paused.points.is_reached("before 1"))
    people = await ids_of(app, [SOME[0], SOME[-1]])
    verdicts = [(await explained(app, event_id, UUID(user_id)))["verdict"] for user_id in people.values()]
    assert verdicts == ["send", "defer"]


async def ids_of(app: App, names: list[str]) -> dict[str, str]:
    plans = (await app.client.post("/notifications/preview", json=EVENT | {"to": names})).json()["plans"]
    return dict(zip(names, (plan["user_id"] for plan in plans), strict=True))


async def test_users_who_are_gone_are_passed_by_and_counted_out(app: App, grace: Person, tidings: Tidings) -> None:
    event_id = await accepted(app, to=SOME)
    gone = [SOME[0], SOME[999], SOME[1_000], SOME[-1]]
    for user_id in (await ids_of(app, gone)).values():
        assert (await grace.client.delete(f"/users/{user_id}")).status_code == 204
    async with at_work(tidings):
        event = await becomes(app, event_id, "written")
    assert (event["accepted"], event["recipients"]) == (1_096, 1_096)
    assert event["notifications"][0]["external_id"] == NAMES[1]
    assert await reached(tidings, event_id) == dict.fromkeys([name for name in SOME if name not in gone], 1)


async def test_a_slice_of_which_nobody_is_left_adds_nothing(app: App, grace: Person, tidings: Tidings) -> None:
    event_id = await accepted(app, to=NAMES[:1_001])
    [last] = (await ids_of(app, [NAMES[1_000]])).values()
    sender = FanoutSender(tidings.database)
    assert await sender.send(Slice(UUID(event_id), 0), handing_over=never) == Sent()
    assert (await grace.client.delete(f"/users/{last}")).status_code == 204
    assert await sender.send(Slice(UUID(event_id), 1), handing_over=never) == Sent()
    event = await look_at(app, event_id)
    assert (event["state"], event["accepted"], len(event["notifications"])) == ("written", 1_000, 100)


async def never() -> None:
    raise AssertionError("a slice is never handed over")


async def test_two_workers_write_each_slice_once(app: App, tidings: Tidings) -> None:
    first, second = [await accepted(app, to=SOME) for _ in range(2)]
    async with at_work(tidings, workers=2):
        for event_id in (first, second):
            await becomes(app, event_id, "written")
    for event_id in (first, second):
        assert await reached(tidings, event_id) == dict.fromkeys(SOME, 1)


async def test_the_same_slice_at_the_same_time_is_written_once(app: App, tidings: Tidings) -> None:
    event_id = await accepted(app, to=SOME)
    sender = FanoutSender(tidings.database)
    for position in range(2):
        wanted = Slice(UUID(event_id), position)
        assert await asyncio.gather(*(sender.send(wanted, handing_over=never) for _ in range(4))) == [Sent()] * 4
    assert (await look_at(app, event_id))["accepted"] == 1_100
    assert await reached(tidings, event_id) == dict.fromkeys(SOME, 1)


@dataclass
class Mortal:
    """A sender that dies with its worker, once a slice, when it comes to a named point."""

    tidings: Tidings
    clock: HookedClock
    point: str
    deaths: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._sender = FanoutSender(self.tidings.database)
        self._writing: asyncio.Task[Any] | None = None
        self._position = self._times_asked = 0
        self.clock.on_asked = self._asked
        channels = frozenset({Channel.IN_APP, Channel.EMAIL})
        bind(self.tidings.database.engine, Rules(self.tidings.types, channels, self.clock, self._rang))

    def provider(self, message: Slice, /) -> str:
        return self._sender.provider(message)

    async def send(self, message: Slice, /, *, handing_over: Callable[[], Awaitable[None]]) -> Outcome:
        if message.position not in self.deaths:
            self._writing, self._position, self._times_asked = asyncio.current_task(), message.position, 0
        self._come_to("before the transaction")
        outcome = await self._sender.send(message, handing_over=handing_over)
        self._come_to("before the record")
        await asyncio.sleep(0)
        return outcome

    def has_died(self, times: int) -> Callable[[], bool]:
        """A condition to wait for."""
        return lambda: len(self.deaths) >= times

    def _asked(self) -> None:
        if asyncio.current_task() is self._writing:
            self._times_asked += 1
            self._come_to({1: "as the transaction begins", 2: "with the heads held"}.get(self._times_asked, "later"))

    def _rang(self, _chimes: Sequence[Chime]) -> None:
        self._come_to("after the commit")

    def _come_to(self, point: str) -> None:
        """Being cancelled takes effect at the next thing that is waited for."""
        if point == self.point and self._writing is not None and asyncio.current_task() is self._writing:
            self._writing.cancel()
            self._writing = None
            self.deaths.append(self._position)


@pytest.mark.parametrize(
    ("point", "outlives"),
    [
        ("before the transaction", False),
        ("as the transaction begins", False),
        ("with the heads held", False),
        ("after the commit", True),
        ("before the record", True),
    ],
)
async def test_a_worker_that_dies_at_this_point_of_each_slice_costs_nothing(
    app: App, tidings: Tidings, clock: HookedClock, point: str, outlives: bool
) -> None:
    event_id = await accepted(app, type="order.shipped", data={"number": 17})
    mortal = Mortal(tidings, clock, point)
    for position in range(3):
        async with at_work(tidings, mortal):
            await until(mortal.has_died(position + 1))
        event = await look_at(app, event_id)
        assert event["accepted"] == min((position + outlives) * 1_000, 2_500)
        clock.advance(seconds=61)
    async with at_work(tidings, mortal):
        event = await becomes(app, event_id, "written")
        await until(all_are_recorded(tidings))
    assert (event["accepted"], mortal.deaths) == (2_500, [0, 1, 2])
    assert await reached(tidings, event_id) == dict.fromkeys(NAMES, 1)
    assert all(each.attempt > 1 for each in await slices(tidings))


def all_are_recorded(tidings: Tidings) -> Callable[[], Awaitable[bool]]:
    async def are_so() -> bool:
        return [each.state for each in await slices(tidings)] == [DeliveryState.SENT] * 3

    return are_so


async def test_who_is_deleted_while_a_later_slice_is_written_stays_forgotten(
    app: App, grace: Person, tidings: Tidings
) -> None:
    event_id = await accepted(app, to=SOME)
    assert await FanoutSender(tidings.database).send(Slice(UUID(event_id), 0), handing_over=never) == Sent()
    [gone] = (await ids_of(app, [SOME[3]])).values()
    async with tidings.database.sessions() as session:
        if not tidings.database.is_sqlite:  # where there is one writer, nobody is deleted meanwhile
            assert (await session.get_one(Event, UUID(event_id))).accepted == 1_000
        assert (await grace.client.delete(f"/users/{gone}")).status_code == 204
        assert await write_slice(session, Slice(UUID(event_id), 1)) == Sent()
        await session.commit()
    async with tidings.database.read() as session:
        event = await session.get_one(Event, UUID(event_id))
    assert event.accepted == 1_100
    assert str(gone) not in str(event.entries)
