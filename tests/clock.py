"""A clock that stands still until a test moves it."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection

MORNING = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


class StoppedClock:
    """The clock port of tests: the system and the database agree on the time."""

    def __init__(self, moment: datetime = MORNING) -> None:
        self._moment = moment

    def now(self) -> datetime:
        return self._moment

    def database_now(self, _connection: Connection) -> datetime:
        return self._moment

    def advance(self, **by: float) -> None:
        """Let time pass, in the words of timedelta: `advance(hours=9)`."""
        self._moment += timedelta(**by)


class RunningClock(StoppedClock):
    """The present, for tests in which a browser or another program looks at a clock of its own."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def database_now(self, _connection: Connection) -> datetime:
        return self.now()
