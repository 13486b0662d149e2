"""Rates and breakers, with time handed in."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from tests.clock import MORNING
from tidings.outbox.gates import Breaker, BreakerLimits, Rate, TokenBucket

SECOND = timedelta(seconds=1)


@given(st.integers(1, 50), st.integers(1, 20), st.integers(1, 100))
def test_no_span_of_time_holds_more_than_its_rate_and_one_burst(rate: int, burst: int, count: int) -> None:
    bucket = TokenBucket(Rate(rate, burst))
    turns = [bucket.take(MORNING) for _ in range(count)]
    assert turns == sorted(turns)
    for first in range(0, count, 7):
        in_span = [turn for turn in turns if turns[first] <= turn < turns[first] + SECOND]
        assert len(in_span) <= rate + burst


def test_a_bucket_fills_up_while_nothing_goes() -> None:
    bucket = TokenBucket(Rate(1, 3))
    assert [bucket.take(MORNING) - MORNING for _ in range(5)] == [
        0 * SECOND,
        0 * SECOND,
        0 * SECOND,
        SECOND,
        2 * SECOND,
    ]
    later = MORNING + timedelta(minutes=1)
    assert bucket.next_turn(later) == later
    assert [(bucket.take(later) - later) / SECOND for _ in range(4)] == [0, 0, 0, 1]


def opened() -> Breaker:
    breaker = Breaker(BreakerLimits(failures=3, pause=30 * SECOND, cap=100 * SECOND, probe=60 * SECOND))
    for _ in range(3):
        assert breaker.admit(MORNING) is None
        breaker.failed(MORNING)
    return breaker


def test_it_opens_after_so_many_outages_in_a_row() -> None:
    breaker = Breaker(BreakerLimits(failures=2))
    breaker.failed(MORNING)
    breaker.answered()
    breaker.failed(MORNING)
    assert not breaker.is_open
    breaker.failed(MORNING)
    assert breaker.is_open


def test_open_it_lets_nothing_through_until_its_pause_is_over_and_then_one() -> None:
    breaker = opened()
    assert breaker.admit(MORNING + 29 * SECOND) == MORNING + 30 * SECOND
    half_open = MORNING + 30 * SECOND
    assert breaker.admit(half_open) is None
    assert breaker.admit(half_open) == half_open + 60 * SECOND


def test_a_probe_that_is_answered_closes_it() -> None:
    breaker = opened()
    breaker.admit(MORNING + 30 * SECOND)
    breaker.answered()
    assert breaker.admit(MORNING + 30 * SECOND) is breaker.admit(MORNING + 30 * SECOND) is None


def test_a_probe_that_fails_opens_it_for_twice_as_long_up_to_the_cap() -> None:
    breaker, now = opened(), MORNING
    for pause in (30, 60, 100, 100):
        assert breaker.refuses_until(now) == now + pause * SECOND
        now += pause * SECOND
        assert breaker.admit(now) is None
        breaker.failed(now)


def test_a_probe_that_never_went_makes_way_for_another() -> None:
    breaker, now = opened(), MORNING + 30 * SECOND
    assert breaker.admit(now) is None
    breaker.stood_down(now)
    assert breaker.admit(now) is None
    assert breaker.admit(now + 59 * SECOND) is not None
    assert breaker.admit(now + 60 * SECOND) is None
