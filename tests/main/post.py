"""Mail on its way, seen from outside: what is stored of it, and people who have an address."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy import select

from tests.waiting import until
from tests.world import Person
from tidings import NotificationType, Tidings, notify
from tidings.outbox.models import Delivery
from tidings.outbox.types import DeliveryState
from tidings.outbox.worker import WorkerLimits

ALERT = "account.security"
"""A type that goes out by mail to everybody."""

DOOR_CODE = NotificationType("door.code", title="A code", channels=("in_app", "email"), required=True, once=True)
"""A type whose mail is never sent twice."""

DEAF = replace(WorkerLimits(), first_pause_s=3_600, longest_pause_s=3_600)
"""A worker that looks at the queue when it starts and when the doorbell rings, and else never."""


async def alert(tidings: Tidings, person: Person, *, type: str = ALERT, **event: Any) -> None:
    """Tell this person something that also goes out by mail."""
    async with tidings.database.write() as session:
        await notify(session, type, to=str(person.id), **{"title": "Look here", "message": "Now.", **event})


async def deliveries(tidings: Tidings) -> list[Delivery]:
    """What is stored of every delivery, oldest first."""
    async with tidings.database.read() as session:
        return list(await session.scalars(select(Delivery).order_by(Delivery.id)))


async def states(tidings: Tidings) -> list[DeliveryState]:
    """Where every delivery stands, oldest first."""
    return [delivery.state for delivery in await deliveries(tidings)]


async def until_states(tidings: Tidings, *wanted: DeliveryState) -> None:
    """Wait until the deliveries stand so."""

    async def are_so() -> bool:
        return await states(tidings) == list(wanted)

    await until(are_so, patience_s=60)


def kept(folder: Path) -> int:
    """How many mails a data folder keeps."""
    return len(list((folder / "mails").glob("*.eml")))
