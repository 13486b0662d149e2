"""What other packages add to what accounts says of a person; the composition root binds them to the engine.

Accounts knows neither inboxes nor services: each package that keeps something of people tells of it through these.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.audit.types import Actor


class LinkedServices(Protocol):
    """Names the services somebody has connected, such as `strava`."""

    async def __call__(self, session: AsyncSession, user_id: UUID, /) -> Collection[str]: ...


@dataclass(frozen=True, slots=True)
class Slice:
    """Some records of a section, as JSON has them, and where the next ones begin; None: these were the last."""

    records: Sequence[Mapping[str, Any]]
    after: str | None = None


class ReadSection(Protocol):
    """The records of one person from `after` on (None: from the first); few enough for one transaction."""

    async def __call__(self, session: AsyncSession, user_id: UUID, after: str | None, /, *, now: datetime) -> Slice: ...


class WriteSection(Protocol):
    """Takes the records of an export into the account that imports them; returns how many it took.

    What they hold is a stranger's word: it is checked like a request. Raises pydantic's ValidationError.
    """

    async def __call__(
        self, session: AsyncSession, user_id: UUID, records: Sequence[Mapping[str, Any]], /, *, by: Actor, now: datetime
    ) -> int: ...


@dataclass(frozen=True, slots=True)
class Section:
    """One file of an export; without `write` it can be read and never taken back.

    It takes back `at_most` so many records: most sections say one thing of a person, once. A file that is too large to
    be taken in is refused with the whole archive, unless it `may_be_left_out`.
    """

    name: str
    read: ReadSection
    write: WriteSection | None = None
    at_most: int = 1
    may_be_left_out: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Contributors:
    """Everybody who adds something."""

    linked_services: Sequence[LinkedServices] = ()
    sections: Sequence[Section] = ()
