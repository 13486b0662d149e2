"""Ids sort by time."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tidings.kernel.ids import MAX_ORDINAL, id_at, new_id

moments = st.datetimes(datetime(1970, 1, 1), datetime(2900, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
ordinals = st.integers(0, MAX_ORDINAL)


@given(moments, ordinals)
def test_an_id_is_a_uuid_version_7_of_its_time(moment: datetime, ordinal: int) -> None:
    made = id_at(moment, ordinal)
    milliseconds = (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
    assert (made.version, made.variant, made.int >> 80) == (7, "specified in RFC 4122", milliseconds)


@given(moments, st.integers(1, 10**12), ordinals, ordinals)
def test_a_microsecond_later_sorts_later_whatever_the_ordinals(
    moment: datetime, microseconds: int, first: int, second: int
) -> None:
    assert id_at(moment, first) < id_at(moment + timedelta(microseconds=microseconds), second)


@given(moments, st.integers(0, MAX_ORDINAL - 1))
def test_of_one_moment_the_ordinal_decides(moment: datetime, ordinal: int) -> None:
    assert id_at(moment, ordinal) < id_at(moment, ordinal + 1)


def test_ids_of_one_moment_differ() -> None:
    moment = datetime(2026, 3, 2, tzinfo=UTC)
    assert len({id_at(moment) for _ in range(100)}) == 100


def test_new_ids_grow() -> None:
    made = [new_id() for _ in range(1_000)]
    assert made == sorted(set(made))
