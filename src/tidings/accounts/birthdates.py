"""Which dates can be somebody's birthdate."""

from datetime import date, datetime, timedelta

from tidings.kernel.errors import Fault, InvalidRequest

EARLIEST = date(1800, 1, 1)
"""Nobody is that old. Whoever keeps the account of somebody of the past is not stopped, a slip of the pen is."""
_FURTHEST_AHEAD = timedelta(hours=14)  # of UTC: Kiritimati, where every date begins


def check_birthdate(birthdate: date | None, *, now: datetime) -> None:
    """Raises InvalidRequest for a date that has begun nowhere on earth, and for one before `EARLIEST`."""
    if birthdate is None:
        return
    if birthdate > (now + _FURTHEST_AHEAD).date():
        raise _refusal("birthdate_in_future", "This date has not come yet.")
    if birthdate < EARLIEST:
        raise _refusal("birthdate_too_early", f"A birthdate is not before {EARLIEST}.")


def _refusal(code: str, detail: str) -> InvalidRequest:
    return InvalidRequest(detail, faults=[Fault("/birthdate", code, detail)])
