"""How entries look to clients: the JSON of API.md, built straight from rows."""

from typing import Any

from sqlalchemy import Label, exists, or_

from tidings.kernel.db import AnyRow
from tidings.notifications.entries import PRIORITIES
from tidings.notifications.models import Notification
from tidings.notifications.types import Channel, TypeRegistry
from tidings.outbox.models import Delivery
from tidings.outbox.types import DeliveryState


def _went_out(channel: Channel) -> Label[bool]:
    """Whether the delivery record says so; the entry itself does not change with it."""
    is_sent = exists().where(
        Delivery.user_id == Notification.user_id,
        Delivery.notification_id == Notification.id,
        Delivery.channel == channel,
        or_(Delivery.state == DeliveryState.SENT, Delivery.state == DeliveryState.DELIVERED),
    )
    return is_sent.label(f"sent_{channel.value}")


COLUMNS = (
    Notification.user_id,
    Notification.id,
    Notification.event_id,
    Notification.type_code,
    Notification.priority,
    Notification.title,
    Notification.message,
    Notification.data,
    Notification.actor,
    Notification.action_url,
    Notification.action_text,
    Notification.icon,
    Notification.image_url,
    Notification.group_key,
    Notification.in_inbox,
    Notification.seen_at,
    Notification.read_at,
    Notification.dismissed_at,
    Notification.snoozed_until,
    Notification.why,
    Notification.created_at,
    Notification.expires_at,
    Notification.revision,
    _went_out(Channel.EMAIL),
    _went_out(Channel.PUSH),
)


def notification_json(row: AnyRow, types: TypeRegistry) -> dict[str, Any]:
    """One entry as its owner sees it; the row holds `COLUMNS`."""
    return {
        "id": row.id,
        "event_id": row.event_id,
        "type": types.key_of(row.type_code),
        "type_code": row.type_code,
        "priority": PRIORITIES[row.priority],
        "title": row.title,
        "message": row.message,
        "data": row.data,
        "actor": row.actor,
        "action_url": row.action_url,
        "action_text": row.action_text,
        "icon": row.icon,
        "image_url": row.image_url,
        "group_key": row.group_key,
        "is_seen": row.seen_at is not None,
        "is_read": row.read_at is not None,
        "read_at": row.read_at,
        "is_dismissed": row.dismissed_at is not None,
        "dismissed_at": row.dismissed_at,
        "snoozed_until": row.snoozed_until,
        "sent_in_app": row.in_inbox,
        "sent_email": row.sent_email,
        "sent_push": row.sent_push,
        "reason": row.why,
        "created_at": row.created_at,
        "expires_at": row.expires_at,
        "revision": row.revision,
    }
