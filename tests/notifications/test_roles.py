"""A role as a recipient: at once while it is small, in slices of whoever has it when it is large."""

from typing import Any

from sqlalchemy import select, update

from tests.notifications.fanouts import Pausing, at_work, becomes, crowd, explained, kept, look_at, make_crowd, reached
from tests.outbox.world import until
from tests.world import App, Person, World
from tidings import Tidings
from tidings.accounts.models import User
from tidings.accounts.types import AccountState, Language
from tidings.notifications.fanning_out import FanoutSender
from tidings.notifications.models import Fanout, Notification

NAMES = crowd(2_300)
EVENT: dict[str, Any] = {"to": [{"access_type": "regular"}], "type": "system", "title": "To everybody"}


async def send(app: App, *to: Any, status: int = 202, **changed: Any) -> dict[str, Any]:
    recipients = [*to, {"access_type": "regular"}]
    answer = await app.client.post("/notifications", json=EVENT | {"to": recipients} | changed)
    assert answer.status_code == status, answer.text
    sent: dict[str, Any] = answer.json()
    return sent


async def test_a_small_role_is_reached_at_once_together_with_who_is_named(
    app: App, world: World, ada: Person, grace: Person, tidings: Tidings
) -> None:
    await make_crowd(world, NAMES[:997])
    sent = await send(app, "ada", "grace", "crowd-7", "new", create_missing=True, status=201)
    assert (sent["accepted"], await kept(tidings)) == (1_000, (0, 0))
    assert (await send(app, "new-1", "new-2", "new-3", create_missing=True))["accepted"] == 3


async def test_everybody_who_has_a_large_role_gets_one_also_who_is_named_besides(
    app: App, world: World, ada: Person, grace: Person, tidings: Tidings
) -> None:
    await make_crowd(world, NAMES)
    await make_crowd(world, ["suspended"], state=AccountState.SUSPENDED)
    await make_crowd(world, ["known"], state=AccountState.RECIPIENT)
    sent = await send(app, "grace", "crowd-7", "suspended", "crowd-2299", {"access_type": "regular"})
    assert (sent["accepted"], sent["notifications"]) == (4, [])
    assert (await look_at(app, sent["event_id"]))["recipients"] is None
    async with at_work(tidings):
        event = await becomes(app, sent["event_id"], "written")
    everybody = {"grace", "ada", "suspended", *NAMES}
    assert (event["accepted"], event["recipients"]) == (len(everybody), len(everybody))
    assert await reached(tidings, sent["event_id"]) == dict.fromkeys(everybody, 1)
    assert [entry["external_id"] for entry in event["notifications"][:4]] == [
        "grace",
        "crowd-7",
        "suspended",
        "crowd-2299",
    ]
    assert (await ada.counts(), await grace.counts()) == ((1, 1, 1), (1, 1, 1))


async def test_two_roles_are_walked_as_one(app: App, world: World, grace: Person, tidings: Tidings) -> None:
    await make_crowd(world, NAMES[:1_200])
    sent = await send(app, {"access_type": "admin"})
    async with at_work(tidings):
        await becomes(app, sent["event_id"], "written")
    assert await reached(tidings, sent["event_id"]) == dict.fromkeys([*NAMES[:1_200], "grace"], 1)


async def test_who_loses_the_role_or_joins_it_while_it_is_written_is_told_by_what_holds_then(
    app: App, world: World, grace: Person, tidings: Tidings
) -> None:
    ids = await make_crowd(world, NAMES[:1_500])
    sent = await send(app)
    paused = Pausing(FanoutSender(tidings.database))
    paused.points.stops = {"before 1"}
    async with at_work(tidings, paused):
        await until(paused.points.is_reached("before 1"))
        assert (await grace.client.post(f"/users/{ids[1_200]}/suspend")).status_code == 200
        assert (await grace.client.delete(f"/users/{ids[1_300]}")).status_code == 204
        await make_crowd(world, ["newcomer"])
        paused.points.stops.clear()
        await becomes(app, sent["event_id"], "written")
    gone = {NAMES[1_200], NAMES[1_300]}
    everybody = [name for name in NAMES[:1_500] if name not in gone]
    assert await reached(tidings, sent["event_id"]) == dict.fromkeys([*everybody, "newcomer"], 1)
    assert (await explained(app, sent["event_id"], ids[1_200]))["reason"] == "not_a_recipient"


async def test_everybody_reads_it_in_their_own_language(app: App, world: World, tidings: Tidings) -> None:
    ids = await make_crowd(world, NAMES[:1_100])
    async with tidings.database.write() as session:
        last = update(User).where(User.id == ids[-1])
        await session.execute(last.values(preferred_language=Language.GERMAN))
    sent = await send(app, type="achievement", title=None, data={"achievement_name": "X"})
    async with at_work(tidings):
        await becomes(app, sent["event_id"], "written")
    async with tidings.database.read() as session:
        titles = [
            await session.scalar(select(Notification.title).where(Notification.user_id == user_id))
            for user_id in (ids[0], ids[-1])
        ]
    assert titles[0] == "Achievement unlocked: X"
    assert titles[1] not in {None, titles[0]}


async def test_a_preview_of_a_large_role_shows_a_thousand_of_its_members(app: App, world: World, grace: Person) -> None:
    await make_crowd(world, NAMES[:1_100])
    event = EVENT | {"to": ["grace", {"access_type": "regular"}]}
    plans = (await app.client.post("/notifications/preview", json=event)).json()["plans"]
    assert len({plan["user_id"] for plan in plans}) == len(plans) == 1_001


async def test_what_was_needed_to_write_it_is_not_kept_afterwards(app: App, world: World, tidings: Tidings) -> None:
    await make_crowd(world, NAMES[:1_100])
    sent = await send(app, "crowd-7")
    async with at_work(tidings):
        await becomes(app, sent["event_id"], "written")
    async with tidings.database.read() as session:
        fanout = (await session.scalars(select(Fanout))).one()
    assert (fanout.request, fanout.user_ids) == ({}, [])
