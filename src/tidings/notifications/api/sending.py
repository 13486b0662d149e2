"""Sending and trying out."""

from typing import Annotated, Any

from fastapi import Depends, Request, Response

from tidings.accounts.callers import Caller, CurrentCaller
from tidings.accounts.errors import Forbidden, RecipientIsAccount
from tidings.accounts.policies import scope, signed_in
from tidings.accounts.types import Scope
from tidings.kernel.bindings import bound
from tidings.kernel.errors import InvalidCursor
from tidings.kernel.http.json import JsonResponse
from tidings.kernel.http.problems import problems
from tidings.kernel.http.routing import Now, RequestUnit, Router, Session
from tidings.kernel.pages import AskedPart
from tidings.notifications.audience import facts_of_stranger, find_audience, people_shown
from tidings.notifications.content import Everyone, NewEvent, Somebody
from tidings.notifications.errors import (
    EmailTaken,
    ExpiresTooSoon,
    RecipientDiffers,
    SendAtTooFar,
    TextMissing,
    TextNotRendered,
    TooManyRecipients,
    UnknownActor,
    UnknownRecipient,
    UnknownType,
)
from tidings.notifications.explaining import decisions_json
from tidings.notifications.grouping import plan_for, render_texts
from tidings.notifications.notifying import SentEvent, send_event
from tidings.notifications.postponing import deferred, is_later
from tidings.notifications.queries import entry_of
from tidings.notifications.rules import Rules
from tidings.notifications.schemas import (
    InlineRecipient,
    NotificationOut,
    PreviewOut,
    RoleRecipient,
    SendIn,
    SentOut,
    TestIn,
    TypeOut,
    Types,
)
from tidings.notifications.sharing import SharedSends
from tidings.notifications.wire import notification_json
from tidings.notifications.writing import MAX_STORED_ENTRIES, write_pending

router = Router(tags=["notifications"])
may_send = scope(Scope.NOTIFICATIONS_SEND)
may_send_apart = scope(Scope.NOTIFICATIONS_SEND, apart=True)


async def _sends(request: Request) -> SharedSends:
    sends: SharedSends = request.app.state.sends
    return sends


Sends = Annotated[SharedSends, Depends(_sends)]
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
    SendAtTooFar,
    ExpiresTooSoon,
)


@router.post(
    "/notifications",
    may_send_apart,
    status_code=201,
    response_model=SentOut,
    responses=SEND_ERRORS | {200: {"model": SentOut}, 202: {"model": SentOut}},
)
async def send_notification(body: SendIn, caller: CurrentCaller, unit: RequestUnit, sends: Sends, now: Now) -> Response:
    """Tell people something. Repeating a `dedupe_key` answers 200 with the first result and writes nothing.

    202: it is written by a worker, at `send_at` or because it is for more than 1,000 people; see `GET /events/{id}`.
    """
    event = _event(body, caller, sends.rules)
    if unit.idempotency_key is None:
        sent = await sends.send(event)
    else:  # the answer is kept by the transaction that writes the event
        session = await unit.session()
        sent = await send_event(session, event, now=now)
        await write_pending(session)
    return JsonResponse(_sent_json(sent), 200 if sent.deduplicated else 202 if sent.is_postponed else 201)


@router.post("/notifications/preview", may_send, idempotent=False, response_model=PreviewOut, responses=SEND_ERRORS)
async def preview_notification(body: SendIn, caller: CurrentCaller, session: Session, now: Now) -> Response:
    """What sending this would do for each recipient, and why; writes nothing. Of large roles, a thousand members."""
    rules = bound(session, Rules)
    event = _event(body, caller, rules)
    later = event.send_at if is_later(event, now=now) else None
    audience = await find_audience(session, event)
    render_texts(event, audience.languages, audience.shown_actor)
    everybody = [
        *((person.user_id, person.facts) for person in await people_shown(session, audience)),
        *((None, facts_of_stranger(person)) for person in audience.strangers),
    ]
    plans = [(user_id, plan_for(event, facts, rules)) for user_id, facts in everybody]
    return JsonResponse(
        {
            "plans": [
                {"user_id": user_id, "decisions": decisions_json(deferred(plan, later) if later else plan)}
                for user_id, plan in plans
            ]
        }
    )


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


@router.get("/notification-types", signed_in, response_model=Types, responses=problems(InvalidCursor))
async def list_notification_types(session: Session, part: AskedPart) -> Types:
    """Every declared type."""
    types, following = part.of(list(bound(session, Rules).types), name=lambda kind: kind.key)
    shown = [
        TypeOut(
            key=kind.key,
            code=kind.code,
            category=kind.category,
            default_channels=[str(channel) for channel in kind.channels],
            required=kind.required,
            variables=list(kind.variables),
        )
        for kind in types
    ]
    return Types(notification_types=shown, next_cursor=following)


def _event(body: SendIn, caller: Caller, rules: Rules) -> NewEvent:
    fields = body.model_dump(exclude={"to", "type", "channels"})
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
