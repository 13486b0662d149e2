"""Withdrawing an event: what is not sent never is, what is in an inbox stays."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

from tests.clock import StoppedClock
from tests.notifications.answers import refusal
from tests.notifications.fanouts import Pausing, at_work, becomes, crowd, explained, look_at, reached, slices
from tests.outbox.world import until
from tests.world import App, Person, World
from tidings import Tidings
from tidings.accounts.types import Scope
from tidings.channels.base import Sent, Skip
from tidings.notifications.fanning_out import FanoutSender, Slice
from tidings.outbox.types import DeliveryState

TONIGHT = "2026-03-02T21:00:00Z"
NAMES = crowd(2_100)
SHIPPED: dict[str, Any] = {"type": "order.shipped", "data": {"number": 17}}


async def send(app: App, *to: Any, **event: Any) -> str:
    answer = await app.client.post("/notifications", json={"to": to, "type": "system", "title": "Hello"} | event)
    assert answer.status_code in {201, 202}, answer.text
    event_id: str = answer.json()["event_id"]
    return event_id


async def cancel(app: App, event_id: str) -> dict[str, Any]:
    answer = await app.client.post(f"/events/{event_id}/cancel")
    assert answer.status_code == 200, answer.text
    event: dict[str, Any] = answer.json()
    return event


async def never() -> None:
    raise AssertionError("a slice is never handed over")


async def test_before_its_time_nothing_is_ever_written(
    app: App, ada: Person, grace: Person, clock: StoppedClock, tidings: Tidings
) -> None:
    event_id = await send(app, "ada", send_at=TONIGHT)
    event = await cancel(app, event_id)
    assert event == await look_at(app, event_id) | {"cancelled": 0}
    assert (event["state"], event["accepted"], event["recipients"]) == ("cancelled", 0, 1)
    clock.advance(hours=12)
    other = await send(app, "ada", title="Another", send_at=TONIGHT)
    later = await send(app, "ada", title="Later", send_at="2026-03-02T22:00:00Z")
    clock.advance(hours=1)
    async with at_work(tidings):
        await becomes(app, later, "written")
    assert (await look_at(app, event_id))["state"] == "cancelled"
    assert (await look_at(app, other))["state"] == "written"
    assert await ada.titles() == ["Later", "Another"]
    decision = await explained(app, event_id, ada.id)
    assert (decision["verdict"], decision["reason"], decision["detail"]) == (
        "skip",
        "cancelled",
        "The sender withdrew it.",
    )
    assert (await explained(app, event_id, grace.id))["reason"] == "not_a_recipient"


async def test_repeating_it_changes_nothing_and_the_key_stays_taken(app: App, ada: Person) -> None:
    event_id = await send(app, "ada", send_at=TONIGHT, dedupe_key="k")
    first = await cancel(app, event_id)
    assert await cancel(app, event_id) == first
    again = await app.client.post(
        "/notifications", json={"to": ["ada"], "type": "system", "title": "Again", "dedupe_key": "k"}
    )
    assert (again.status_code, again.json()["event_id"]) == (200, event_id)
    assert await ada.titles() == []


async def test_in_the_middle_what_is_written_stays_and_the_rest_is_dropped(app: App, tidings: Tidings) -> None:
    event_id = await send(app, *NAMES, create_missing=True, title=None, **SHIPPED)
    paused = Pausing(FanoutSender(tidings.database))
    paused.points.stops = {"before 1"}
    async with at_work(tidings, paused):
        await until(paused.points.is_reached("before 1"))
        event = await cancel(app, event_id)
        assert (event["state"], event["accepted"], event["recipients"]) == ("cancelled", 1_000, 2_100)
        paused.points.stops.clear()

        async def has_ended() -> bool:
            return (await slices(tidings))[-1].state is DeliveryState.SKIPPED

        await until(has_ended)
    assert [(each.state, each.reason) for each in await slices(tidings)] == [("sent", None), ("skipped", "cancelled")]
    assert await look_at(app, event_id) | {"cancelled": 0} == event
    assert await reached(tidings, event_id) == dict.fromkeys(NAMES[:1_000], 1)


async def test_mails_that_wait_are_withdrawn_with_the_rest(
    app: App, ada: Person, grace: Person, tidings: Tidings
) -> None:
    event_id = await send(app, "ada", "grace", **SHIPPED)
    assert (await look_at(app, event_id))["deliveries"] == {"scheduled": 2}
    event = await cancel(app, event_id)
    assert (event["state"], event["cancelled"], event["deliveries"]) == ("written", 2, {"cancelled": 2})
    assert (await cancel(app, event_id))["cancelled"] == 0
    assert await ada.titles() == ["Hello"]
    path = f"/events/{event_id}/explain"
    mail = (await app.client.get(path, params={"user_id": str(ada.id)})).json()["decisions"][1]
    assert (mail["channel"], mail["verdict"], mail["reason"]) == ("email", "skip", "cancelled")


async def test_after_everything_is_written_the_inboxes_stay(
    app: App, ada: Person, clock: StoppedClock, tidings: Tidings
) -> None:
    event_id = await send(app, "ada", send_at=TONIGHT)
    clock.advance(hours=12)
    async with at_work(tidings):
        await becomes(app, event_id, "written")
    event = await cancel(app, event_id)
    assert (event["state"], event["accepted"], event["cancelled"]) == ("written", 1, 0)
    assert await ada.titles() == ["Hello"]
    assert (await explained(app, event_id, ada.id))["verdict"] == "send"


async def test_while_a_slice_is_being_written_it_ends_with_that_slice(app: App, tidings: Tidings) -> None:
    people = [{"id": name, "email": f"{name}@example.org"} for name in NAMES]
    event_id = await send(app, *people, title=None, **SHIPPED)
    sender = FanoutSender(tidings.database)
    _, event = await asyncio.gather(sender.send(Slice(UUID(event_id), 0), handing_over=never), cancel(app, event_id))
    assert event["state"] == "cancelled"
    assert event["accepted"] == event["cancelled"] == event["deliveries"].get("cancelled", 0)
    assert event["accepted"] in {0, 1_000}
    for position in range(3):
        assert await sender.send(Slice(UUID(event_id), position), handing_over=never) in (Skip("cancelled"), Sent())
    assert (await look_at(app, event_id))["accepted"] == event["accepted"]


async def test_an_operator_who_cancels_the_slice_alone_may_change_their_mind(
    app: App, ada: Person, grace: Person, clock: StoppedClock, tidings: Tidings
) -> None:
    event_id = await send(app, "ada", send_at=TONIGHT)
    [delivery] = await slices(tidings)
    assert (await grace.client.post(f"/deliveries/{delivery.id}/cancel")).status_code == 200
    assert (await look_at(app, event_id))["state"] == "cancelled"
    clock.advance(hours=12)
    assert (await grace.client.post(f"/deliveries/{delivery.id}/retry")).status_code == 200
    assert (await look_at(app, event_id))["state"] == "scheduled"
    async with at_work(tidings):
        await becomes(app, event_id, "written")
    assert await ada.titles() == ["Hello"]


async def test_a_withdrawn_event_stays_so_whatever_is_retried(
    app: App, ada: Person, grace: Person, clock: StoppedClock, tidings: Tidings
) -> None:
    event_id = await send(app, "ada", send_at=TONIGHT)
    await cancel(app, event_id)
    [delivery] = await slices(tidings)
    clock.advance(hours=12)
    assert (await grace.client.post(f"/deliveries/{delivery.id}/retry")).status_code == 200
    async with at_work(tidings):

        async def has_ended() -> bool:
            return (await slices(tidings))[0].state is DeliveryState.SKIPPED

        await until(has_ended)
    assert ((await look_at(app, event_id))["state"], await ada.titles()) == ("cancelled", [])


async def test_an_unknown_event_cannot_be_withdrawn(app: App) -> None:
    assert refusal(await app.client.post(f"/events/{uuid4()}/cancel")) == (404, "event_not_found")


async def test_only_who_may_send_may_withdraw(world: World, app: App, ada: Person) -> None:
    event_id = await send(app, "ada", send_at=TONIGHT)
    reader = await world.make_app(Scope.NOTIFICATIONS_READ)
    assert refusal(await reader.client.post(f"/events/{event_id}/cancel")) == (403, "insufficient_scope")
    assert (await ada.client.post(f"/events/{event_id}/cancel")).status_code == 403
    assert (await look_at(app, event_id))["state"] == "scheduled"
