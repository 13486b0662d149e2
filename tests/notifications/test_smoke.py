"""Sending, seeing, reading."""

from tests.clock import StoppedClock
from tests.world import Person


async def test_reading_twice_keeps_the_first_time(ada: Person, clock: StoppedClock) -> None:
    note = await ada.receives("achievement")
    first = await ada.does("read", note["id"])
    clock.advance(hours=1)
    second = await ada.does("read", note["id"])
    assert first["read_at"] == second["read_at"]
