"""What the composition root ties to an engine, found again from any session on it, a host's own included.

Only what must work inside a host's transaction is tied this way (`notify` is called with nothing but a session);
everything else is handed over as an argument.
"""

from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy import Dialect
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from sqlalchemy.orm import Session

Value = TypeVar("Value")

# A dialect object belongs to one engine and, unlike the engine's pool, outlives `dispose()`; engines made by
# `execution_options()` share it. Any: each value stands under its own class.
_bound: WeakKeyDictionary[Dialect, dict[type, Any]] = WeakKeyDictionary()


class NotConnected(RuntimeError):
    """This session's engine was never given to Tidings: make `Tidings(database=engine)` first."""

    def __init__(self) -> None:
        super().__init__(type(self).__doc__)


def bind(engine: AsyncEngine, value: object) -> None:
    """From now on `bound(session, type(value))` is `value` for every session on this engine."""
    _bound.setdefault(engine.dialect, {})[type(value)] = value


def bound(session: AsyncSession | Session, kind: type[Value]) -> Value:
    """The value of this class tied to the session's engine. Raises NotConnected when there is none."""
    try:
        value: Value = _bound[session.get_bind().dialect][kind]
    except KeyError:
        raise NotConnected() from None
    return value
