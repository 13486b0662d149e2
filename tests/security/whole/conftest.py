"""These tests look at the whole app: everybody and everything of the small named world."""

from tests.conftest import ada, app, clock, grace, live, world

__all__ = ["ada", "app", "clock", "grace", "live", "world"]
