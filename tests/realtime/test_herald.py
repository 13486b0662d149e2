"""Messages outside the log: said together, written together, in the order they came, to whoever is ready or not."""

from uuid import UUID, uuid4

import pytest

from tests.realtime.conftest import World
from tests.realtime.device import Device, until
from tidings.realtime.doorbell import Ring, Wake
from tidings.realtime.herald import SLICE
from tidings.realtime.types import CloseCode, CloseSignal, CustomSignal


def heard(device: Device) -> list[object]:
    return [frame["data"] for frame in device.of_type("custom")]


@pytest.mark.parametrize("at_once", [True, False], ids=["ready", "slow"])
async def test_messages_to_one_and_to_all_keep_their_order(world: World, ada: UUID, grace: UUID, at_once: bool) -> None:
    _, hers = await world.live(ada, Device(at_once=at_once))
    _, other = await world.live(grace, Device(at_once=at_once))
    said = [(None, 1), (ada, 2), (ada, 3), (None, 4), (grace, 5), (None, 6)]
    world.signals.waiting += [CustomSignal(user_id, data) for user_id, data in said]
    world.doorbell.ring([Wake()])
    await until(lambda: len(heard(hers)) == 5 and len(heard(other)) == 4)
    assert (heard(hers), heard(other)) == ([1, 2, 3, 4, 6], [1, 4, 5, 6])


async def test_what_is_said_together_is_written_once(world: World, ada: UUID) -> None:
    _, device = await world.live(ada, Device(at_once=True))
    world.signals.waiting += [CustomSignal(None, number) for number in range(10)]
    world.doorbell.ring([Wake()])
    await until(lambda: len(heard(device)) == 10)
    assert device.sends[-1] == 10


async def test_a_crowd_hears_in_order_over_several_turns_of_the_loop(world: World) -> None:
    crowd = [(await world.live(uuid4(), Device(at_once=True)))[1] for _ in range(2 * SLICE + 1)]
    world.signals.waiting += [CustomSignal(None, 1), CustomSignal(uuid4(), "nobody"), CustomSignal(None, 2)]
    world.doorbell.ring([Wake()])
    await until(lambda: all(len(heard(device)) == 2 for device in crowd))
    assert all(heard(device) == [1, 2] for device in crowd)


async def test_a_message_waits_behind_what_waits_already(world: World, ada: UUID) -> None:
    """A stream in the middle of reading the table gets the message after it, though its socket would take it now."""
    stream, device = await world.live(ada, Device(at_once=True))
    world.table.gate.clear()
    ring = world.table.write(ada, 1, 1)
    world.doorbell.ring([Ring(ada, ring.first, ring.last)])
    await until(lambda: stream.pump is not None)
    world.signals.waiting.append(CustomSignal(ada, "later"))
    world.doorbell.ring([Wake()])
    await until(lambda: stream.extras or heard(device))
    world.table.gate.set()
    await until(lambda: heard(device))
    assert device.types == ["connected", "notification", "custom"]


async def test_who_is_closed_by_the_next_signal_hears_nothing_more(world: World, ada: UUID, grace: UUID) -> None:
    _, hers = await world.live(ada, Device(at_once=True))
    _, other = await world.live(grace, Device(at_once=True))
    world.signals.waiting += [CustomSignal(None, "all"), CloseSignal(ada, None, CloseCode.REVOKED, "revoked")]
    world.doorbell.ring([Wake()])
    await until(lambda: hers.code == CloseCode.REVOKED and heard(other))
    assert heard(hers) == []


async def test_a_device_whose_socket_breaks_takes_nobody_with_it(world: World, ada: UUID, grace: UUID) -> None:
    class Broken(Device):
        def send_now(self, frames: object) -> bool:
            raise RuntimeError("the socket is gone")

    stream, broken = world.open(ada, Broken())
    stream.connection = ready = Device(at_once=True)
    await until(lambda: stream.is_current)
    stream.connection = broken
    _, other = await world.live(grace, Device(at_once=True))
    world.signals.waiting.append(CustomSignal(None, "all"))
    world.doorbell.ring([Wake()])
    await until(lambda: heard(other) and broken.code == CloseCode.INTERNAL_ERROR)
    assert ready.of_type("custom") == []
