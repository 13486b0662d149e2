"""What goes with a user who is deleted."""

from sqlalchemy import select

from tests.world import Person
from tidings.notifications.models import Inbox, Notification
from tidings.outbox.models import Delivery
from tidings.outbox.writing import NewDelivery, enqueue


async def test_entries_inbox_and_deliveries_go_with_their_user_and_nobody_elses(ada: Person, grace: Person) -> None:
    database, now = ada.world.tidings.database, ada.world.clock.now()
    for person in (ada, grace):
        await person.receives("message", title="News")
    mail = [
        NewDelivery(user_id=person.id, kind="notification", channel="email", key="k", due_at=now, created_at=now)
        for person in (ada, grace)
    ]
    async with database.write() as session:
        await (await session.connection()).run_sync(enqueue, mail)
    assert (await grace.client.delete(f"/users/{ada.id}")).status_code == 204
    async with database.read() as session:
        for table in (Inbox, Notification, Delivery):
            owners = (await session.execute(select(table.user_id).distinct())).scalars().all()
            assert owners == [grace.id]
