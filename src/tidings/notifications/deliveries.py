"""What of an event leaves the house: one delivery for each person and channel that the plan sends on."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from tidings.notifications.entries import PRIORITY_NUMBERS, Group
from tidings.notifications.types import Channel
from tidings.outbox.types import DeliveryKind
from tidings.outbox.writing import NewDelivery


def deliveries_of(groups: Sequence[Group], entry_ids: Mapping[UUID, UUID], *, now: datetime) -> Iterator[NewDelivery]:
    """The deliveries of one event, for those of its people whose entry (by user id) has been written."""
    for group in groups:
        for outgoing in group.outgoing:
            for entry in group.entries:
                if entry.user_id in entry_ids:
                    yield NewDelivery(
                        user_id=entry.user_id,
                        kind=DeliveryKind.NOTIFICATION,
                        channel=outgoing.channel,
                        key=delivery_key(group.content.event_id, outgoing.channel),
                        event_id=group.content.event_id,
                        notification_id=entry_ids[entry.user_id],
                        priority=PRIORITY_NUMBERS[group.content.priority],
                        due_at=outgoing.due_at or now,
                        created_at=now,
                        expires_at=group.content.expires_at,
                        may_repeat=outgoing.may_repeat,
                    )


def delivery_key(event_id: UUID, channel: Channel) -> str:
    """What makes a delivery one of a kind for its user, where a channel knows one address of theirs."""
    return f"event:{event_id}:{channel.value}"
