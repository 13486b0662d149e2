"""What a worker holds ready: bounded, the most urgent first, lanes in turn."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from tests.clock import MORNING
from tests.outbox.test_backoff import delivery
from tidings.outbox.claiming import Lane
from tidings.outbox.held import Work
from tidings.outbox.lanes import Lanes

NEWS, LETTERS, PUSH = Lane("notification", "email"), Lane("account", "email"), Lane("notification", "push")


def work(lane: Lane, priority: int = 1, minutes: int = 0) -> Work:
    due_at = MORNING + timedelta(minutes=minutes)
    return Work(delivery(kind=lane.kind, channel=lane.channel, priority=priority, due_at=due_at))


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 9)), max_size=30))
def test_in_a_lane_the_most_urgent_and_the_longest_due_come_first(arrivals: list[tuple[int, int]]) -> None:
    lanes = Lanes({NEWS: 100})
    for priority, minutes in arrivals:
        lanes.put(work(NEWS, priority, minutes))
    taken = [each.delivery for each in lanes.take("email", 100)]
    assert [(each.priority, each.due_at) for each in taken] == [
        (priority, MORNING + timedelta(minutes=minutes))
        for priority, minutes in sorted(arrivals, key=lambda arrival: (-arrival[0], arrival[1]))
    ]


def test_lanes_of_a_channel_take_turns_and_other_channels_are_left_alone() -> None:
    lanes = Lanes({NEWS: 10, LETTERS: 10, PUSH: 10})
    for lane, number in ((NEWS, 6), (LETTERS, 2), (PUSH, 1)):
        for _ in range(number):
            lanes.put(work(lane))
    kinds = [each.delivery.kind for each in lanes.take("email", 5)]
    assert kinds == ["notification", "account", "notification", "account", "notification"]
    assert len(lanes.take("email", 10)) == 3
    assert len(lanes) == 1


def test_a_lane_has_room_once_it_is_half_empty() -> None:
    lanes = Lanes({NEWS: 4})
    assert lanes.rooms() == {NEWS: 4}
    for _ in range(4):
        lanes.put(work(NEWS))
    lanes.take("email", 1)
    assert lanes.rooms() == {NEWS: 0}
    lanes.take("email", 1)
    assert lanes.rooms() == {NEWS: 2}
