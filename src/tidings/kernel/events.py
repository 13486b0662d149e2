"""Kernel events: how a lower package speaks upward, handled in the same transaction.

Handlers are connected once per engine by the composition root and found again through the session's engine, so that
a host's own session reaches them too.
"""

from collections import defaultdict
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy import Dialect
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

Event = TypeVar("Event")


class Events:
    """Which handlers hear which event class."""

    def __init__(self) -> None:
        # Any: one table holds handlers of many event classes; `subscribe` keeps each pair honest.
        self._handlers: defaultdict[type, list[Callable[[AsyncSession, Any], Awaitable[None]]]] = defaultdict(list)

    def subscribe(self, event: type[Event], handler: Callable[[AsyncSession, Event], Awaitable[None]]) -> None:
        """From now on `handler` runs, in order of subscription, whenever such an event is published."""
        self._handlers[event].append(handler)

    async def publish(self, session: AsyncSession, event: object) -> None:
        """Run every handler of this event's class inside the session's transaction; an error in one undoes all."""
        for handler in self._handlers[type(event)]:
            await handler(session, event)


# A dialect object belongs to one engine and, unlike the engine's pool, outlives `dispose()`; engines made by
# `execution_options()` share it.
_connected: WeakKeyDictionary[Dialect, Events] = WeakKeyDictionary()


def connect_events(engine: AsyncEngine, events: Events) -> None:
    """Make `publish` on this engine's sessions reach these handlers."""
    _connected[engine.dialect] = events


async def publish(session: AsyncSession, event: object) -> None:
    """Tell whoever the composition root connected, in this transaction; nobody connected means nothing happens."""
    events = _connected.get(session.get_bind().dialect)
    if events is not None:
        await events.publish(session, event)
