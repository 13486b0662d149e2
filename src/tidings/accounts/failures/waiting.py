"""How long to wait after failures: the pure rule."""

from datetime import datetime, timedelta

WINDOW = timedelta(minutes=15)
MOST = 10
FREE = 4
"""So many failures cost nothing: people mistype."""
_FIRST_DELAY = timedelta(seconds=1)


def delay_after(failures: int) -> timedelta:
    """How long nobody may try again after the last of so many failures, each within 15 minutes of the one before.

    Nothing up to the fourth, then twice as long each time, and after the tenth 15 minutes: no 15 minutes hold more
    than ten failures.
    """
    if failures <= FREE:
        return timedelta(0)
    return WINDOW if failures >= MOST else _FIRST_DELAY * 2 ** (failures - FREE - 1)


def wait(failures: int, last_at: datetime, now: datetime) -> timedelta:
    """How long is left to wait at `now`; never less than nothing."""
    return max(last_at + delay_after(failures) - now, timedelta(0))


def still_counts(last_at: datetime, now: datetime) -> bool:
    """Whether failures up to `last_at` still count: after 15 minutes without one, counting begins anew."""
    return now < last_at + WINDOW
