"""Deliveries: what was sent, what was not and why, and a second chance for what failed."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.acting import By
from tidings.accounts.audit.recording import record
from tidings.accounts.audit.types import Actor, AuditAction
from tidings.accounts.errors import Forbidden, InsufficientScope, NotAuthenticated, UserNotFound
from tidings.accounts.policies import admin
from tidings.console.deliveries import describe, user_named
from tidings.console.schemas import DeliveryDetail, DeliveryList
from tidings.kernel.bindings import bound
from tidings.kernel.errors import InvalidCursor
from tidings.kernel.http.problems import problems
from tidings.kernel.http.routing import Now, Router, Session
from tidings.kernel.pages import DEFAULT_PAGE_SIZE, PageCursor, PageSize
from tidings.kernel.transaction import after_commit
from tidings.notifications.rules import Rules
from tidings.notifications.types import Channel
from tidings.outbox.errors import DeliveryNotCancellable, DeliveryNotFound, DeliveryNotRetryable
from tidings.outbox.models import Delivery
from tidings.outbox.queries import DeliveryFilter, page_of_deliveries
from tidings.outbox.schemas import DeliveryOut
from tidings.outbox.types import NOBODY, DeliveryState
from tidings.outbox.writing import cancel_one, retry
from tidings.realtime.doorbell import DeliveriesDue

router = Router(prefix="/deliveries", tags=["Deliveries"])

_REFUSALS = (NotAuthenticated, Forbidden, InsufficientScope)


@router.get("", admin, response_model=DeliveryList, responses=problems(*_REFUSALS, UserNotFound, InvalidCursor))
async def read_deliveries(
    request: Request,
    response: Response,
    session: Session,
    state: DeliveryState | None = None,
    channel: Channel | None = None,
    user_id: Annotated[str | None, Query(min_length=1, max_length=250, description="An id or external id.")] = None,
    cursor: PageCursor = None,
    page_size: PageSize = DEFAULT_PAGE_SIZE,
) -> DeliveryList:
    """Deliveries, newest first, with all their attempts."""
    wanted = DeliveryFilter(
        state=state, channel=channel, user_id=None if user_id is None else await user_named(session, user_id)
    )
    keyring = request.app.state.keyring
    page = await page_of_deliveries(session, wanted, size=page_size, cursor=cursor, keyring=keyring)
    if page.next_cursor is not None:
        following = request.url.include_query_params(cursor=page.next_cursor)
        response.headers["Link"] = f'<{following.path}?{following.query}>; rel="next"'
    return DeliveryList(deliveries=await describe(session, page.deliveries), next_cursor=page.next_cursor)


@router.post(
    "/{delivery_id}/retry",
    admin,
    response_model=DeliveryDetail,
    responses=problems(*_REFUSALS, DeliveryNotFound, DeliveryNotRetryable),
)
async def retry_delivery(delivery_id: UUID, by: By, session: Session, now: Now) -> DeliveryDetail:
    """Send what ended unsent once more, at once, with all its attempts before it."""
    delivery = await retry(session, delivery_id, now=now)
    await _record(session, AuditAction.DELIVERY_RETRIED, delivery, by=by, now=now)
    ring = bound(session, Rules).ring
    after_commit(session, lambda: ring([DeliveriesDue()]))
    return await _described(session, delivery)


@router.post(
    "/{delivery_id}/cancel",
    admin,
    response_model=DeliveryDetail,
    responses=problems(*_REFUSALS, DeliveryNotFound, DeliveryNotCancellable),
)
async def cancel_delivery(delivery_id: UUID, by: By, session: Session, now: Now) -> DeliveryDetail:
    """Do not send what still waits; repeating it changes nothing."""
    delivery = await cancel_one(session, delivery_id, now=now)
    await _record(session, AuditAction.DELIVERY_CANCELLED, delivery, by=by, now=now)
    return await _described(session, delivery)


async def _record(session: AsyncSession, action: AuditAction, delivery: Delivery, *, by: Actor, now: datetime) -> None:
    target_id = None if delivery.user_id == NOBODY else delivery.user_id
    await record(session, action, by=by, now=now, target_id=target_id, detail={"delivery_id": str(delivery.id)})


async def _described(session: AsyncSession, delivery: Delivery) -> DeliveryDetail:
    (described,) = await describe(session, [DeliveryOut.model_validate(delivery)])
    return described
