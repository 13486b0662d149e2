"""Why somebody was told, or was not: the recorded plan in words."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from tidings.notifications.entries import entry_id
from tidings.notifications.errors import EventNotFound, NotificationNotFound
from tidings.notifications.models import CollapsedEvent, Event, Notification
from tidings.notifications.plan import ALL_CHANNELS, Decision, Plan, read_plan
from tidings.notifications.types import Reason, Verdict
from tidings.outbox.queries import deliveries_of_event
from tidings.outbox.schemas import DeliveryOut
from tidings.outbox.types import DeliveryState

WORDS: Mapping[Reason, str] = {
    Reason.DEFAULT: "The type decides whether it goes this way.",
    Reason.REQUESTED: "The sender chose the channels.",
    Reason.REQUIRED: "The type is required and passes over preferences.",
    Reason.URGENT: "It is urgent.",
    Reason.FALLBACK: "Another channel failed.",
    Reason.ESCALATION: "It was not read in time elsewhere.",
    Reason.QUIET_HOURS: "It is quiet time for this person.",
    Reason.DIGEST: "It waits for the digest.",
    Reason.BATCHED: "It goes out together with others.",
    Reason.BUDGET: "This person has had enough for now.",
    Reason.CHANNEL_OFF: "This person switched the channel off.",
    Reason.TYPE_OFF: "This person switched this type off for the channel.",
    Reason.MUTED: "This person muted it.",
    Reason.UNSUBSCRIBED: "This person unsubscribed.",
    Reason.NO_ADDRESS: "No address is known for the channel.",
    Reason.ADDRESS_UNVERIFIED: "The address is not verified.",
    Reason.ADDRESS_GONE: "The address no longer exists.",
    Reason.SUPPRESSED: "The address refused mail before.",
    Reason.ALREADY_SEEN: "It was read before it was due.",
    Reason.DISMISSED: "It was dismissed before it was due.",
    Reason.DELETED: "It was deleted before it was due.",
    Reason.EXPIRED: "It expired before it was due.",
    Reason.CANCELLED: "The sender withdrew it.",
    Reason.SUPERSEDED: "A later event with the same collapse key replaced it.",
    Reason.USER_INACTIVE: "This account is not active.",
    Reason.NOT_A_RECIPIENT: "The event was not for this person.",
    Reason.CHANNEL_NOT_SET_UP: "This server has no sender for the channel.",
}


PROGRESS: Mapping[DeliveryState, str] = {
    DeliveryState.SCHEDULED: "It waits to be sent.",
    DeliveryState.SENDING: "It is being sent.",
    DeliveryState.HANDING_OVER: "It is being handed over.",
    DeliveryState.SENT: "The next system has taken it.",
    DeliveryState.DELIVERED: "It has arrived.",
    DeliveryState.SKIPPED: "It was not sent.",
    DeliveryState.CANCELLED: "It was withdrawn.",
    DeliveryState.UNKNOWN: "Nobody knows whether it arrived; it is left to the operator.",
    DeliveryState.DEAD: "It could not be sent.",
}
_REASONS: Mapping[str | None, Reason] = {reason.value: reason for reason in Reason}
_FAILING = {DeliveryState.SCHEDULED, DeliveryState.UNKNOWN, DeliveryState.DEAD}


async def explain_entry(session: AsyncSession, user_id: UUID, notification_id: UUID) -> list[dict[str, Any]]:
    """The decisions behind one entry and what came of them, also a deleted or expired one.

    Raises NotificationNotFound.
    """
    found = await session.execute(
        select(Notification.plan, Notification.event_id).where(
            Notification.user_id == user_id, Notification.id == notification_id
        )
    )
    entry = found.one_or_none()
    if entry is None:
        raise NotificationNotFound()
    return _explained(read_plan(entry.plan), await deliveries_of_event(session, entry.event_id, user_id))


async def explain_event(
    session: AsyncSession, event_id: UUID, user_id: UUID, *, ahead: Plan | None = None
) -> list[dict[str, Any]]:
    """What one event did for one user and what came of it, also nothing at all. Raises EventNotFound.

    `ahead` is what it has in store for them if it has not reached them yet.
    """
    if await session.get(Event, event_id) is None:
        raise EventNotFound()
    deliveries = await deliveries_of_event(session, event_id, user_id)
    collapsed = await session.get(CollapsedEvent, (user_id, event_id))
    if collapsed is not None and collapsed.superseded_by is not None:
        return _explained(
            _all_skipped(Reason.SUPERSEDED), deliveries, detail=f"Replaced by event {collapsed.superseded_by}."
        )
    plan = collapsed.plan if collapsed is not None else await _plan_of(session, entry_id(event_id, user_id), user_id)
    if plan is None:
        return _explained(ahead or _all_skipped(Reason.NOT_A_RECIPIENT), deliveries)
    return _explained(read_plan(plan), deliveries)


async def _plan_of(session: AsyncSession, notification_id: UUID, user_id: UUID) -> str | None:
    return await session.scalar(
        select(Notification.plan).where(Notification.user_id == user_id, Notification.id == notification_id)
    )


def _all_skipped(reason: Reason) -> Plan:
    return tuple(Decision(channel, Verdict.SKIP, reason) for channel in ALL_CHANNELS)


def _explained(plan: Plan, deliveries: Sequence[DeliveryOut], *, detail: str | None = None) -> list[dict[str, Any]]:
    """Each decision as it stands by now: what was planned, or what its delivery has met with since."""
    made = {delivery.channel: delivery for delivery in deliveries}
    return [_explained_one(decision, made.get(decision.channel), detail) for decision in plan]


def _explained_one(decision: Decision, delivery: DeliveryOut | None, detail: str | None) -> dict[str, Any]:
    if delivery is None:
        return decision_json(decision) | {"detail": detail or WORDS[decision.reason], "attempts": []}
    if delivery.reason in _REASONS and delivery.state in {DeliveryState.SKIPPED, DeliveryState.CANCELLED}:
        decision = Decision(decision.channel, Verdict.SKIP, _REASONS[delivery.reason])
        return decision_json(decision) | {"detail": WORDS[decision.reason], "attempts": delivery.attempts}
    if delivery.state is DeliveryState.SCHEDULED:
        decision = replace(decision, due_at=delivery.due_at)
    return decision_json(decision) | {"detail": _progress(delivery), "attempts": delivery.attempts}


def _progress(delivery: DeliveryOut) -> str:
    """What became of a delivery, in words."""
    words = PROGRESS[delivery.state]
    return f"{words} {delivery.last_error}" if delivery.last_error and delivery.state in _FAILING else words


def decisions_json(plan: Plan) -> list[dict[str, Any]]:
    """A plan as clients see it."""
    return [decision_json(decision) for decision in plan]


def decision_json(decision: Decision) -> dict[str, Any]:
    """One decision as clients see it."""
    return {
        "channel": decision.channel,
        "verdict": decision.verdict,
        "reason": decision.reason,
        "due_at": decision.due_at,
    }
