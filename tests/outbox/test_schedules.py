"""Fires as pure functions: every node computes the same, and a local day has exactly one."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidings.outbox.schedules import Daily, Every, Schedule, last_fire, next_fire

ZONES = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Cairo", "America/Nuuk", "Asia/Tehran"]
zones = st.sampled_from(ZONES)
moments = st.integers(0, 20 * 365 * 86_400).map(
    lambda seconds: datetime(2015, 1, 1, tzinfo=UTC) + timedelta(0, seconds)
)
daily = st.builds(lambda at, zone: Daily(at.replace(microsecond=0), ZoneInfo(zone)), st.times(), zones)
every = st.builds(Every, st.timedeltas(timedelta(seconds=1), timedelta(days=3)))


@given(st.one_of(daily, every), moments)
def test_the_last_fire_and_the_next_enclose_a_moment(schedule: Schedule, moment: datetime) -> None:
    last, following = last_fire(schedule, moment), next_fire(schedule, moment)
    assert last <= moment < following
    assert next_fire(schedule, last) == following
    assert last_fire(schedule, following) == following
    assert next_fire(schedule, following - timedelta(microseconds=1)) == following


@given(daily, st.dates(date(2015, 1, 10), date(2034, 1, 1)))
def test_every_local_day_has_exactly_one_fire(schedule: Daily, first: date) -> None:
    moment = datetime.combine(first, time(0), UTC) - timedelta(days=2)
    days: list[date] = []
    while len(days) < 20:
        moment = next_fire(schedule, moment)
        days.append(moment.astimezone(schedule.zone).date())
    assert days == [days[0] + timedelta(days=number) for number in range(20)]


@pytest.mark.parametrize(
    ("day", "in_utc"),
    [
        ("2026-03-28", "01:30"),
        ("2026-03-29", "01:30"),  # 02:30 does not exist: 03:30 summer time
        ("2026-03-30", "00:30"),
        ("2026-10-24", "00:30"),
        ("2026-10-25", "00:30"),  # 02:30 comes twice: the first
        ("2026-10-26", "01:30"),
    ],
)
def test_daylight_saving_in_berlin(day: str, in_utc: str) -> None:
    midnight = datetime.fromisoformat(f"{day}T00:00:00+00:00") - timedelta(hours=2)
    fire = next_fire(Daily(time(2, 30), ZoneInfo("Europe/Berlin")), midnight)
    assert fire == datetime.fromisoformat(f"{day}T{in_utc}:00+00:00")


def test_a_day_a_zone_left_out_has_none() -> None:
    schedule = Daily(time(8), ZoneInfo("Pacific/Apia"))
    fire = datetime(2011, 12, 28, tzinfo=UTC)
    days = []
    for _ in range(4):
        fire = next_fire(schedule, fire)
        days.append(fire.astimezone(schedule.zone).day)
    assert days == [28, 29, 31, 1]


def test_a_period_must_be_longer_than_nothing() -> None:
    with pytest.raises(ValueError, match="longer than nothing"):
        Every(timedelta(0))
