"""What a sender asks for: one event, its recipients, and its text in a language."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from tidings.accounts.types import AccessType, Language
from tidings.notifications.errors import TextMissing, TextNotRendered
from tidings.notifications.types import Channel, NotificationType, Priority
from tidings.templates.inheritance import Part, fill_text
from tidings.templates.render import TemplateFailed

MAX_TITLE_LENGTH = 250
MAX_MESSAGE_LENGTH = 4_000
MAX_DATA_BYTES = 16_384
MAX_RECIPIENTS = 10_000


@dataclass(frozen=True, slots=True)
class Somebody:
    """An inline recipient: a name the host uses, and what the host knows of them."""

    id: str
    email: str | None = None
    name: str | None = None

    @property
    def says_something(self) -> bool:
        return self.email is not None or self.name is not None


@dataclass(frozen=True, slots=True)
class Everyone:
    """Every active user with this access type."""

    access_type: AccessType


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a sender wrote, and the values for what the type's own texts say."""

    type: NotificationType
    title: str | None
    message: str | None
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEvent:
    """One call of `notify()`, checked. Times are aware; `channels` None means the type's own."""

    type: NotificationType
    to: tuple[str | Somebody | Everyone, ...]
    title: str | None = None
    message: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
    priority: Priority | None = None
    actor: str | None = None
    channels: frozenset[Channel] | None = None
    action_url: str | None = None
    action_text: str | None = None
    icon: str | None = None
    image_url: str | None = None
    source: str = "default"
    dedupe_key: str | None = None
    collapse_key: str | None = None
    group_key: str | None = None
    send_at: datetime | None = None
    expires_at: datetime | None = None
    create_missing: bool = False
    may_write_users: bool = True
    """Whether inline values may change a known recipient (scope `users:write`)."""

    @property
    def said(self) -> Said:
        return Said(type=self.type, title=self.title, message=self.message, data=self.data)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did what the notification tells of, as shown beside it."""

    id: UUID
    external_id: str | None
    name: str | None
    username: str | None

    def shown(self) -> dict[str, Any]:
        return {"id": str(self.id), "external_id": self.external_id, "name": self.name, "username": self.username}


@dataclass(frozen=True, slots=True)
class Text:
    """What people read, in one language."""

    title: str
    message: str
    why: str | None


def text_of(said: Said, actor: Mapping[str, Any] | None, language: Language, channel: Channel = Channel.IN_APP) -> Text:
    """The sender's text; else the type's, in this language or as declared. Raises TextMissing or TextNotRendered.

    `actor` is as shown.
    """
    values = {"data": said.data, "actor": actor}
    title = said.title if said.title is not None else _filled(said, "title", values, channel, language)
    if title is None:
        raise TextMissing()
    message = said.message if said.message is not None else _filled(said, "message", values, channel, language)
    why = _filled(said, "why", values, channel, language)
    return Text(title[:MAX_TITLE_LENGTH], (message or "")[:MAX_MESSAGE_LENGTH], why)


def button_of(said: Said, actor: Mapping[str, Any] | None, language: Language, channel: Channel) -> str | None:
    """What the type's own button says on this channel; None when it says nothing. Raises TextNotRendered."""
    return _filled(said, "button", {"data": said.data, "actor": actor}, channel, language)


def _filled(said: Said, part: Part, values: Mapping[str, Any], channel: Channel, language: Language) -> str | None:
    key = said.type.key
    try:
        template = said.type.template(part, language, channel, _count(said))
        if template is None:
            return None
        return fill_text(template, values, key=key, part=part, channel=channel, language=language).strip()
    except TemplateFailed as error:
        raise TextNotRendered(str(error)) from error


def _count(said: Said) -> float | None:
    """The number that chooses a plural form; a wrong one is reported by the text that shows it."""
    count = said.data.get(said.type.counted) if said.type.counted is not None else None
    return count if isinstance(count, int | float) and not isinstance(count, bool) else None
