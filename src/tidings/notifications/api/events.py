"""Looking at events, and withdrawing them."""

from uuid import UUID

from fastapi import Response

from tidings.accounts.policies import scope
from tidings.accounts.types import Scope
from tidings.kernel.http.json import JsonResponse
from tidings.kernel.http.problems import problems
from tidings.kernel.http.routing import Now, Router, Session
from tidings.notifications.cancelling import cancel_event
from tidings.notifications.errors import EventNotFound
from tidings.notifications.explaining import explain_event
from tidings.notifications.progress import plan_ahead, progress_of
from tidings.notifications.schemas import CancelledEventOut, EventOut, ExplanationOut

router = Router(tags=["notifications"])
may_send = scope(Scope.NOTIFICATIONS_SEND)


@router.get("/events/{event_id}", may_send, response_model=EventOut, responses=problems(EventNotFound))
async def read_event(event_id: UUID, session: Session) -> Response:
    """One event and how far it has got."""
    return JsonResponse(await progress_of(session, event_id))


@router.post("/events/{event_id}/cancel", may_send, response_model=CancelledEventOut, responses=problems(EventNotFound))
async def cancel_one_event(event_id: UUID, session: Session, now: Now) -> Response:
    """Withdraw what is not sent. What is in inboxes stays; repeating it changes nothing."""
    cancelled = await cancel_event(session, event_id, now=now)
    return JsonResponse(await progress_of(session, event_id) | {"cancelled": cancelled})


@router.get("/events/{event_id}/explain", may_send, response_model=ExplanationOut, responses=problems(EventNotFound))
async def explain_event_for(event_id: UUID, user_id: UUID, session: Session) -> Response:
    """What an event did, or will do, for one user and why, also for somebody who got nothing."""
    ahead = await plan_ahead(session, event_id, user_id)
    return JsonResponse({"decisions": await explain_event(session, event_id, user_id, ahead=ahead)})
