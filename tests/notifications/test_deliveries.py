"""What leaves the house is written with the notification: together or not at all, once, and with its reason."""

from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import select, update

from tests.notifications.answers import refusal
from tests.world import App, Person, World
from tidings import Tidings, notify
from tidings.accounts.models import User
from tidings.accounts.types import AccountState
from tidings.kernel.bindings import bind
from tidings.notifications.rules import Rules
from tidings.notifications.types import Channel
from tidings.outbox.models import Delivery
from tidings.outbox.types import DeliveryState
from tidings.realtime.doorbell import Chime, DeliveriesDue

SHIPPED: dict[str, Any] = {"type": "order.shipped", "data": {"number": 17}}


async def deliveries(tidings: Tidings) -> Sequence[Delivery]:
    async with tidings.database.read() as session:
        return (await session.scalars(select(Delivery).order_by(Delivery.user_id))).all()


async def decided(person: Person, **event: Any) -> tuple[str, str]:
    """Verdict and reason for mail, of one event."""
    entry = await person.receives(**{**SHIPPED, **event})
    return await explained(person, entry["id"])


async def explained(person: Person, entry_id: str) -> tuple[str, str]:
    decisions = (await person.client.get(f"/notifications/{entry_id}/explain")).json()["decisions"]
    mail = next(each for each in decisions if each["channel"] == "email")
    return mail["verdict"], mail["reason"]


async def change(tidings: Tidings, person: Person, **columns: object) -> None:
    async with tidings.database.write() as session:
        await session.execute(update(User).where(User.id == person.id).values(**columns))


async def test_a_mail_is_written_down_for_everybody_it_is_for(
    tidings: Tidings, world: World, app: App, ada: Person, grace: Person
) -> None:
    event = {"to": ["ada", "grace"], "priority": "high", **SHIPPED, "expires_at": "2030-01-01T00:00:00Z"}
    sent = (await app.client.post("/notifications", json=event)).json()
    written = await deliveries(tidings)
    assert [row.user_id for row in written] == sorted([ada.id, grace.id])
    assert {str(row.notification_id) for row in written} == {each["id"] for each in sent["notifications"]}
    for row in written:
        assert (row.kind, row.channel, row.state, row.priority) == (
            "notification",
            "email",
            DeliveryState.SCHEDULED,
            2,
        )
        assert (str(row.event_id), row.due_at, row.may_repeat) == (sent["event_id"], world.clock.now(), True)
        assert row.expires_at is not None
        assert row.expires_at.year == 2030


async def test_a_type_for_the_inbox_alone_leaves_nothing_to_send(tidings: Tidings, ada: Person) -> None:
    await ada.receives("system")
    assert await deliveries(tidings) == []


async def test_a_sender_may_ask_for_mail(tidings: Tidings, ada: Person) -> None:
    assert await decided(ada, type="system", channels=["email"]) == ("send", "requested")
    (row,) = await deliveries(tidings)
    assert row.channel == "email"


async def test_a_repeated_event_is_not_mailed_again(tidings: Tidings, app: App, ada: Person) -> None:
    for _ in range(2):
        await app.client.post("/notifications", json={"to": ["ada"], **SHIPPED, "dedupe_key": "order-17"})
    assert len(await deliveries(tidings)) == 1


@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        ({"email": None}, "no_address"),
        ({"email_verified": False}, "address_unverified"),
        ({"undeliverable_email": "ada@example.org"}, "address_gone"),
        ({"state": AccountState.SUSPENDED}, "user_inactive"),
    ],
)
async def test_without_an_address_that_can_be_used_nothing_is_mailed_and_the_plan_says_why(
    tidings: Tidings, app: App, ada: Person, grace: Person, columns: dict[str, object], reason: str
) -> None:
    await change(tidings, ada, **columns)
    sent = (await app.client.post("/notifications", json={"to": ["ada"], **SHIPPED})).json()
    found = await app.client.get(f"/events/{sent['event_id']}/explain", params={"user_id": str(ada.id)})
    mail = found.json()["decisions"][1]
    assert (mail["channel"], mail["verdict"], mail["reason"]) == ("email", "skip", reason)
    assert await deliveries(tidings) == []


async def test_an_invitation_that_waits_takes_nothing_from_whom_a_host_knows(
    tidings: Tidings, app: App, ada: Person
) -> None:
    await change(tidings, ada, state=AccountState.INVITED)
    await app.client.post("/notifications", json={"to": ["ada"], **SHIPPED})
    assert [row.channel for row in await deliveries(tidings)] == ["email"]


async def test_another_address_can_be_reached_again(tidings: Tidings, app: App, ada: Person) -> None:
    await change(tidings, ada, undeliverable_email="old@example.org")
    assert await decided(ada) == ("send", "default")


@pytest.mark.parametrize(
    ("preferences", "reason"),
    [
        ({"email_enabled": False}, "channel_off"),
        ({"type_preferences": {"order.shipped": {"email": False}}}, "type_off"),
    ],
)
async def test_whoever_switched_mail_off_gets_none(
    tidings: Tidings, ada: Person, preferences: dict[str, object], reason: str
) -> None:
    await ada.client.patch("/notifications/preferences/me", json=preferences)
    assert await decided(ada) == ("skip", reason)
    assert await deliveries(tidings) == []


async def test_a_required_type_passes_over_wishes_but_not_over_a_missing_address(tidings: Tidings, ada: Person) -> None:
    await ada.client.patch("/notifications/preferences/me", json={"email_enabled": False})
    assert await decided(ada, type="security.code", channels=["in_app", "email"]) == ("send", "required")
    await change(tidings, ada, email=None)
    assert await decided(ada, type="security.code", channels=["in_app", "email"]) == ("skip", "no_address")


async def test_a_recipient_the_host_describes_is_mailed_where_the_host_says(tidings: Tidings, app: App) -> None:
    person = {"id": "user_9", "email": "nine@example.org", "name": "Nine"}
    await app.client.post("/notifications", json={"to": [person], **SHIPPED})
    person["email"] = "ninth@example.org"
    await app.client.post("/notifications", json={"to": [person], **SHIPPED})
    assert len(await deliveries(tidings)) == 2


async def test_an_address_told_with_the_event_counts_for_it(tidings: Tidings, app: App) -> None:
    await app.client.post("/notifications", json={"to": [{"id": "user_9"}], **SHIPPED})
    assert await deliveries(tidings) == []
    await app.client.post("/notifications", json={"to": [{"id": "user_9", "email": "nine@example.org"}], **SHIPPED})
    assert len(await deliveries(tidings)) == 1


async def test_a_preview_knows_addresses_too(app: App, ada: Person) -> None:
    strangers = [{"id": "a", "email": "a@example.org"}, {"id": "b"}]
    plans = (await app.client.post("/notifications/preview", json={"to": [*strangers, "ada"], **SHIPPED})).json()
    reasons = [plan["decisions"][1]["reason"] for plan in plans["plans"]]
    assert reasons == ["default", "default", "no_address"]


async def test_what_a_host_rolls_back_is_not_mailed(tidings: Tidings, ada: Person) -> None:
    async with tidings.database.write() as session:
        await notify(session, "order.shipped", to=ada.id, data={"number": 1})
        async with session.begin_nested() as savepoint:
            await notify(session, "order.shipped", to=ada.id, data={"number": 2})
            await savepoint.rollback()
    assert len(await deliveries(tidings)) == 1


async def test_the_worker_is_rung_after_the_commit_and_only_when_there_is_something_to_send(
    tidings: Tidings, world: World, ada: Person
) -> None:
    rung: list[Chime] = []
    channels = frozenset({Channel.IN_APP, Channel.EMAIL})
    bind(tidings.database.engine, Rules(tidings.types, channels, world.clock, rung.extend))
    async with tidings.database.write() as session:
        await notify(session, "order.shipped", to=ada.id, data={"number": 1})
        assert rung == []
    assert rung.count(DeliveriesDue()) == 1
    rung.clear()
    async with tidings.database.write() as session:
        await notify(session, "system", to=ada.id, title="For the inbox")
    assert DeliveriesDue() not in rung


async def test_preferences_are_tried_out_with_the_addresses_there_are(
    tidings: Tidings, world: World, ada: Person
) -> None:
    entry = await ada.receives(**SHIPPED)
    world.clock.advance(hours=1)
    wanted = (await ada.client.get("/notifications/preferences/me")).json() | {"email_enabled": False}
    changed = (await ada.client.post("/notifications/preferences/me/preview", json=wanted)).json()["changed"]
    assert [each["notification_id"] for each in changed] == [entry["id"]]
    await change(tidings, ada, email=None)
    assert await decided(ada) == ("skip", "no_address")


async def test_a_delivery_of_somebody_else_cannot_be_asked_about(ada: Person, grace: Person) -> None:
    entry = await grace.receives(**SHIPPED)
    assert refusal(await ada.client.get(f"/notifications/{entry['id']}/explain"))[0] == 404
