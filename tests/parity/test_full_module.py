"""What the full notifications module documents (F in PARITY, in its order), shown on ours; docs/parity.md lists it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from tests.world import Person, World
from tidings.notifications.helpers import (
    send_achievement_notification,
    send_alert_notification,
    send_insight_notification,
    send_level_up_notification,
    send_notification,
    send_recommendation_notification,
    send_reminder_notification,
    send_social_notification,
    send_streak_notification,
    send_system_notification,
)
from tidings.notifications.notifying import SentEvent

ME = "/notifications/preferences/me"
Send = Callable[..., Awaitable[SentEvent]]


@pytest.fixture
async def db(world: World) -> AsyncIterator[AsyncSession]:
    """A host's session; what it wrote is committed by `told`."""
    async with world.tidings.database.sessions() as session:
        yield session


async def told(db: AsyncSession, ada: Person, send: Send, *args: Any, **kwargs: Any) -> dict[str, Any]:
    """What Ada sees once a helper was called and the host has committed."""
    sent = await send(db, ada.id, *args, **kwargs)
    await db.commit()
    return await ada.sees(str(sent.entries[0].id))


async def test_f1_send_notification(db: AsyncSession, ada: Person) -> None:
    entry = await told(db, ada, send_notification, "system", "Title", "Message")
    assert (entry["type"], entry["title"], entry["message"]) == ("system", "Title", "Message")
    assert (entry["priority"], entry["icon"], entry["action_url"]) == ("medium", "info", None)


async def test_f1_send_notification_with_everything(db: AsyncSession, ada: Person) -> None:
    said = {"priority": "high", "icon": "box", "action_url": "/orders/17", "action_text": "View"}
    entry = await told(db, ada, send_notification, "alert", "Title", "Message", **said, group_key="orders")
    assert {name: entry[name] for name in said} == said
    assert entry["group_key"] == "orders"


async def test_f2_achievement(db: AsyncSession, ada: Person) -> None:
    entry = await told(
        db,
        ada,
        send_achievement_notification,
        achievement_name="Early bird",
        achievement_description="Ten mornings before seven.",
        xp_earned=50,
    )
    assert (entry["type"], entry["type_code"], entry["priority"]) == ("achievement", 203, "high")
    assert entry["title"] == "Achievement unlocked: Early bird"
    assert entry["message"] == "Ten mornings before seven. You earned 50 XP."
    assert entry["data"] == {
        "achievement_name": "Early bird",
        "achievement_description": "Ten mornings before seven.",
        "xp_earned": 50,
    }


@pytest.mark.parametrize(
    ("rewards", "message"),
    [
        ([], "Congratulations!"),
        (["a badge"], "Congratulations! You unlocked a badge."),
        (["a badge", "a theme", "a title"], "Congratulations! You unlocked a badge, a theme and a title."),
    ],
)
async def test_f3_level_up(db: AsyncSession, ada: Person, rewards: list[str], message: str) -> None:
    entry = await told(db, ada, send_level_up_notification, new_level=5, rewards=rewards)
    assert (entry["type"], entry["title"], entry["message"]) == ("level_up", "You reached level 5", message)
    assert entry["data"] == {"new_level": 5, "rewards": rewards}


@pytest.mark.parametrize(
    ("days", "milestone", "title", "priority"),
    [
        (1, False, "1 day in a row", "medium"),
        (6, False, "6 days in a row", "medium"),
        (30, True, "Milestone: 30 days in a row", "high"),
    ],
)
async def test_f4_streak(db: AsyncSession, ada: Person, days: int, milestone: bool, title: str, priority: str) -> None:
    entry = await told(db, ada, send_streak_notification, streak_days=days, milestone=milestone)
    assert (entry["type"], entry["title"], entry["priority"]) == ("streak", title, priority)
    assert entry["data"] == {"streak_days": days, "milestone": milestone}


async def test_f5_insight(db: AsyncSession, ada: Person) -> None:
    items = ["Go to bed earlier", "Walk more"]
    entry = await told(
        db, ada, send_insight_notification, insight_title="Sleep", insight_message="You slept less.", action_items=items
    )
    assert (entry["type"], entry["title"]) == ("insight", "Sleep")
    assert entry["message"] == "You slept less.\n- Go to bed earlier\n- Walk more"
    assert entry["data"] == {"action_items": items}


@pytest.mark.parametrize(
    ("send", "kind", "priority"),
    [
        pytest.param(send_recommendation_notification, "recommendation", "medium", id="F6"),
        pytest.param(send_reminder_notification, "reminder", "medium", id="F7"),
        pytest.param(send_system_notification, "system", "medium", id="F9"),
        pytest.param(send_alert_notification, "alert", "urgent", id="F10"),
    ],
)
async def test_f6_f7_f9_f10_title_and_message(
    db: AsyncSession, ada: Person, send: Send, kind: str, priority: str
) -> None:
    entry = await told(db, ada, send, title="Title", message="Message")
    assert (entry["type"], entry["title"], entry["message"]) == (kind, "Title", "Message")
    assert (entry["priority"], entry["data"]) == (priority, {})


@pytest.mark.parametrize(
    ("social_type", "title", "message"),
    [
        ("friend_request", "New friend request", "Grace {0} would like to be your friend."),
        ("high_five", "High five", "High five from Grace {0}."),
    ],
)
async def test_f8_social(db: AsyncSession, ada: Person, social_type: str, title: str, message: str) -> None:
    entry = await told(db, ada, send_social_notification, social_type=social_type, actor_name="Grace {0}")
    assert (entry["type"], entry["title"], entry["message"]) == ("social", title, message)
    assert entry["data"] == {"social_type": social_type, "actor_name": "Grace {0}"}


async def test_f11_create_and_list_with_the_unread_count(ada: Person) -> None:
    await ada.receives("achievement", title="Well done")
    found = (await ada.client.get("/notifications", params={"page": 1, "page_size": 20})).json()
    assert ([entry["title"] for entry in found["notifications"]], found["unread_count"]) == (["Well done"], 1)


async def test_f12_bulk(ada: Person) -> None:
    ids = [(await ada.receives())["id"] for _ in range(2)]
    answer = await ada.client.post("/notifications/bulk", json={"notification_ids": ids, "action": "mark_read"})
    assert answer.json() == {"success": True, "affected_count": 2, "message": "Marked 2 notifications as read"}


async def test_f13_preferences_are_there_from_the_start_and_can_be_updated(ada: Person) -> None:
    assert (await ada.client.get(ME)).json()["email_enabled"] is True
    await ada.client.put(ME, json=(await ada.client.get(ME)).json() | {"email_enabled": False})
    assert (await ada.client.get(ME)).json()["email_enabled"] is False


async def test_f14_should_send(ada: Person) -> None:
    await ada.client.patch(ME, json={"type_preferences": {"insight": {"in_app": False}}})
    for kind, verdict in (("insight", "skip"), ("alert", "send")):
        body = {"to": ["ada"], "type": kind, "title": "?"}
        plan = (await ada.world.app.client.post("/notifications/preview", json=body)).json()["plans"][0]
        assert plan["decisions"][0]["verdict"] == verdict


async def test_f18_a_custom_message_to_a_user_and_to_all(ada: Person) -> None:
    for whom in ({"user_id": str(ada.id)}, {"all": True}):
        answer = await ada.world.app.client.post("/streams/send", json=whom | {"data": {"hello": 1}})
        assert answer.json()["success"] is True


async def test_f19_who_is_connected(ada: Person) -> None:
    assert (await ada.world.app.client.get(f"/streams/{ada.id}")).json() == {"connected": False}
    assert (await ada.world.app.client.get("/streams/stats")).json() == {"users": 0, "connections": 0}


@pytest.mark.parametrize("priority", ["low", "medium", "high", "urgent"])
async def test_f20_priorities(ada: Person, priority: str) -> None:
    assert (await ada.receives(priority=priority))["priority"] == priority
