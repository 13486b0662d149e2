"""What operators look at: deliveries as a worker leaves them, and mails that were kept."""

from typing import Any
from uuid import uuid4

from sqlalchemy import update

from tests.world import Person
from tidings import Tidings
from tidings.channels.base import Address
from tidings.channels.email.composing import Mail, compose
from tidings.channels.email.mailbox import MailFolder
from tidings.kernel.ids import new_id
from tidings.outbox.models import Delivery
from tidings.outbox.types import DeliveryState
from tidings.outbox.writing import NewDelivery, enqueue

SENDER = Address(value="tidings@example.net", name="Tidings")
DEAD: dict[str, Any] = {
    "state": DeliveryState.DEAD,
    "attempt": 1,
    "attempts": [{"at": "2026-03-02T09:00:00Z", "outcome": "refused", "provider": "mail", "detail": "550 no"}],
    "last_error": "550 no",
}
"""What is recorded of a delivery that used up its attempts."""


async def put_delivery(
    tidings: Tidings, to: Person | None = None, *, record: dict[str, Any] | None = None, **columns: Any
) -> NewDelivery:
    """Put one delivery into the outbox, due now; `record` is what a worker has written of it since."""
    now = tidings.clock.now()
    given: dict[str, Any] = {"kind": "notification", "channel": "email", "key": uuid4().hex, "due_at": now}
    if to is not None:
        given["user_id"] = to.id
    delivery = NewDelivery(**given | columns, created_at=now)
    async with tidings.database.write() as session:
        await (await session.connection()).run_sync(enqueue, [delivery])
        if record is not None:
            await session.execute(update(Delivery).where(Delivery.id == delivery.id).values(**record))
    return delivery


def keep_mail(tidings: Tidings, **content: Any) -> Mail:
    """Keep a mail to Ada, as the channel does while no mail server is set."""
    given: dict[str, Any] = {
        "delivery_id": new_id(),
        "to": Address(value="ada@example.org", name="Ada"),
        "date": tidings.clock.now(),
        "subject": "Lunch?",
        "text": "The usual place.",
    }
    mail = Mail(**given | content)
    MailFolder(tidings.settings.data_dir / "mails").keep(mail.delivery_id, compose(mail, sender=SENDER))
    return mail
