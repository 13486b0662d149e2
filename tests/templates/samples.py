"""The built-in kinds that have words, and data to fill them with."""

from collections.abc import Mapping
from typing import Any, get_args

from tidings.accounts.events import CredentialKind
from tidings.accounts.types import Language
from tidings.notifications.content import NewEvent, Text, text_of
from tidings.notifications.kinds import BUILT_IN
from tidings.notifications.types import NotificationType

WORDED = tuple(kind for kind in BUILT_IN if kind.title is not None)
PERSON = {"user_id": "1", "user_name": "Emmy", "user_username": "emmy"}
SAMPLES: Mapping[str, tuple[Mapping[str, Any], ...]] = {
    "activity.new": ({"activity_id": "1"}, {"name": "Zürich 10 k"}),
    "activity.duplicate": ({"activity_id": "1"},),
    "follower.requested": (PERSON,),
    "follower.accepted": (PERSON,),
    "integration.token_expired": ({"provider": "Strava"},),
    "integration.sync_failed": ({"provider": "Strava"},),
    "account.approval_requested": (PERSON,),
    "account.security": tuple({"change": what} for what in (*get_args(CredentialKind), "Zürich")),
    "account.export_ready": ({},),
    "achievement": (
        {"achievement_name": "Zürich"},
        {"achievement_name": "Zürich", "achievement_description": "10 k.", "xp_earned": 12_500},
    ),
    "level_up": ({"new_level": 5}, {"new_level": 5, "rewards": ["Strava"]}, {"new_level": 5, "rewards": ["A", "B"]}),
    "streak": tuple(
        {"streak_days": days, "milestone": milestone} for days in (1, 2, 3, 5, 1_000_000) for milestone in (True, False)
    ),
}


def every_sample() -> list[tuple[NotificationType, Mapping[str, Any]]]:
    return [(kind, data) for kind in WORDED for data in SAMPLES[kind.key]]


def said(kind: NotificationType, data: Mapping[str, Any], language: str | Language = "us") -> Text:
    """What somebody who reads this language is told."""
    return text_of(NewEvent(type=kind, to=("ada",), data=data).said, None, Language(language))


def named(key: str) -> NotificationType:
    """The built-in kind with this key."""
    return next(kind for kind in BUILT_IN if kind.key == key)
