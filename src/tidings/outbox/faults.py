"""What a write that failed says of the database, of others, and of what was to be written."""

from enum import Enum, auto

from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, ProgrammingError, StatementError

_LOCKS = frozenset({"40001", "40P01", "55P03"})
_DATA = frozenset({"21", "22", "23"})


class Fault(Enum):
    """Why it failed. DATABASE, whatever is not known to be another: it is away, full or busy, and will be back."""

    DATABASE = auto()
    LOCK = auto()
    """Somebody else holds a row."""
    DATA = auto()
    """What was to be written can never be."""


class FeedbackFailed(Exception):
    """Whoever was told of an end could not bear it."""


def fault_of(error: Exception) -> Fault:
    """The fault that this error tells of; PostgreSQL says it by SQLSTATE, whatever the driver makes of that.

    https://www.postgresql.org/docs/current/errcodes-appendix.html
    """
    sqlstate = getattr(getattr(error, "orig", error), "sqlstate", None)
    if sqlstate in _LOCKS:
        return Fault.LOCK
    if isinstance(sqlstate, str):
        return Fault.DATA if sqlstate[:2] in _DATA else Fault.DATABASE
    return Fault.DATA if _is_of_data(error) else Fault.DATABASE


def _is_of_data(error: Exception) -> bool:
    if not isinstance(error, DBAPIError):
        kinds = FeedbackFailed | StatementError | ValueError | TypeError | LookupError | ArithmeticError
        return isinstance(error, kinds)
    return isinstance(error, DataError | IntegrityError | ProgrammingError)
