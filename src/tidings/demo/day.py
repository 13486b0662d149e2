"""A believable day: what each inhabitant was told, and when."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from tidings.demo.people import ADA, EMMY, GRACE, RAMON, Person
from tidings.notifications.types import Priority


@dataclass(frozen=True, slots=True)
class Tiding:
    """Something people were told, `ago` before now."""

    to: tuple[Person, ...]
    type: str
    title: str | None = None
    message: str | None = None
    ago: timedelta = timedelta()
    actor: Person | None = None
    data: dict[str, Any] = field(default_factory=dict)
    priority: Priority | None = None
    action_url: str | None = None
    action_text: str | None = None
    group_key: str | None = None
    is_read: bool = False


def _hours(number: float) -> timedelta:
    return timedelta(hours=number)


EVERYBODY = (GRACE, ADA, EMMY, RAMON)
DAY: tuple[Tiding, ...] = (
    Tiding((ADA,), "reminder", "Water the ferns", "They have waited since Thursday.", _hours(26), is_read=True),
    Tiding(EVERYBODY, "update", "Release 2.4 is out", "Faster search, and a calmer inbox.", _hours(23), is_read=True),
    Tiding((ADA,), "follower.requested", ago=_hours(21), actor=EMMY, data={"user_name": "Emmy Noether"}),
    Tiding((GRACE,), "alert", "Disk nearly full", "Build machine 3 has 4 % left.", _hours(9), priority=Priority.URGENT),
    Tiding(
        (ADA, EMMY),
        "message",
        "Notes on the Analytical Engine",
        "“Have a look at note G before we publish?”",
        _hours(7.5),
        actor=RAMON,
        action_url="/inbox",
        action_text="Reply",
        group_key="thread-engine",
    ),
    Tiding((ADA,), "achievement", "A hundred days in a row", "You practised every single day.", _hours(5)),
    Tiding((EMMY,), "streak", "Seven days", "A week without a gap.", _hours(4), data={"streak_days": 7}),
    Tiding((ADA,), "activity.new", ago=_hours(2.2), data={"name": "Morning run", "activity_id": "a-1042"}),
    Tiding(
        (ADA,),
        "message",
        "Lunch?",
        "“The usual place, half past twelve.”",
        _hours(1),
        actor=GRACE,
        action_url="/inbox",
        action_text="Answer",
    ),
    Tiding((ADA, RAMON), "insight", "You read most at nine", "Shall the digest come then?", _hours(0.3)),
    Tiding(
        (ADA,), "social", "Emmy accepted your invitation", "Thursday, 18:00, the reading room.", timedelta(minutes=4)
    ),
)
