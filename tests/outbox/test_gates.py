"""Rates and breakers, with time handed in."""

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tests.clock import MORNING
from tidings.outbox.gates import Breaker, BreakerLimits, Rate, Term, TokenBucket

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
        breaker.failed(MORNING, let_through(breaker))
    return breaker


def let_through(breaker: Breaker, now: datetime = MORNING) -> Term:
    assert breaker.refuses_until(now) is None
    return breaker.admit(now)


def test_it_opens_after_so_many_outages_in_a_row() -> None:
    breaker = Breaker(BreakerLimits(failures=2))
    breaker.failed(MORNING, let_through(breaker))
    breaker.answered()
    breaker.failed(MORNING, let_through(breaker))
    assert not breaker.is_open
    breaker.failed(MORNING, let_through(breaker))
    assert breaker.is_open


def test_open_it_lets_nothing_through_until_its_pause_is_over_and_then_one() -> None:
    breaker = opened()
    assert breaker.refuses_until(MORNING + 29 * SECOND) == MORNING + 30 * SECOND
    half_open = MORNING + 30 * SECOND
    let_through(breaker, half_open)
    assert breaker.refuses_until(half_open) == half_open + 60 * SECOND


def test_a_probe_that_is_answered_closes_it() -> None:
    breaker = opened()
    let_through(breaker, MORNING + 30 * SECOND)
    breaker.answered()
    for _ in range(2):
        let_through(breaker, MORNING + 30 * SECOND)


def test_a_probe_that_fails_opens_it_for_twice_as_long_up_to_the_cap() -> None:
    breaker, now = opened(), MORNING
    for pause in (30, 60, 100, 100):
        assert breaker.refuses_until(now) == now + pause * SECOND
        now += pause * SECOND
        breaker.failed(now, let_through(breaker, now))


def test_what_left_before_it_opened_is_no_probe_that_failed() -> None:
    breaker = Breaker(BreakerLimits(failures=3, pause=30 * SECOND))
    for term in [let_through(breaker) for _ in range(20)]:
        breaker.failed(MORNING, term)
    assert breaker.refuses_until(MORNING) == MORNING + 30 * SECOND
    half_open = MORNING + 30 * SECOND
    breaker.failed(half_open, let_through(breaker, half_open))
    assert breaker.refuses_until(half_open) == half_open + 60 * SECOND


def test_what_left_before_it_opened_and_did_not_go_makes_no_way() -> None:
    breaker = Breaker(BreakerLimits(failures=1, pause=30 * SECOND))
    first, second = let_through(breaker), let_through(breaker)
    breaker.failed(MORNING, first)
    breaker.stood_down(MORNING, second)
    assert breaker.refuses_until(MORNING) == MORNING + 30 * SECOND


def test_a_probe_that_fails_when_another_was_let_through_already_counts_all_the_same() -> None:
    breaker = Breaker(BreakerLimits(failures=1, pause=30 * SECOND, probe=10 * SECOND))
    breaker.failed(MORNING, let_through(breaker))
    late = let_through(breaker, MORNING + 30 * SECOND)
    now = MORNING + 40 * SECOND
    let_through(breaker, now)
    breaker.failed(now, late)
    assert breaker.refuses_until(now) == now + 60 * SECOND


def test_what_left_before_it_closed_again_does_not_open_it() -> None:
    breaker = Breaker(BreakerLimits(failures=2, pause=30 * SECOND))
    early = [let_through(breaker) for _ in range(6)]
    for term in early[:2]:
        breaker.failed(MORNING, term)
    let_through(breaker, MORNING + 30 * SECOND)
    breaker.answered()
    for term in early[2:]:
        breaker.failed(MORNING + 31 * SECOND, term)
    assert not breaker.is_open


def test_a_probe_that_never_went_makes_way_for_another() -> None:
    breaker, now = opened(), MORNING + 30 * SECOND
    breaker.stood_down(now, let_through(breaker, now))
    let_through(breaker, now)
    assert breaker.refuses_until(now + 59 * SECOND) is not None
    let_through(breaker, now + 60 * SECOND)
