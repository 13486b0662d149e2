"""These tests look at the whole app: everybody and everything of the small named world."""

from tests.conftest import ada, clock, grace, world

__all__ = ["ada", "clock", "grace", "world"]
