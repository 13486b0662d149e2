"""One function for each general kind of notification, with the values it is about: a few lines over `notify()`.

They write in the caller's transaction, like `notify()`, and return what it returns. The values also stand in `data`,
so that a client can show them in its own way.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from tidings.notifications.notifying import SentEvent, notify
from tidings.notifications.types import NotificationType, Priority

_SOCIAL: Mapping[str, tuple[str, str]] = {
    "friend_request": ("New friend request", "{} would like to be your friend."),
    "friend_accepted": ("Friend request accepted", "{} accepted your friend request."),
    "follow": ("New follower", "{} follows you now."),
    "like": ("New like", "{} likes what you shared."),
    "comment": ("New comment", "{} commented on what you shared."),
    "mention": ("You were mentioned", "{} mentioned you."),
}


async def send_notification(
    db: AsyncSession,
    user_id: UUID | str,
    notification_type: NotificationType | str,
    title: str,
    message: str,
    priority: Priority | str = Priority.MEDIUM,
    icon: str | None = None,
    action_url: str | None = None,
    action_text: str | None = None,
    **more: Any,  # Any: the remaining arguments of `notify`, which checks their names
) -> SentEvent:
    """Tell one person something of any type. Raises what `notify` raises."""
    return await notify(
        db,
        notification_type,
        to=user_id,
        title=title,
        message=message,
        priority=priority,
        icon=icon,
        action_url=action_url,
        action_text=action_text,
        **more,
    )


async def send_achievement_notification(
    db: AsyncSession, user_id: UUID | str, achievement_name: str, achievement_description: str, xp_earned: int
) -> SentEvent:
    """Somebody reached something."""
    return await send_notification(
        db,
        user_id,
        "achievement",
        f"Achievement unlocked: {achievement_name}",
        f"{achievement_description} You earned {xp_earned} XP.",
        Priority.HIGH,
        data={
            "achievement_name": achievement_name,
            "achievement_description": achievement_description,
            "xp_earned": xp_earned,
        },
    )


async def send_level_up_notification(
    db: AsyncSession, user_id: UUID | str, new_level: int, rewards: Sequence[str] = ()
) -> SentEvent:
    """Somebody reached a new level."""
    unlocked = f" You unlocked {_listed(rewards)}." if rewards else ""
    return await send_notification(
        db,
        user_id,
        "level_up",
        f"You reached level {new_level}",
        f"Congratulations!{unlocked}",
        Priority.HIGH,
        data={"new_level": new_level, "rewards": list(rewards)},
    )


async def send_streak_notification(
    db: AsyncSession, user_id: UUID | str, streak_days: int, milestone: bool = False
) -> SentEvent:
    """Somebody kept something up; a milestone is worth more than another day."""
    days = f"{streak_days} day" if streak_days == 1 else f"{streak_days} days"
    return await send_notification(
        db,
        user_id,
        "streak",
        f"Milestone: {days} in a row" if milestone else f"{days} in a row",
        "That is a milestone. Well done!" if milestone else "Keep it going!",
        Priority.HIGH if milestone else Priority.MEDIUM,
        data={"streak_days": streak_days, "milestone": milestone},
    )


async def send_insight_notification(
    db: AsyncSession,
    user_id: UUID | str,
    insight_title: str,
    insight_message: str,
    action_items: Sequence[str] = (),
) -> SentEvent:
    """Something was found out, and what could be done about it."""
    return await send_notification(
        db,
        user_id,
        "insight",
        insight_title,
        "\n".join([insight_message, *(f"- {item}" for item in action_items)]),
        data={"action_items": list(action_items)},
    )


async def send_recommendation_notification(
    db: AsyncSession, user_id: UUID | str, title: str, message: str
) -> SentEvent:
    """Something somebody may like."""
    return await send_notification(db, user_id, "recommendation", title, message)


async def send_reminder_notification(db: AsyncSession, user_id: UUID | str, title: str, message: str) -> SentEvent:
    """Something not to forget."""
    return await send_notification(db, user_id, "reminder", title, message)


async def send_social_notification(
    db: AsyncSession, user_id: UUID | str, social_type: str, actor_name: str
) -> SentEvent:
    """What another person did; a kind we have no words for is named as it is."""
    words = social_type.replace("_", " ")
    title, message = _SOCIAL.get(social_type, (words.capitalize(), f"{words.capitalize()} from {{}}."))
    return await send_notification(
        db,
        user_id,
        "social",
        title,
        message.replace("{}", actor_name),
        data={"social_type": social_type, "actor_name": actor_name},
    )


async def send_system_notification(db: AsyncSession, user_id: UUID | str, title: str, message: str) -> SentEvent:
    """A word from the house."""
    return await send_notification(db, user_id, "system", title, message)


async def send_alert_notification(db: AsyncSession, user_id: UUID | str, title: str, message: str) -> SentEvent:
    """Something that cannot wait."""
    return await send_notification(db, user_id, "alert", title, message, Priority.URGENT)


def _listed(things: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    *first, last = things
    return f"{', '.join(first)} and {last}" if first else last
