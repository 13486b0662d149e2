"""Streams stay in step with the table, whatever happens to rings."""

import asyncio
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from tests.realtime.conftest import World
from tests.realtime.device import Device, until
from tidings.realtime.doorbell import DeliveriesDue, Ring, SignalsPosted, Wake
from tidings.realtime.ports import ResetReason
from tidings.realtime.types import CustomSignal

MakeWorld = Callable[..., Any]


async def test_a_stream_begins_with_the_head(world: World, ada: UUID) -> None:
    world.table.write(ada, 1, 7)
    _, device = await world.live(ada)
    assert device.frames == [
        {
            "type": "connected",
            "cursor": "one.1.0",
            "unread_count": 1,
            "unseen_count": 1,
            "heartbeat_s": 60,
            "timestamp": "2026-03-02T09:30:00Z",
        }
    ]


async def test_a_ring_with_payload_is_sent_without_asking_the_table(world: World, ada: UUID) -> None:
    stream, device = await world.live(ada)
    world.doorbell.ring([world.table.write(ada, 1, 7)])
    await until(lambda: device.entries == {1: 7})
    assert device.frames[-1] == {
        "type": "notification",
        "event": "new_notification",
        "data": {"id": 1, "value": 7},
        "cursor": "one.1.0",
        "unread_count": 1,
        "unseen_count": 1,
        "timestamp": "2026-03-02T09:30:00Z",
    }
    assert "read" not in world.table.statements
    assert stream.position.revision == 1


async def test_rings_of_one_moment_leave_together(world: World, ada: UUID) -> None:
    _, device = await world.live(ada, Device(at_once=True))
    for number in range(10):
        world.doorbell.ring([world.table.write(ada, number, number)])
    await until(lambda: len(device.entries) == 10)
    assert device.sends[-1] == 10


async def test_a_ring_without_payload_is_read_from_the_table(world: World, ada: UUID) -> None:
    _, device = await world.live(ada)
    ring = world.table.write(ada, 1, 7)
    world.doorbell.ring([Ring(ada, ring.first, ring.last)])
    await until(lambda: device.entries == {1: 7})


async def test_a_ring_ahead_of_its_turn_brings_what_came_before_it(world: World, ada: UUID) -> None:
    _, device = await world.live(ada)
    first, second = world.table.write(ada, 1, 1), world.table.write(ada, 2, 2)
    world.doorbell.ring([second])
    await until(lambda: len(device.entries) == 2)
    world.doorbell.ring([first])
    world.doorbell.ring([world.table.write(ada, 3, 3)])
    await until(lambda: len(device.entries) == 3)
    assert [frame["cursor"] for frame in device.frames] == ["one.0.0", "one.1.0", "one.2.0", "one.3.0"]


async def test_a_doubled_ring_is_sent_once(world: World, ada: UUID) -> None:
    _, device = await world.live(ada)
    ring = world.table.write(ada, 1, 1)
    world.doorbell.ring([ring, ring])
    await until(lambda: device.entries == {1: 1})
    world.doorbell.ring([ring])
    world.doorbell.ring([world.table.write(ada, 2, 2)])
    await until(lambda: len(device.entries) == 2)
    assert device.types == ["connected", "notification", "notification"]


async def test_one_frame_can_cover_many_changes(world: World, ada: UUID) -> None:
    world.table.write(ada, 1, 1)
    world.table.write(ada, 2, 2)
    _, device = await world.live(ada, since="one.0.0")
    await until(lambda: len(device.entries) == 2)
    world.doorbell.ring([world.table.write_all(ada, 9)])
    await until(lambda: device.entries == {1: 9, 2: 9})
    assert (device.frames[-1]["event"], device.frames[-1]["cursor"]) == ("all_read", "one.4.0")


async def test_a_ring_between_opening_and_reading_is_not_lost(world: World, ada: UUID) -> None:
    world.table.gate.clear()
    _, device = world.open(ada)
    await until(lambda: world.table.statements == ["heads"])
    world.doorbell.ring([world.table.write(ada, 1, 1)])
    world.table.gate.set()
    await until(lambda: device.frames)
    world.doorbell.ring([world.table.write(ada, 2, 2)])
    await until(lambda: 2 in device.entries)
    connected_at = device.frames[0]["cursor"]
    assert connected_at == "one.1.0" or 1 in device.entries


async def test_a_ring_the_table_does_not_confirm_is_forgotten(world: World, ada: UUID) -> None:
    stream, device = await world.live(ada)
    world.doorbell.ring([Ring(ada, 5_000, 9_999), Ring(ada, 5, 5)])
    await until(lambda: "read" in world.table.statements or world.table.statements.count("heads") > 1)
    await until(lambda: stream.is_current)
    world.doorbell.ring([world.table.write(ada, 1, 1)])
    await until(lambda: device.entries == {1: 1})
    assert "reset" not in device.types


async def test_a_ring_during_a_read_that_finds_nothing_is_not_lost(world: World, ada: UUID) -> None:
    _, device = await world.live(ada)
    world.table.gate.clear()
    world.doorbell.ring([Ring(ada, 1, 1)])
    await until(lambda: "read" in world.table.statements)
    await asyncio.sleep(0)
    ring = world.table.write(ada, 1, 1)
    world.doorbell.ring([Ring(ada, 2, 2), Ring(ada, ring.first, ring.last)])
    world.table.gate.set()
    await until(lambda: device.entries == {1: 1})


async def test_a_lost_ring_is_healed_by_comparing_heads(make_world: MakeWorld, ada: UUID) -> None:
    world = await make_world(heal_s=(0.01, 0.02))
    _, device = await world.live(ada)
    world.table.write(ada, 1, 1)
    await until(lambda: device.entries == {1: 1})


async def test_a_wake_compares_the_heads_of_all_users_in_one_statement(world: World, ada: UUID, grace: UUID) -> None:
    _, hers = await world.live(ada)
    _, other = await world.live(grace)
    world.table.statements.clear()
    world.table.write(grace, 1, 1)
    world.doorbell.ring([Wake()])
    await until(lambda: other.entries == {1: 1})
    assert world.table.statements == ["heads", "read"]
    assert hers.types == ["connected"]


async def test_what_concerns_the_outbox_costs_streams_nothing(world: World, ada: UUID) -> None:
    _, device = await world.live(ada)
    world.table.statements.clear()
    reads = world.signals.reads
    world.doorbell.ring([DeliveriesDue()])
    world.doorbell.ring([world.table.write(ada, 1, 7)])
    await until(lambda: device.entries == {1: 7})
    assert (world.table.statements, world.signals.reads) == ([], reads)


async def test_wakes_cost_nothing_while_nobody_is_connected(world: World, ada: UUID) -> None:
    world.doorbell.ring([Wake()])
    await until(lambda: not world.hub._healer._heads_due)
    assert (world.table.statements, world.signals.reads) == ([], 0)
    await world.live(ada)
    await until(lambda: world.signals.reads == 1)  # a stream may have to end: that waited for the first to come
    assert world.table.statements == ["heads"]


async def test_signals_that_are_known_to_be_there_are_not_kept_for_those_who_come_later(
    world: World, ada: UUID
) -> None:
    world.signals.waiting.append(CustomSignal(ada, "for who is here"))
    world.doorbell.ring([SignalsPosted()])
    await until(lambda: world.signals.reads == 1)
    _, device = await world.live(ada)
    world.signals.waiting.append(CustomSignal(ada, "after"))
    world.doorbell.ring([SignalsPosted()])
    await until(lambda: [frame["data"] for frame in device.of_type("custom")] == ["after"])


async def test_who_missed_nothing_costs_no_read(world: World, ada: UUID) -> None:
    world.table.write(ada, 1, 1)
    await world.live(ada, since="one.1.0")
    assert world.table.statements == ["heads"]


async def test_users_who_come_together_share_a_statement(world: World) -> None:
    streams = [world.open(UUID(int=number))[0] for number in range(500)]
    await until(lambda: all(stream.is_current for stream in streams))
    assert world.table.statements == ["heads"]


async def test_resuming_brings_what_was_missed_in_order(make_world: MakeWorld, ada: UUID) -> None:
    world = await make_world(read_limit=3)
    for number in range(10):
        world.table.write(ada, number, number)
    _, device = await world.live(ada, since="one.2.0")
    assert device.frames[0]["cursor"] == "one.2.0"
    assert [frame["data"]["id"] for frame in device.frames[1:]] == list(range(2, 10))


@pytest.mark.parametrize(
    ("since", "reason"),
    [("zero.1.0", "epoch_changed"), ("one.3.0", "too_old"), ("one.99.0", "ahead"), ("one.10.9", "ahead")],
)
async def test_a_cursor_that_cannot_be_followed_resets(world: World, ada: UUID, since: str, reason: str) -> None:
    for number in range(10):
        world.table.write(ada, number, number)
    world.table.logs[ada].floor = 4
    _, device = await world.live(ada, since=since)
    assert device.types == ["connected", "reset"]
    assert device.frames[0]["cursor"] == since
    assert device.frames[1]["reason"] == reason
    world.doorbell.ring([world.table.write(ada, 1, 1)])
    await until(lambda: len(device.frames) == 3)
    assert device.frames[2]["cursor"] == "one.11.0"


async def test_a_gap_too_wide_resets(make_world: MakeWorld, ada: UUID) -> None:
    world = await make_world(max_gap=5)
    for number in range(6):
        world.table.write(ada, number, number)
    _, device = await world.live(ada, since="one.0.0")
    assert device.frames[1]["reason"] == "gap"
    _, other = await world.live(ada, since="one.1.0")
    assert other.types == ["connected"] + ["notification"] * 5


async def test_a_gap_that_opens_while_live_resets(make_world: MakeWorld, ada: UUID) -> None:
    world = await make_world(max_gap=5)
    stream, device = await world.live(ada)
    rings = [world.table.write(ada, number, number) for number in range(8)]
    world.doorbell.ring([Ring(ada, rings[0].first, rings[-1].last)])
    await until(lambda: stream.is_current)
    assert device.types == ["connected", "reset"]
    assert device.frames[1]["reason"] == "gap"


async def test_a_restored_database_resets_open_streams(world: World, ada: UUID) -> None:
    for number in range(4):
        world.table.write(ada, number, number)
    stream, device = await world.live(ada)
    world.table.restore()
    world.doorbell.ring([Wake()])
    await until(lambda: device.needs_reset)
    assert device.frames[-1]["reason"] == "epoch_changed"
    await until(lambda: stream.is_current)
    assert stream.position.epoch == "one'"


async def test_a_device_can_ask_to_resume_from_elsewhere(world: World, ada: UUID) -> None:
    for number in range(4):
        world.table.write(ada, number, number)
    stream, device = await world.live(ada)
    await world.hub.receive(stream, '{"type":"resume","since":"one.2.0"}')
    await until(lambda: set(device.entries) == {2, 3})


async def test_resuming_from_an_unreadable_cursor_resets(world: World, ada: UUID) -> None:
    stream, device = await world.live(ada)
    await world.hub.receive(stream, '{"type":"resume","since":"nonsense"}')
    await until(lambda: device.needs_reset)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"type":7}', '{"type":"dance"}', b"\xff", '{"type":"resume"}'])
async def test_what_is_not_understood_is_ignored(world: World, ada: UUID, text: str | bytes) -> None:
    stream, device = await world.live(ada)
    await world.hub.receive(stream, text)
    world.doorbell.ring([world.table.write(ada, 1, 1)])
    await until(lambda: device.entries == {1: 1})


async def test_announcements_reach_everyone_and_move_their_cursor(world: World, ada: UUID, grace: UUID) -> None:
    _, hers = await world.live(ada)
    _, other = await world.live(grace)
    world.doorbell.ring([world.table.announce("release")])
    await until(lambda: hers.announcements == other.announcements == ["release"])
    assert hers.frames[-1]["type"] == "announcement"
    assert hers.cursor == "one.0.1"
    world.doorbell.ring([world.table.write(ada, 1, 1)])
    await until(lambda: hers.cursor == "one.1.1")


async def test_a_custom_message_reaches_a_users_streams_and_carries_no_cursor(
    world: World, ada: UUID, grace: UUID
) -> None:
    devices = [(await world.live(ada))[1] for _ in range(2)]
    _, other = await world.live(grace)
    world.signals.waiting += [CustomSignal(ada, {"hello": 1}), CustomSignal(None, "all")]
    world.doorbell.ring([Wake()])
    await until(lambda: all(len(device.frames) == 3 for device in devices) and len(other.frames) == 2)
    assert devices[0].frames[1] == {"type": "custom", "data": {"hello": 1}, "timestamp": "2026-03-02T09:30:00Z"}
    assert other.frames[1]["data"] == "all"


async def test_streams_outlive_a_database_that_restarts(make_world: MakeWorld, ada: UUID) -> None:
    world = await make_world(max_backoff_s=0.001)
    world.table.refuse = 3
    _, device = await world.live(ada)
    world.table.refuse = 3
    ring = world.table.write(ada, 1, 1)
    world.doorbell.ring([Ring(ada, ring.first, ring.last)])
    await until(lambda: device.entries == {1: 1})
    assert world.table.refuse == 0


async def test_signals_that_could_not_be_read_are_read_later(world: World, ada: UUID) -> None:
    _, device = await world.live(ada)
    world.signals.waiting.append(CustomSignal(ada, "hello"))
    world.signals.refuse = 1
    world.doorbell.ring([Wake()])
    await until(lambda: device.of_type("custom"))


async def test_streams_of_a_user_at_one_place_share_one_read(world: World, ada: UUID) -> None:
    devices = [(await world.live(ada))[1] for _ in range(5)]
    ring = world.table.write(ada, 1, 1)
    world.table.statements.clear()
    world.doorbell.ring([Ring(ada, ring.first, ring.last)])
    await until(lambda: all(device.entries == {1: 1} for device in devices))
    assert world.table.statements == ["read"]


async def test_a_device_that_dies_in_the_middle_leaves_nothing_behind(world: World, ada: UUID) -> None:
    tasks = asyncio.all_tasks()
    for number in range(5):
        world.table.write(ada, number, number)
    for takes in range(6):
        world.open(ada, Device(takes=takes), since="one.0.0")
    await until(lambda: world.counts[-1] == (ada, 0))
    await until(lambda: asyncio.all_tasks() == tasks)


async def test_leaving_twice_is_leaving_once(world: World, ada: UUID) -> None:
    stream, _ = await world.live(ada)
    assert world.hub.leave(stream)
    assert not world.hub.leave(stream)
    assert world.counts == [(ada, 1), (ada, 0)]


async def test_a_port_that_answers_nonsense_ends_the_stream(world: World, ada: UUID) -> None:
    _, device = await world.live(ada)
    world.table.has_cursors = False
    world.doorbell.ring([world.table.write(ada, 1, 1)])
    await until(lambda: device.code == 1011)


async def test_reset_reasons_of_the_edge_are_passed_on(world: World, ada: UUID) -> None:
    _, device = await world.live(ada, since=ResetReason.TOO_OLD)
    assert device.frames[1]["reason"] == "too_old"
    cut_off_before_it = device.frames[0]["cursor"]
    _, again = await world.live(ada, since=cut_off_before_it)
    assert again.types == ["connected", "reset"]
