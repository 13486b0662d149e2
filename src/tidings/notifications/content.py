"""What a sender asks for: one event, its recipients, and its text in a language."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from tidings.accounts.types import AccessType, Language
from tidings.notifications.errors import TextMissing, TextNotRendered
from tidings.notifications.types import Channel, NotificationType, Priority
from tidings.templates.render import TemplateFailed, render_text

MAX_TITLE_LENGTH = 250
MAX_MESSAGE_LENGTH = 4_000
MAX_DATA_BYTES = 16_384
MAX_RECIPIENTS = 10_000
Part = Literal["title", "message", "why"]


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
    expires_at: datetime | None = None
    create_missing: bool = False
    may_write_users: bool = True
    """Whether inline values may change a known recipient (scope `users:write`)."""


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


def text_of(event: NewEvent, actor: Actor | None, language: Language) -> Text:
    """The sender's text; else the type's, in this language or as declared. Raises TextMissing or TextNotRendered."""
    values = {"data": event.data, "actor": actor.shown() if actor else None, "language": language.value}
    title = event.title if event.title is not None else _filled(event, "title", values)
    if title is None:
        raise TextMissing()
    message = event.message if event.message is not None else _filled(event, "message", values)
    return Text(title[:MAX_TITLE_LENGTH], (message or "")[:MAX_MESSAGE_LENGTH], _filled(event, "why", values))


def _filled(event: NewEvent, part: Part, values: Mapping[str, Any]) -> str | None:
    template = _template(event, part, values["language"])
    if template is None:
        return None
    try:
        return render_text(template, values).strip()
    except TemplateFailed as error:
        raise TextNotRendered(str(error)) from error


def _template(event: NewEvent, part: Part, language: str) -> str | None:
    kind = event.type
    own = {"title": kind.title, "message": kind.message, "why": kind.why}[part]
    if kind.catalogue is None:
        return own
    return kind.catalogue.text(f"kind.{kind.key}.{part}", language, _count(event)) or own


def _count(event: NewEvent) -> float | None:
    """The number that chooses a plural form; a wrong one is reported by the text that shows it."""
    count = event.data.get(event.type.counted) if event.type.counted is not None else None
    return count if isinstance(count, int | float) and not isinstance(count, bool) else None
