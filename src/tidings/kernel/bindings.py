"""What the composition root ties to an engine, found again from any session on it, a host's own included.

Only what must work inside a host's transaction is tied this way (`notify` is called with nothing but a session);
everything else is handed over as an argument.
"""

from typing import Any, TypeVar

from sqlalchemy import Dialect
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from sqlalchemy.orm import Session

Value = TypeVar("Value")

# Where the values stand: on the engine's dialect object, which belongs to one engine and, unlike its pool, outlives
# `dispose()`; engines made by `execution_options()` share it. A table beside it, weak keys or not, would keep every
# engine alive for ever, because what is tied refers back to its engine.
_PLACE = "_tidings_bound"


class NotConnected(RuntimeError):
    """This session's engine was never given to Tidings: make `Tidings(database=engine)` first."""

    def __init__(self) -> None:
        super().__init__(type(self).__doc__)


def bind(engine: AsyncEngine, value: object) -> None:
    """From now on `bound(session, type(value))` is `value` for every session on this engine."""
    _values(engine.dialect)[type(value)] = value


def bound(session: AsyncSession | Session, kind: type[Value]) -> Value:
    """The value of this class tied to the session's engine. Raises NotConnected when there is none."""
    try:
        value: Value = _values(session.get_bind().dialect)[kind]
    except KeyError:
        raise NotConnected() from None
    return value


def _values(dialect: Dialect) -> dict[type, Any]:  # Any: each value stands under its own class
    values: dict[type, Any] = vars(dialect).setdefault(_PLACE, {})
    return values
