"""How much one rendering may do: every value it touches is weighed, and there is an end to it."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from jinja2 import Undefined
from jinja2.runtime import LoopContext

MAX_WORK = 100_000
"""Characters and items that one rendering may touch. A long message with all of its data takes half."""


class TooMuchWork(ValueError):
    """This template does more than a text needs."""

    def __init__(self) -> None:
        super().__init__(TooMuchWork.__doc__)


class Meter:
    """What is left to one rendering."""

    __slots__ = ("left",)

    def __init__(self) -> None:
        self.left = MAX_WORK

    def charge(self, work: int) -> None:
        """Take from what is left. Raises TooMuchWork."""
        self.left -= work
        if self.left < 0:
            raise TooMuchWork

    def weigh(self, value: Any) -> Any:  # Any: whatever templates make of JSON
        """Charge for a value, with all that is in it, each time it is there; an iterator becomes a list.

        Lists that hold one another twice, thirty times over, take no memory until they are written or compared:
        they are charged as if they were written.
        """
        if isinstance(value, str | bytes | range):
            self.charge(1 + len(value))
        elif isinstance(value, int):
            self.charge(1 + value.bit_length() // 32)
        elif isinstance(value, Undefined | LoopContext):
            self.charge(1)
        elif isinstance(value, Iterator):
            return [self.weigh(each) for each in value]
        else:
            self.charge(1)
            self._weigh_within(value)
        return value

    def _weigh_within(self, value: object) -> None:
        if isinstance(value, Mapping):
            for name, inner in value.items():
                self.weigh(name)
                self.weigh(inner)
        elif isinstance(value, Collection):
            for inner in value:
                self.weigh(inner)
