"""Sends that come at once share a transaction: its statements and its commit, once for all of them.

Only what is ordinary is shared. A refusal, a repeat, and whatever the database does not take are settled alone, by
`send_event`, so that nobody's send depends on a neighbour's.
"""

from collections.abc import Sequence

from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.ext.asyncio import AsyncSession

from tidings.kernel.db import Database
from tidings.kernel.gathering import Gathering
from tidings.notifications.content import NewEvent
from tidings.notifications.notifying import SentEvent, send_event, send_events
from tidings.notifications.rules import Rules
from tidings.notifications.writing import write_pending

FEW = 20
"""The most recipients of an event that shares: one with more is worth a transaction of its own."""


class _NotTogether(Exception):
    """The database did not take these together; nothing of them is written."""


class SharedSends:
    """Sends for whoever has no transaction of their own. What it answers is durable."""

    def __init__(self, database: Database, rules: Rules) -> None:
        self.rules = rules
        self._database = database
        self._together = Gathering(self._send_together)

    async def send(self, event: NewEvent) -> SentEvent:
        """What `send_event` gives, committed. Raises what it raises."""
        sent = await self._together.ask(event) if _is_ordinary(event) else None
        return sent or await self._send_alone(event)

    async def _send_together(self, events: Sequence[NewEvent]) -> Sequence[SentEvent | None]:
        try:
            async with self._database.write() as session:
                return await self._written(session, events)
        except (_NotTogether, IntegrityError):  # of a COMMIT, only a refusal is certain: else it may stand, unanswered
            return [None] * len(events)

    async def _written(self, session: AsyncSession, events: Sequence[NewEvent]) -> Sequence[SentEvent | None]:
        try:
            sent = await send_events(session, events, now=self.rules.clock.now())
            await write_pending(session)
        except (OperationalError, InterfaceError):  # the database is away or full: each alone would fare no better
            raise
        except DBAPIError as error:
            raise _NotTogether from error
        return sent

    async def _send_alone(self, event: NewEvent) -> SentEvent:
        async with self._database.write() as session:
            sent = await send_event(session, event, now=self.rules.clock.now())
            await write_pending(session)
        return sent


def _is_ordinary(event: NewEvent) -> bool:
    """Whether it is told now, to a few people who are only named."""
    is_plain = event.send_at is None and event.collapse_key is None and not event.create_missing
    return is_plain and len(event.to) <= FEW and all(isinstance(to, str) for to in event.to)
