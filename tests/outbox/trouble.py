"""A database that refuses some statements, as drivers tell it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import event

from tidings.kernel.db import Database


@dataclass
class Trouble:
    """While it lasts, updates that hold certain words raise an error; after it they are counted."""

    error: Exception | None = None
    words: str = ""
    refused: int = 0
    passed: int = 0

    def raises(self, error: Exception, words: str) -> None:
        self.error, self.words = error, words

    def ends(self) -> None:
        self.error, self.passed = None, 0

    def has_refused(self, count: int) -> Callable[[], bool]:
        """A condition to wait for."""
        return lambda: self.refused >= count

    def meet(self, _connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:  # Any: as the event has them
        if self.words in statement and statement.startswith("UPDATE"):
            if self.error is not None:
                self.refused += 1
                raise self.error
            self.passed += 1


@contextmanager
def trouble_of(database: Database) -> Iterator[Trouble]:
    """Trouble of this database that has not begun."""
    trouble = Trouble()
    event.listen(database.engine.sync_engine, "before_cursor_execute", trouble.meet)
    yield trouble
    event.remove(database.engine.sync_engine, "before_cursor_execute", trouble.meet)
