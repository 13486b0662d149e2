"""How streams end: too many, too slow, silent, expired, revoked, drained."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.realtime.conftest import World
from tests.realtime.device import Device, until
from tidings.realtime.doorbell import SignalsPosted, Wake
from tidings.realtime.types import CloseCode, CloseSignal, CustomSignal

MakeWorld = Callable[..., Any]


async def test_the_twenty_first_stream_replaces_the_oldest(world: World, ada: UUID) -> None:
    devices = [(await world.live(ada))[1] for _ in range(21)]
    await until(lambda: devices[0].code == 4504)
    assert [device.closed for device in devices[1:]] == [None] * 20
    assert world.counts[-1] == (ada, 20)


async def test_heartbeats_carry_cursor_and_counters(make_world: MakeWorld, ada: UUID) -> None:
    world = await make_world(heartbeat_s=0.05)
    world.table.write(ada, 1, 1)
    stream, device = await world.live(ada)
    world.hub.heard(stream)
    await until(lambda: device.of_type("ping"))
    assert device.of_type("ping")[0] == {
        "type": "ping",
        "cursor": "one.1.0",
        "unread_count": 1,
        "timestamp": "2026-03-02T09:30:00Z",
    }


async def test_counters_that_moved_without_a_change_show_in_the_heartbeat(make_world: MakeWorld, ada: UUID) -> None:
    world = await make_world(heartbeat_s=0.05, heal_s=(0.01, 0.02))
    stream, device = await world.live(ada)
    device.answers = False
    stream.feed.unread = 5
    await until(lambda: any(ping["unread_count"] == 0 for ping in device.of_type("ping")))


async def test_who_does_not_answer_is_closed(make_world: MakeWorld, ada: UUID) -> None:
    world = await make_world(heartbeat_s=0.05)
    _, device = await world.live(ada)
    await until(lambda: device.code == 4012)
    assert device.of_type("ping")


async def test_who_answers_stays(make_world: MakeWorld, ada: UUID) -> None:
    world = await make_world(heartbeat_s=0.1)
    stream, device = await world.live(ada)
    _, silent = await world.live(uuid4())
    answered = 0
    async with asyncio.timeout(20):
        while silent.closed is None or answered < 10:
            if len(device.of_type("ping")) > answered:
                answered += 1
                await world.hub.receive(stream, '{"type":"pong"}')
            await asyncio.sleep(0.001)
    assert device.closed is None


async def test_a_stream_that_cannot_answer_is_exempt(make_world: MakeWorld, ada: UUID) -> None:
    world = await make_world(heartbeat_s=0.05)
    device = Device()
    device.answers = False
    await world.live(ada, device)
    await until(lambda: len(device.of_type("ping")) > 5)
    assert device.closed is None


async def test_a_send_that_stalls_ends_the_stream_and_holds_up_nobody(make_world: MakeWorld, ada: UUID) -> None:
    world = await make_world(stall_s=0.1)
    _, stuck = await world.live(ada)
    _, other = await world.live(ada)
    stuck.moving.clear()
    for number in range(100):
        world.doorbell.ring([world.table.write(ada, number, number)])
    await until(lambda: len(other.entries) == 100)
    await until(lambda: stuck.code == 4008)


async def test_a_slow_reader_costs_no_queue_and_catches_up(world: World, ada: UUID) -> None:
    stream, device = await world.live(ada)
    device.moving.clear()
    for number in range(500):
        world.doorbell.ring([world.table.write(ada, number, number)])
        await asyncio.sleep(0)
    assert stream.extras is None
    device.moving.set()
    await until(lambda: device.entries == world.table.logs[ada].live)


async def test_custom_messages_pile_up_only_so_far(world: World, ada: UUID) -> None:
    stream, device = await world.live(ada)
    device.moving.clear()
    world.doorbell.ring([world.table.write(ada, 1, 1)])
    await until(lambda: stream in world.hub.sending)
    world.signals.waiting += [CustomSignal(ada, number) for number in range(101)]
    world.doorbell.ring([SignalsPosted()])
    await until(lambda: device.code == 4008)


async def test_a_stream_ends_with_its_credential(world: World, ada: UUID) -> None:
    _, device = await world.live(ada, expires_at=world.clock.now() + timedelta(minutes=15))
    _, other = await world.live(ada, expires_at=world.clock.now() + timedelta(hours=2))
    world.clock.advance(minutes=15)
    await until(lambda: device.code == 4005)
    assert other.closed is None


async def test_a_new_token_keeps_the_stream_open(world: World, ada: UUID) -> None:
    async def renew(token: str) -> datetime | None:
        return world.clock.now() + timedelta(minutes=30) if token == "good" else None

    soon = world.clock.now() + timedelta(minutes=15)
    stream, device = await world.live(ada, expires_at=soon, renew=renew)
    unlucky, other = await world.live(ada, expires_at=soon, renew=renew)
    await world.hub.receive(stream, '{"type":"auth","token":"good"}')
    await world.hub.receive(unlucky, '{"type":"auth","token":"stolen"}')
    world.clock.advance(minutes=16)
    await until(lambda: other.code == 4005)
    assert device.closed is None
    world.clock.advance(minutes=15)
    await until(lambda: device.code == 4005)


async def test_a_revoked_session_loses_its_streams_alone(world: World, ada: UUID, grace: UUID) -> None:
    session_id = uuid4()
    _, hers = await world.live(ada, session_id=session_id)
    _, elsewhere = await world.live(ada, session_id=uuid4())
    _, other = await world.live(grace)
    world.signals.waiting.append(CloseSignal(ada, (session_id,), CloseCode.REVOKED, "revoked"))
    world.doorbell.ring([SignalsPosted()])
    await until(lambda: hers.closed == (4503, "revoked"))
    assert elsewhere.closed is other.closed is None


async def test_a_suspended_user_loses_every_stream(world: World, ada: UUID, grace: UUID) -> None:
    devices = [(await world.live(ada, session_id=uuid4()))[1] for _ in range(3)]
    _, other = await world.live(grace)
    world.signals.waiting.append(CloseSignal(ada, None, CloseCode.REVOKED, "suspended"))
    world.doorbell.ring([SignalsPosted()])
    await until(lambda: all(device.code == 4503 for device in devices))
    assert other.closed is None


async def test_what_began_after_a_revocation_stays_however_late_it_is_read(world: World, ada: UUID) -> None:
    before, after = uuid4(), uuid4()
    _, here = await world.live(ada, session_id=before)
    _, embedded = await world.live(ada)
    _, later = await world.live(ada, session_id=after)
    world.signals.waiting.append(CloseSignal(ada, (None, before), CloseCode.REVOKED, "suspended"))
    world.doorbell.ring([SignalsPosted()])
    await until(lambda: here.code == embedded.code == 4503)
    assert later.closed is None


async def test_a_revocation_between_the_check_and_the_opening_counts(world: World, ada: UUID) -> None:
    await world.live(ada)  # so that signals are read at all
    before = world.hub.mark()
    world.signals.waiting.append(CloseSignal(ada, None, CloseCode.REVOKED, "suspended"))
    world.doorbell.ring([SignalsPosted()])
    await until(lambda: world.hub.mark() > before)
    _, late = world.open(ada, mark=before)
    await until(lambda: late.code == 4503)
    _, after = await world.live(ada)  # checked afterwards, and admitted: reactivated
    assert after.closed is None


async def test_a_deleted_user_has_no_stream(world: World, ada: UUID) -> None:
    _, device = await world.live(ada)
    world.table.gone.add(ada)
    _, late = world.open(ada)
    await until(lambda: late.code == 4503)
    world.hub.hear([Wake()])
    await until(lambda: device.code == 4503)


@pytest.mark.parametrize("count", [3, 250])
async def test_a_stopping_server_says_goodbye_to_all(make_world: MakeWorld, ada: UUID, grace: UUID, count: int) -> None:
    world = await make_world(drain_s=1)
    devices = [(await world.live(UUID(int=number)))[1] for number in range(count)]
    await world.hub.drain()
    assert {device.code for device in devices} == {1012}
    waits = [device.frames[-1]["retry_ms"] for device in devices]
    assert all(device.types[-1] == "goodbye" for device in devices)
    assert len(set(waits)) > 1
    _, late = world.open(ada)
    await until(lambda: late.code == 1012)


async def test_draining_does_not_wait_for_who_does_not_read(make_world: MakeWorld, ada: UUID) -> None:
    world = await make_world(drain_s=0.2)
    _, device = await world.live(ada)
    device.moving.clear()
    await world.hub.drain()
    assert world.counts[-1] == (ada, 0)


async def test_a_stopped_hub_leaves_no_task(make_world: MakeWorld) -> None:
    tasks = asyncio.all_tasks()
    world = await make_world(drain_s=0.2)
    for number in range(50):
        world.open(UUID(int=number))
    world.table.gate.clear()
    await world.hub.stop()
    await until(lambda: asyncio.all_tasks() == tasks)


def test_a_hub_can_be_started_again_in_another_loop(ada: UUID) -> None:
    world = World()

    async def serve(number: int) -> None:
        await world.start()
        _, device = await world.live(ada)
        world.doorbell.ring([world.table.write(ada, 1, number)])
        await until(lambda: device.entries == {1: number})
        await world.stop()
        assert device.code == 1012

    for number in range(3):
        asyncio.run(serve(number))
