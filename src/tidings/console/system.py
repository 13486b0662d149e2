"""How the system does: what waits, what runs by itself, what needs somebody."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from tidings import __version__
from tidings.console.schemas import DatabaseOut, LaneOut, MailStatus, SystemOut, TaskOut
from tidings.outbox.models import Delivery
from tidings.outbox.queries import queue_depth
from tidings.outbox.recurring import RecurringTask, RunOutcome, TaskStatus, last_and_next
from tidings.outbox.types import DeliveryState

_ATTENTION = (DeliveryState.DEAD, DeliveryState.UNKNOWN)


async def system_status(
    session: AsyncSession, tasks: Sequence[RecurringTask], *, mail: MailStatus, now: datetime
) -> SystemOut:
    """Everything an operator looks at first."""
    waiting = await _waiting_for_somebody(session)
    return SystemOut(
        version=__version__,
        database=await _database(session),
        queue=[LaneOut.model_validate(lane) for lane in await queue_depth(session, now=now)],
        dead=waiting.get(DeliveryState.DEAD, 0),
        unknown=waiting.get(DeliveryState.UNKNOWN, 0),
        tasks=[_task(status) for status in await last_and_next(session, tasks, now=now)],
        mail=mail,
    )


async def _waiting_for_somebody(session: AsyncSession) -> Mapping[DeliveryState, int]:
    counted = select(Delivery.state, func.count()).where(Delivery.state.in_(_ATTENTION)).group_by(Delivery.state)
    return {row[0]: row[1] for row in await session.execute(counted)}


async def _database(session: AsyncSession) -> DatabaseOut:
    connection = await session.connection()
    numbers = connection.dialect.server_version_info or ()
    return DatabaseOut(kind=connection.dialect.name, version=".".join(map(str, numbers)))


def _task(status: TaskStatus) -> TaskOut:
    last = status.last
    return TaskOut(
        task=status.task,
        last_run_at=last.started_at if last else None,
        outcome=RunOutcome(last.outcome) if last else None,
        detail=last.detail if last else None,
        next_run_at=status.next_at,
    )
