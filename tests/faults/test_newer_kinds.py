"""A worker of an older release beside a newer one: what it does not know, it leaves to the other."""

import asyncio
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from tests.channels.email.mails import channel, mail
from tests.faults.office import RESEND, Office
from tidings.channels.email.composing import Mail
from tidings.main.channels import ChannelSender
from tidings.outbox.held import HeldDelivery
from tidings.outbox.ports import ChannelSetup
from tidings.outbox.types import DeliveryState
from tidings.outbox.worker import Worker
from tidings.outbox.writing import NewDelivery, enqueue

POSTCARD = "postcard"
"""A kind of delivery that this release does not know."""


async def test_a_delivery_of_a_newer_release_waits_for_its_worker(office: Office) -> None:
    ada = await office.world.make_person("ada")
    now = office.world.clock.now()
    postcard = NewDelivery(user_id=ada.id, kind=POSTCARD, channel="email", key="1", due_at=now, created_at=now)
    async with office.tidings.database.write() as session:
        await (await session.connection()).run_sync(enqueue, [postcard])
    await ada.receives(RESEND.key)
    older = office.hires("older")
    await office.until_states({DeliveryState.SCHEDULED, DeliveryState.SENT})
    await office.sink.until_reached("answer", 1)
    older.stop()
    assert await older.exit_code() == 0
    (left,) = [each for each in await office.deliveries() if each.kind == POSTCARD]
    assert (left.state, left.attempt, left.attempts) == (DeliveryState.SCHEDULED, 0, [])
    async with channel(office.sink.url) as email:
        newer = Worker(
            office.tidings.database,
            office.world.clock,
            channels=[
                ChannelSetup(name="email", sender=ChannelSender(email, "sink"), kinds=frozenset({POSTCARD})),
            ],
            prepare={POSTCARD: write_postcard},
        )
        working = asyncio.create_task(newer.run())
        await office.until_over()
        await newer.drain()
        await working
    assert [copy.mail["Subject"] for copy in office.sink.copies] == ["News of order.sent", "A postcard"]


async def write_postcard(_session: AsyncSession, delivery: HeldDelivery, _now: datetime) -> Mail:
    return mail(delivery_id=delivery.id, subject="A postcard")
