"""Why somebody was told, or was not: the recorded plan in words."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from tidings.notifications.entries import entry_id
from tidings.notifications.errors import EventNotFound, NotificationNotFound
from tidings.notifications.models import CollapsedEvent, Event, Notification
from tidings.notifications.plan import ALL_CHANNELS, Decision, Plan, read_plan
from tidings.notifications.types import Reason, Verdict

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


async def explain_entry(session: AsyncSession, user_id: UUID, notification_id: UUID) -> list[dict[str, Any]]:
    """The decisions behind one entry, also a deleted or expired one. Raises NotificationNotFound."""
    plan = await session.scalar(
        select(Notification.plan).where(Notification.user_id == user_id, Notification.id == notification_id)
    )
    if plan is None:
        raise NotificationNotFound()
    return _explained(read_plan(plan))


async def explain_event(session: AsyncSession, event_id: UUID, user_id: UUID) -> list[dict[str, Any]]:
    """What one event did for one user, also nothing at all. Raises EventNotFound."""
    if await session.get(Event, event_id) is None:
        raise EventNotFound()
    collapsed = await session.get(CollapsedEvent, (user_id, event_id))
    if collapsed is not None and collapsed.superseded_by is not None:
        return _explained(_all_skipped(Reason.SUPERSEDED), detail=f"Replaced by event {collapsed.superseded_by}.")
    if collapsed is not None:
        return _explained(read_plan(collapsed.plan))
    plan = await session.scalar(
        select(Notification.plan).where(Notification.user_id == user_id, Notification.id == entry_id(event_id, user_id))
    )
    return _explained(read_plan(plan) if plan is not None else _all_skipped(Reason.NOT_A_RECIPIENT))


def _all_skipped(reason: Reason) -> Plan:
    return tuple(Decision(channel, Verdict.SKIP, reason) for channel in ALL_CHANNELS)


def _explained(plan: Plan, *, detail: str | None = None) -> list[dict[str, Any]]:
    return [
        shown | {"detail": detail or WORDS[decision.reason], "attempts": []}
        for decision, shown in zip(plan, decisions_json(plan), strict=True)
    ]


def decisions_json(plan: Plan) -> list[dict[str, Any]]:
    """A plan as clients see it."""
    return [
        {
            "channel": decision.channel,
            "verdict": decision.verdict,
            "reason": decision.reason,
            "due_at": decision.due_at,
        }
        for decision in plan
    ]
