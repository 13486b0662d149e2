"""Sending, trying out, and looking at events."""

from typing import Any
from uuid import UUID

from fastapi import Response

from tidings.accounts.callers import Caller, CurrentCaller
from tidings.accounts.errors import Forbidden, RecipientIsAccount
from tidings.accounts.policies import scope, signed_in
from tidings.accounts.types import Scope
from tidings.kernel.bindings import bound
from tidings.kernel.http.json import JsonResponse
from tidings.kernel.http.problems import problems
from tidings.kernel.http.routing import Now, Router, Session
from tidings.notifications.audience import find_audience
from tidings.notifications.content import Everyone, NewEvent, Somebody, text_of
from tidings.notifications.errors import (
    EmailTaken,
    EventNotFound,
    RecipientDiffers,
    SendAtUnavailable,
    TextMissing,
    TextNotRendered,
    TooManyRecipients,
    UnknownActor,
    UnknownRecipient,
    UnknownType,
)
from tidings.notifications.explaining import decisions_json, explain_event
from tidings.notifications.models import Event
from tidings.notifications.notifying import SentEvent, plan_for, send_event
from tidings.notifications.plan import Facts
from tidings.notifications.queries import entry_of
from tidings.notifications.rules import Rules
from tidings.notifications.schemas import (
    EventOut,
    ExplanationOut,
    InlineRecipient,
    NotificationOut,
    PreviewOut,
    RoleRecipient,
    SendIn,
    SentOut,
    TestIn,
    TypeOut,
)
from tidings.notifications.wire import notification_json
from tidings.notifications.writing import MAX_STORED_ENTRIES, write_pending

router = Router(tags=["notifications"])
may_send = scope(Scope.NOTIFICATIONS_SEND)
SEND_ERRORS = problems(
    UnknownType,
    UnknownRecipient,
    UnknownActor,
    RecipientIsAccount,
    RecipientDiffers,
    EmailTaken,
    TooManyRecipients,
    TextMissing,
    TextNotRendered,
    SendAtUnavailable,
)


@router.post(
    "/notifications",
    may_send,
    status_code=201,
    response_model=SentOut,
    responses=SEND_ERRORS | {200: {"model": SentOut}},
)
async def send_notification(body: SendIn, caller: CurrentCaller, session: Session, now: Now) -> Response:
    """Tell people something. Repeating a `dedupe_key` answers 200 with the first result and writes nothing."""
    sent = await send_event(session, _event(body, caller, bound(session, Rules)), now=now)
    await write_pending(session)
    return JsonResponse(_sent_json(sent), 200 if sent.deduplicated else 201)


@router.post("/notifications/preview", may_send, idempotent=False, response_model=PreviewOut, responses=SEND_ERRORS)
async def preview_notification(body: SendIn, caller: CurrentCaller, session: Session) -> Response:
    """What sending this would do for each recipient, and why; writes nothing."""
    rules = bound(session, Rules)
    event = _event(body, caller, rules)
    audience = await find_audience(session, event)
    for language in audience.languages:
        text_of(event, audience.actor, language)
    plans: list[dict[str, Any]] = [
        {"user_id": person.user_id, "decisions": decisions_json(plan_for(event, person.facts, rules))}
        for person in audience.recipients
    ]
    plans += [
        {"user_id": None, "decisions": decisions_json(plan_for(event, Facts(), rules))} for _ in audience.strangers
    ]
    return JsonResponse({"plans": plans})


@router.post(
    "/notifications/test/create", signed_in, status_code=201, response_model=NotificationOut, responses=SEND_ERRORS
)
async def create_test_notification(body: TestIn, caller: CurrentCaller, session: Session, now: Now) -> Response:
    """Send oneself a notification; an administrator may name somebody else."""
    name = body.user_id or str(caller.user_id)
    if name != str(caller.user_id) and not caller.is_admin:
        raise Forbidden("Only an administrator sends test notifications to others.")
    rules = bound(session, Rules)
    kind = rules.types.named(body.type)
    event = NewEvent(type=kind, to=(name,), title=body.title, message=body.message, priority=body.priority)
    sent = await send_event(session, event, now=now)
    await write_pending(session)
    entry = sent.entries[0]
    return JsonResponse(
        notification_json(await entry_of(session, entry.user_id, entry.id, live=False), rules.types), 201
    )


@router.get("/notification-types", signed_in, response_model=list[TypeOut])
async def list_notification_types(session: Session) -> Response:
    """Every declared type."""
    return JsonResponse(
        [
            {
                "key": kind.key,
                "code": kind.code,
                "category": kind.category,
                "default_channels": kind.channels,
                "required": kind.required,
                "variables": kind.variables,
            }
            for kind in bound(session, Rules).types
        ]
    )


@router.get("/events/{event_id}", may_send, response_model=EventOut, responses=problems(EventNotFound))
async def read_event(event_id: UUID, session: Session) -> Response:
    """One event and how far it has got."""
    event = await session.get(Event, event_id)
    if event is None:
        raise EventNotFound()
    return JsonResponse(
        {
            "id": event.id,
            "type": bound(session, Rules).types.key_of(event.type_code),
            "source": event.source,
            "dedupe_key": event.dedupe_key,
            "actor_id": event.actor_id,
            "created_at": event.created_at,
            "accepted": event.accepted,
            "notifications": [dict(zip(("id", "user_id", "external_id"), e, strict=True)) for e in event.entries],
        }
    )


@router.get("/events/{event_id}/explain", may_send, response_model=ExplanationOut, responses=problems(EventNotFound))
async def explain_event_for(event_id: UUID, user_id: UUID, session: Session) -> Response:
    """What an event did for one user and why, also for somebody who got nothing."""
    return JsonResponse({"decisions": await explain_event(session, event_id, user_id)})


def _event(body: SendIn, caller: Caller, rules: Rules) -> NewEvent:
    if body.send_at is not None:
        raise SendAtUnavailable()
    fields = body.model_dump(exclude={"to", "type", "channels", "send_at"})
    return NewEvent(
        type=rules.types.named(body.type),
        to=tuple(_recipient(to) for to in body.to),
        channels=None if body.channels is None else frozenset(body.channels),
        may_write_users=caller.may(Scope.USERS_WRITE),
        **fields,
    )


def _recipient(to: str | InlineRecipient | RoleRecipient) -> str | Somebody | Everyone:
    if isinstance(to, str):
        return to
    return Everyone(to.access_type) if isinstance(to, RoleRecipient) else Somebody(to.id, to.email, to.name)


def _sent_json(sent: SentEvent) -> dict[str, Any]:
    return {
        "event_id": sent.id,
        "accepted": sent.accepted,
        "deduplicated": sent.deduplicated,
        "notifications": [
            {"id": entry.id, "user_id": entry.user_id, "external_id": entry.external_id}
            for entry in sent.entries[:MAX_STORED_ENTRIES]
        ],
    }
