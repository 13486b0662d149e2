"""`send_at`: checked at once, planned and written when its time has come."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker

from tests.clock import StoppedClock
from tests.notifications.answers import SENT, pointers, refusal
from tests.notifications.fanouts import at_work, becomes, declare, explained, kept, look_at, slices
from tests.notifications.storage import delete_person, stored
from tests.outbox.world import QUICK
from tests.server import Live
from tests.world import App, Person, World
from tidings import Tidings, notify
from tidings.notifications.errors import TooManyRecipients
from tidings.outbox.types import DeliveryState

TONIGHT = "2026-03-02T21:00:00Z"
EVENT: dict[str, Any] = {"to": ["ada"], "type": "system", "title": "Good night", "send_at": TONIGHT}
HOURS = 11.5


@pytest.fixture(autouse=True)
def quick(tidings: Tidings) -> None:
    """Its worker looks often."""
    tidings.worker_limits = QUICK


@pytest.fixture
async def working(tidings: Tidings) -> AsyncIterator[None]:
    """The whole worker, as it runs in a server."""
    async with tidings.work():
        yield


async def send(app: App, **changed: Any) -> httpx.Response:
    return await app.client.post("/notifications", json=EVENT | changed)


async def later(app: App, **changed: Any) -> str:
    """An event that is accepted to be sent tonight."""
    sent = await send(app, **changed)
    assert sent.status_code == 202, sent.text
    event_id: str = sent.json()["event_id"]
    return event_id


async def test_it_is_accepted_and_nothing_is_in_the_inbox_before_its_time(
    app: App, ada: Person, clock: StoppedClock, working: None
) -> None:
    sent = await send(app)
    assert (sent.status_code, frozenset(sent.json())) == (202, SENT)
    assert sent.json() | {"event_id": ""} == {"event_id": "", "accepted": 1, "deduplicated": False, "notifications": []}
    clock.advance(hours=11)
    event = await look_at(app, sent.json()["event_id"])
    assert (event["state"], event["send_at"], event["accepted"], event["recipients"]) == ("scheduled", TONIGHT, 0, 1)
    assert (await ada.titles(), await ada.counts()) == ([], (0, 0, 0))
    clock.advance(minutes=30)
    event = await becomes(app, sent.json()["event_id"], "written")
    assert (event["accepted"], event["recipients"], event["deliveries"]) == (1, 1, {})
    assert (await ada.titles(), await ada.counts()) == (["Good night"], (1, 1, 1))
    entry = await ada.sees(event["notifications"][0]["id"])
    assert (entry["event_id"], entry["created_at"]) == (event["id"], TONIGHT)


async def test_an_open_stream_hears_it_when_its_time_has_come(
    live: Live, app: App, ada: Person, clock: StoppedClock
) -> None:
    device = await live.websocket(ada)
    assert (await device.next())["type"] == "connected"
    await later(app)
    clock.advance(hours=HOURS)
    frame = await device.next()
    assert (frame["event"], frame["data"]["title"], frame["unread_count"]) == ("new_notification", "Good night", 1)


@pytest.mark.parametrize("send_at", ["2026-03-02T09:30:00Z", "2020-01-01T00:00:00+01:00"])
async def test_a_time_that_has_come_means_at_once(app: App, ada: Person, tidings: Tidings, send_at: str) -> None:
    sent = await send(app, send_at=send_at)
    assert (sent.status_code, await ada.titles(), await kept(tidings)) == (201, ["Good night"], (0, 0))


async def test_a_time_more_than_a_year_ahead_is_refused(app: App, ada: Person, world: World) -> None:
    before = await stored(world.tidings)
    for path in ("/notifications", "/notifications/preview"):
        answer = await app.client.post(path, json=EVENT | {"send_at": "2027-03-04T00:00:00Z"})
        assert (refusal(answer), pointers(answer)) == ((422, "send_at_too_far"), ["/send_at"])
    assert await stored(world.tidings) == before


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"to": ["ada", "ghost"]}, "unknown_recipient"),
        ({"to": ["new", "ghost"]}, "unknown_recipient"),
        ({"actor": "ghost"}, "unknown_actor"),
        ({"type": "nonsense"}, "unknown_type"),
        ({"title": None}, "text_missing"),
        ({"type": "order.shipped", "title": None}, "text_not_rendered"),
        ({"type": "order.shipped", "title": None, "to": [{"access_type": "admin"}]}, "text_not_rendered"),
        ({"to": [{"id": "ada", "name": "Eve"}]}, "recipient_is_account"),
    ],
)
async def test_what_is_refused_at_once_is_refused_for_later(
    app: App, ada: Person, world: World, tidings: Tidings, changed: dict[str, Any], code: str
) -> None:
    before = await stored(world.tidings)
    assert refusal(await send(app, **changed)) == (422, code)
    assert (await stored(world.tidings), await kept(tidings)) == (before, (0, 0))


async def test_a_repeat_gets_the_first_result_before_its_time_and_what_was_written_after(
    app: App, ada: Person, clock: StoppedClock, tidings: Tidings
) -> None:
    first = await send(app, dedupe_key="k")
    before = await kept(tidings)
    for repeat in (await send(app, dedupe_key="k"), await send(app, dedupe_key="k", to=["ghost"], send_at=None)):
        assert (repeat.status_code, repeat.json()) == (200, first.json() | {"deduplicated": True})
    assert await kept(tidings) == before
    clock.advance(hours=HOURS)
    async with at_work(tidings):
        event = await becomes(app, first.json()["event_id"], "written")
    repeat = await send(app, dedupe_key="k")
    assert (repeat.status_code, repeat.json()) == (
        200,
        first.json() | {"deduplicated": True, "notifications": event["notifications"]},
    )
    assert await ada.titles() == ["Good night"]


async def test_people_are_told_as_they_are_when_its_time_has_come(
    app: App, ada: Person, grace: Person, world: World, clock: StoppedClock, tidings: Tidings
) -> None:
    bob, eve = await world.make_person("bob"), await world.make_person("eve")
    event_id = await later(app, to=["ada", "bob", "eve", "grace"])
    assert (await grace.client.post(f"/users/{bob.id}/suspend")).status_code == 200
    await delete_person(eve, by=grace)
    await ada.client.patch("/notifications/preferences/me", json={"in_app_enabled": False})
    clock.advance(hours=HOURS)
    async with at_work(tidings):
        event = await becomes(app, event_id, "written")
    assert (event["accepted"], event["recipients"]) == (3, 3)
    assert [entry["external_id"] for entry in event["notifications"]] == ["ada", "bob", "grace"]
    for person, verdict in [
        (ada, ("skip", "channel_off")),
        (bob, ("skip", "user_inactive")),
        (eve, ("skip", "not_a_recipient")),
        (grace, ("send", "default")),
    ]:
        decision = await explained(app, event_id, person.id)
        assert (decision["verdict"], decision["reason"]) == verdict
    assert (await ada.titles(), await grace.titles()) == ([], ["Good night"])


async def test_a_role_is_whoever_has_it_when_its_time_has_come(
    app: App, grace: Person, world: World, clock: StoppedClock, tidings: Tidings
) -> None:
    sent = await send(app, to=[{"access_type": "admin"}])
    assert (sent.status_code, sent.json()["accepted"]) == (202, 0)
    event = await look_at(app, sent.json()["event_id"])
    assert (event["state"], event["recipients"]) == ("scheduled", None)
    await world.make_person("barbara", admin=True)
    clock.advance(hours=HOURS)
    async with at_work(tidings):
        event = await becomes(app, event["id"], "written")
    assert (event["accepted"], event["recipients"]) == (2, 2)
    assert [entry["external_id"] for entry in event["notifications"]] == ["grace", "barbara"]


async def test_what_was_said_arrives_whole(
    app: App, ada: Person, grace: Person, clock: StoppedClock, tidings: Tidings
) -> None:
    said: dict[str, Any] = {
        "type": "achievement",
        "title": "A hundred days",
        "message": "In a row",
        "data": {"days": 100, "large": 2**63, "list": [1.5, None, "x"]},
        "priority": "urgent",
        "action_url": "/days",
        "action_text": "Look",
        "icon": "flame",
        "image_url": "/flame.png",
        "group_key": "days",
        "expires_at": "2026-03-09T00:00:00Z",
        "actor": "grace",
    }
    at_once = await ada.receives(**said)
    event_id = await later(app, **said)
    clock.advance(hours=HOURS)
    async with at_work(tidings):
        event = await becomes(app, event_id, "written")
    entry = await ada.sees(event["notifications"][0]["id"])
    own = ("id", "event_id", "created_at", "revision")
    assert {name: value for name, value in entry.items() if name not in own} == {
        name: value for name, value in at_once.items() if name not in own
    }


async def test_channels_that_were_chosen_stay_chosen(
    app: App, ada: Person, clock: StoppedClock, tidings: Tidings
) -> None:
    event_id = await later(app, channels=["email"])
    clock.advance(hours=HOURS)
    async with at_work(tidings):
        event = await becomes(app, event_id, "written")
    assert (await ada.titles(), event["deliveries"]) == ([], {"scheduled": 1})


async def test_it_replaces_what_has_its_collapse_key_by_then(
    app: App, ada: Person, clock: StoppedClock, tidings: Tidings
) -> None:
    event_id = await later(app, collapse_key="night")
    entry = await ada.receives(title="Good evening", collapse_key="night")
    clock.advance(hours=HOURS)
    async with at_work(tidings):
        event = await becomes(app, event_id, "written")
    assert [each["id"] for each in event["notifications"]] == [entry["id"]]
    assert (await ada.titles(), await ada.counts()) == (["Good night"], (1, 1, 1))


async def test_strangers_are_made_at_once(app: App, clock: StoppedClock, tidings: Tidings, world: World) -> None:
    event_id = await later(app, to=[{"id": "kim", "email": "kim@example.org"}, "lee"], create_missing=True)
    assert (await stored(tidings)).users == 2
    clock.advance(hours=HOURS)
    async with at_work(tidings):
        event = await becomes(app, event_id, "written")
    assert [entry["external_id"] for entry in event["notifications"]] == ["kim", "lee"]


async def test_before_its_time_it_is_explained_as_deferred(app: App, ada: Person, grace: Person) -> None:
    event_id = await later(app)
    decision = await explained(app, event_id, ada.id)
    assert (decision["verdict"], decision["reason"], decision["due_at"]) == ("defer", "default", TONIGHT)
    decision = await explained(app, event_id, grace.id)
    assert (decision["verdict"], decision["reason"]) == ("skip", "not_a_recipient")
    decision = await explained(app, await later(app, to=[{"access_type": "admin"}]), grace.id)
    assert (decision["verdict"], decision["due_at"]) == ("defer", TONIGHT)


async def test_a_preview_says_when(app: App, ada: Person, tidings: Tidings) -> None:
    answer = await app.client.post("/notifications/preview", json=EVENT)
    inbox = answer.json()["plans"][0]["decisions"][0]
    assert (inbox["verdict"], inbox["due_at"]) == ("defer", TONIGHT)
    assert await kept(tidings) == (0, 0)


async def test_a_replayed_request_gets_the_same_answer(app: App, ada: Person, tidings: Tidings) -> None:
    headers = {"Idempotency-Key": "k-1"}
    first = await app.client.post("/notifications", json=EVENT, headers=headers)
    repeat = await app.client.post("/notifications", json=EVENT, headers=headers)
    assert (first.status_code, repeat.status_code, repeat.content) == (202, 202, first.content)
    assert repeat.headers["idempotent-replayed"] == "true"
    assert await kept(tidings) == (1, 1)


async def test_a_type_that_is_no_longer_declared_fails_with_its_reason_and_goes_on_once_it_is(
    app: App, ada: Person, grace: Person, clock: StoppedClock, tidings: Tidings
) -> None:
    event_id = await later(app, type="order.shipped")
    clock.advance(hours=HOURS)
    declare(tidings, without="order.shipped")
    async with at_work(tidings):
        event = await becomes(app, event_id, "failed")
        assert (event["accepted"], await ada.titles()) == (0, [])
        [delivery] = await slices(tidings)
        assert delivery.state is DeliveryState.DEAD
        assert "no longer declared" in (delivery.last_error or "")
        assert (await explained(app, event_id, ada.id))["verdict"] == "defer"
        declare(tidings)
        retried = await grace.client.post(f"/deliveries/{delivery.id}/retry")
        assert retried.status_code == 200
        await becomes(app, event_id, "written")
    assert await ada.titles() == ["Good night"]


async def test_a_host_sends_later_in_its_own_transaction(
    app: App, ada: Person, engine: AsyncEngine, clock: StoppedClock, tidings: Tidings
) -> None:
    sessions = async_sessionmaker(engine)
    tonight: dict[str, Any] = {"to": "ada", "title": "Good night", "send_at": clock.now().replace(hour=21, minute=0)}
    async with sessions() as session:
        await notify(session, "system", **tonight)
        await session.rollback()
    assert ((await stored(tidings)).events, await kept(tidings)) == (0, (0, 0))
    async with sessions() as session, session.begin():
        savepoint = await session.begin_nested()
        await notify(session, "system", **tonight, dedupe_key="k")
        await savepoint.rollback()
        sent = await notify(session, "system", **tonight, dedupe_key="k")
        repeat = await notify(session, "system", **tonight, dedupe_key="k")
    assert (sent.accepted, list(sent.entries), sent.is_postponed, sent.deduplicated) == (1, [], True, False)
    assert (repeat.id, repeat.accepted, repeat.is_postponed, repeat.deduplicated) == (sent.id, 1, True, True)
    assert (await kept(tidings), await ada.titles()) == ((1, 1), [])
    clock.advance(hours=HOURS)
    async with at_work(tidings):
        await becomes(app, str(sent.id), "written")
    assert await ada.titles() == ["Good night"]


async def test_a_host_names_at_most_ten_thousand(ada: Person, engine: AsyncEngine) -> None:
    async with async_sessionmaker(engine)() as session:
        with pytest.raises(TooManyRecipients):
            await notify(session, "system", to=["ada"] * 10_001, title="Hello")


@pytest.mark.parametrize(
    ("send_at", "expires_at"),
    [
        (TONIGHT, TONIGHT),
        (TONIGHT, "2026-03-02T20:00:00Z"),
        (None, "2026-03-02T09:30:00Z"),
        (None, "2020-01-01T00:00:00Z"),
    ],
)
async def test_what_nobody_would_see_is_refused(app: App, ada: Person, send_at: str | None, expires_at: str) -> None:
    sent = await send(app, send_at=send_at, expires_at=expires_at)
    assert (refusal(sent), pointers(sent)) == ((422, "expires_too_soon"), ["/expires_at"])
    assert await ada.counts() == (0, 0, 0)


async def test_a_repeat_of_what_has_expired_gets_the_first_result(app: App, ada: Person, clock: StoppedClock) -> None:
    once = {"send_at": None, "expires_at": "2026-03-02T20:00:00Z", "dedupe_key": "k"}
    first = await send(app, **once)
    clock.advance(hours=HOURS)
    repeat = await send(app, **once)
    assert (first.status_code, repeat.status_code) == (201, 200)
    assert repeat.json()["event_id"] == first.json()["event_id"]


async def test_what_expires_while_no_worker_comes_is_not_written(
    app: App, ada: Person, clock: StoppedClock, tidings: Tidings
) -> None:
    event_id = await later(app, expires_at="2026-03-02T22:00:00Z")
    clock.advance(hours=HOURS + 2)
    async with at_work(tidings):
        event = await becomes(app, event_id, "written")
    assert event["accepted"] == 0
    assert (await ada.titles(), await ada.counts()) == ([], (0, 0, 0))
