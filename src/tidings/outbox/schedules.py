"""When a recurring task fires: pure functions of the schedule and a moment."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import TypeAlias
from zoneinfo import ZoneInfo

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAYS_ROUND = 2  # zones have skipped a whole day (Samoa, 30 December 2011)


@dataclass(frozen=True, slots=True)
class Every:
    """At every whole multiple of `period` since 1970-01-01 UTC, so that all nodes agree."""

    period: timedelta

    def __post_init__(self) -> None:
        if self.period <= timedelta(0):
            raise ValueError("a period must be longer than nothing")


@dataclass(frozen=True, slots=True)
class Daily:
    """Once on each local date, at a wall-clock time in an IANA zone.

    A time that the clock skips that day is the moment after the gap as far as it lies behind it (02:30 becomes 03:30);
    one that it shows twice is the first.
    """

    at: time
    zone: ZoneInfo


Schedule: TypeAlias = Every | Daily


def next_fire(schedule: Schedule, after: datetime) -> datetime:
    """The first fire later than `after`, in UTC."""
    if isinstance(schedule, Every):
        return _EPOCH + ((after - _EPOCH) // schedule.period + 1) * schedule.period
    return min(fire for fire in _fires_around(schedule, after) if fire > after)


def last_fire(schedule: Schedule, until: datetime) -> datetime:
    """The last fire at or before `until`, in UTC."""
    if isinstance(schedule, Every):
        return _EPOCH + (until - _EPOCH) // schedule.period * schedule.period
    return max(fire for fire in _fires_around(schedule, until) if fire <= until)


def _fires_around(schedule: Daily, moment: datetime) -> list[datetime]:
    today = moment.astimezone(schedule.zone).date()
    days = (today + timedelta(days=offset) for offset in range(-_DAYS_ROUND, _DAYS_ROUND + 1))
    return [datetime.combine(day, schedule.at, schedule.zone).astimezone(UTC) for day in days]
