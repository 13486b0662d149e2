"""Kernel events: how a lower package speaks upward, handled in the same transaction.

The composition root subscribes the handlers and binds one `Events` to each engine.
"""

from collections import defaultdict
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from tidings.kernel.bindings import bound

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


async def publish(session: AsyncSession, event: object) -> None:
    """Tell whoever the composition root connected to this session's engine, in this transaction."""
    await bound(session, Events).publish(session, event)
