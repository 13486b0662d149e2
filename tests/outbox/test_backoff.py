"""Backoff and what an outcome makes of a delivery, as properties."""

from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.clock import MORNING
from tests.outbox.world import ADA
from tidings.channels.base import Delivered, Gone, Outcome, Refused, Retry, Sent, Skip, Unknown
from tidings.kernel.ids import new_id
from tidings.outbox.backoff import LONGEST_WISH, Backoff
from tidings.outbox.concluding import Conclusion, conclude, put_back
from tidings.outbox.held import MAX_ATTEMPTS_KEPT, HeldDelivery
from tidings.outbox.types import DeliveryState

attempts = st.integers(1, 10_000)
draws = st.floats(0, 1, exclude_max=True)
spans = st.timedeltas(timedelta(milliseconds=1), timedelta(days=2))
backoffs = st.builds(lambda a, b: Backoff(base=min(a, b), cap=max(a, b)), spans, spans)


@given(backoffs, attempts, draws)
def test_a_delay_lies_between_nothing_and_the_doubled_base(backoff: Backoff, attempt: int, draw: float) -> None:
    assert timedelta(0) <= backoff.delay(attempt, None, lambda: draw) <= min(backoff.cap, backoff.longest(attempt))


@given(backoffs, attempts)
def test_the_span_doubles_until_the_cap(backoff: Backoff, attempt: int) -> None:
    assert backoff.longest(1) == min(backoff.base, backoff.cap)
    assert backoff.longest(attempt + 1) == min(backoff.longest(attempt) * 2, backoff.cap)


@given(backoffs, attempts, draws, st.timedeltas(timedelta(0), timedelta(days=400)))
def test_the_providers_wish_is_a_lower_bound(backoff: Backoff, attempt: int, draw: float, wish: timedelta) -> None:
    delay = backoff.delay(attempt, wish, lambda: draw)
    assert delay >= min(wish, LONGEST_WISH)
    assert delay <= max(backoff.cap, LONGEST_WISH)


def test_draws_fill_the_whole_span() -> None:
    random, backoff = Random(1), Backoff(base=timedelta(seconds=2), cap=timedelta(hours=1))
    delays = [backoff.delay(5, None, random.random) for _ in range(2_000)]
    assert min(delays) < timedelta(seconds=1)
    assert max(delays) > timedelta(seconds=31)
    assert timedelta(seconds=15) < sum(delays, timedelta(0)) / len(delays) < timedelta(seconds=17)


@pytest.mark.parametrize("numbers", [{"base": timedelta(0)}, {"base": timedelta(hours=2)}, {"max_attempts": 0}])
def test_a_backoff_that_makes_no_sense_is_refused(numbers: dict[str, timedelta]) -> None:
    with pytest.raises(ValueError, match="a backoff needs"):
        Backoff(**numbers)  # type: ignore[arg-type]  # one of them is a number


def delivery(**fields: object) -> HeldDelivery:
    held = HeldDelivery(
        user_id=ADA,
        id=new_id(),
        kind="notification",
        channel="email",
        key="k",
        event_id=None,
        notification_id=None,
        address_id=None,
        destination=None,
        language=None,
        payload={},
        state=DeliveryState.SENDING,
        priority=1,
        due_at=MORNING,
        expires_at=None,
        may_repeat=True,
        attempt=1,
        started_at=MORNING,
        provider=None,
        attempts=[],
        created_at=MORNING,
        lease_token=None,
    )
    return replace(held, **fields)  # type: ignore[arg-type]  # any of its fields


def concluded(held: HeldDelivery, outcome: Outcome, now: datetime = MORNING, draw: float = 0.5) -> Conclusion:
    backoff = Backoff(max_attempts=3)
    return conclude(held, outcome, now=now, backoff=backoff, draw=lambda: draw, provider="smtp")


@pytest.mark.parametrize(
    ("outcome", "state"),
    [
        (Sent("ref"), DeliveryState.SENT),
        (Delivered("ref"), DeliveryState.DELIVERED),
        (Skip("already_seen"), DeliveryState.SKIPPED),
        (Gone("410"), DeliveryState.DEAD),
        (Refused("550"), DeliveryState.DEAD),
        (Retry(), DeliveryState.SCHEDULED),
        (Unknown(), DeliveryState.SCHEDULED),
    ],
)
def test_every_outcome_has_its_state(outcome: Outcome, state: DeliveryState) -> None:
    end = concluded(delivery(), outcome)
    assert end.state is state
    assert (end.finished_at is None) == (state is DeliveryState.SCHEDULED)


def test_what_may_not_repeat_stays_unknown() -> None:
    assert concluded(delivery(may_repeat=False), Unknown("cut off")).state is DeliveryState.UNKNOWN


def test_the_last_attempt_decides() -> None:
    assert concluded(delivery(attempt=3), Retry(detail="451")).state is DeliveryState.DEAD
    assert concluded(delivery(attempt=3), Unknown("cut off")).state is DeliveryState.UNKNOWN


def test_what_would_expire_before_its_next_attempt_is_skipped_now() -> None:
    end = concluded(delivery(expires_at=MORNING + timedelta(seconds=1)), Retry(), draw=0.9)
    assert (end.state, end.reason) == (DeliveryState.SKIPPED, "expired")


def test_an_address_that_is_gone_says_so() -> None:
    assert concluded(delivery(), Gone("410")).reason == "address_gone"


def test_details_lose_secrets_nul_characters_and_length() -> None:
    end = concluded(delivery(), Refused("smtp://ada:hunter2@mail?token=abcdef \0" + "x" * 5_000))
    assert end.last_error is not None
    assert len(end.last_error) == 500
    for unwanted in ("hunter2", "abcdef", "\0"):
        assert unwanted not in end.last_error


@given(st.integers(0, 60))
def test_the_record_keeps_the_last_twenty(count: int) -> None:
    held = delivery()
    for number in range(count):
        held = replace(held, attempts=held.with_attempt(MORNING, "retry", "smtp", str(number)))
    kept = [entry["detail"] for entry in held.attempts]
    assert kept == [str(number) for number in range(count)][-MAX_ATTEMPTS_KEPT:]


def test_what_is_put_back_can_take_its_charge_back() -> None:
    assert put_back(delivery(attempt=2), due_at=MORNING, uncharge=True).attempt == 1
    assert put_back(delivery(attempt=2), due_at=MORNING).attempt == 2
