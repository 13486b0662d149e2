"""Every text there is, shown with believable values: for whoever writes texts, before anybody is sent one."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

from tidings.accounts.letters import LETTERS, SAMPLES, Reader
from tidings.accounts.types import Language
from tidings.kernel.errors import TidingsError
from tidings.notifications.content import Said, text_of
from tidings.notifications.letters import notification_letter
from tidings.notifications.types import Channel, NotificationType, TypeRegistry
from tidings.templates.letters import House, Rendered, write_letter

LETTER_PREFIX = "letter."
PREVIEWED = (Channel.IN_APP, Channel.EMAIL)
_PERSON = {"user_id": "0199a0da", "user_name": "Ada Lovelace", "user_username": "ada"}
_READER = "Grace Hopper"


class PreviewNotFound(TidingsError):
    """There is no text of this name for this channel."""

    code = "preview_not_found"
    status = 404


@dataclass(frozen=True, slots=True)
class Preview:
    """A text that can be shown: of a type, named by its key, or a letter of accounts, `letter.<name>`."""

    name: str
    kind: Literal["type", "letter"]
    channel: Channel


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What a sender might send: values for the type's own text, or words where the type has none."""

    data: Mapping[str, Any]  # plain JSON values
    title: str | None = None
    message: str | None = None
    action_url: str | None = None


_SAMPLES: Mapping[str, Sample] = MappingProxyType(
    {
        "activity.new": Sample(data={"activity_id": "17", "name": "Morning ride"}, action_url="/activities/17"),
        "activity.duplicate": Sample(data={"activity_id": "18"}, action_url="/activities/18"),
        "follower.requested": Sample(data=_PERSON, action_url="/followers"),
        "follower.accepted": Sample(data=_PERSON),
        "integration.token_expired": Sample(data={"provider": "Strava"}, action_url="/connections"),
        "integration.sync_failed": Sample(data={"provider": "Strava"}, action_url="/connections"),
        "account.approval_requested": Sample(data=_PERSON, action_url="/console/users"),
        "account.security": Sample(data={"change": "password"}, action_url="/security"),
        "account.export_ready": Sample(data={}, action_url="/data"),
        "insight": Sample(
            data={"action_items": ["Rest tomorrow"]},
            title="Your week",
            message="You rode **120 km**, more than in any week before.",
        ),
        "recommendation": Sample(
            data={}, title="A route for you", message="Try the *river path*: 14 km, hardly a hill."
        ),
        "achievement": Sample(
            data={
                "achievement_name": "Early bird",
                "achievement_description": "Ten rides before breakfast.",
                "xp_earned": 1_500,
            }
        ),
        "level_up": Sample(data={"new_level": 12, "rewards": ["a badge", "a new map"]}),
        "streak": Sample(data={"streak_days": 21, "milestone": True}),
        "reminder": Sample(data={}, title="Service your bicycle", message="It was last looked after six months ago."),
        "social": Sample(
            data={"social_type": "comment", "actor_name": "Emmy Noether"},
            title="New comment",
            message="Emmy Noether commented on your ride: “What symmetry!”",
        ),
        "system": Sample(
            data={},
            title="Maintenance on Sunday",
            message="The server rests from 02:00 to 02:30 UTC.\n\nNothing is lost.",
        ),
        "alert": Sample(
            data={}, title="Storm warning", message="Winds up to `90 km/h` on your route. See [the map](/map)."
        ),
        "message": Sample(data={}, title="Message from Emmy Noether", message="Shall we ride on Saturday?"),
        "update": Sample(data={}, title="Version 2 is here", message="Read [what is new](/news)."),
    }
)


def list_previews(types: TypeRegistry) -> tuple[Preview, ...]:
    """Everything that can be shown: each type in the inbox and by mail, then each letter of accounts."""
    return tuple(_previews(types))


def render_preview(name: str, channel: Channel, language: Language, *, types: TypeRegistry, house: House) -> Rendered:
    """One text in a language, as its reader would see it; in the inbox there is no HTML, and `html` is empty.

    Raises PreviewNotFound, and TextNotRendered for a text that is broken.
    """
    if Preview(name, "letter" if name.startswith(LETTER_PREFIX) else "type", channel) not in list_previews(types):
        raise PreviewNotFound()
    if name.startswith(LETTER_PREFIX):
        of_account = name.removeprefix(LETTER_PREFIX)
        reader = Reader(house=house, language=language, name=_READER)
        return write_letter(LETTERS[of_account](reader, **SAMPLES[of_account]), house=house)
    kind = types.named(name)
    sample = _SAMPLES.get(name) or _imagined(kind)
    said = Said(type=kind, title=sample.title, message=sample.message, data=sample.data)
    if channel is Channel.IN_APP:
        text = text_of(said, None, language)
        return Rendered(text.title, text.message, "")
    letter = notification_letter(
        said,
        None,
        language,
        action_url=sample.action_url,
        action_text=None,
        unsubscribe_url=None if kind.required else f"{house.url}/api/v1/notifications/unsubscribe/token",
        house=house,
    )
    return write_letter(letter, house=house)


def _previews(types: TypeRegistry) -> Iterator[Preview]:
    for kind in types:
        for channel in PREVIEWED:
            yield Preview(kind.key, "type", channel)
    for name in LETTERS:
        yield Preview(f"{LETTER_PREFIX}{name}", "letter", Channel.EMAIL)


def _imagined(kind: NotificationType) -> Sample:
    """For a host's own type, whose values only the host knows: each value is its name."""
    data = {name: f"‹{name}›" for name in kind.variables}
    return Sample(data=data, title=None if kind.title else f"‹{kind.key}›", action_url="/")
