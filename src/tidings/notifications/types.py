"""The vocabulary of notifications: channels, priorities, verdicts, reasons, and the declared types."""

import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from tidings.notifications.errors import UnknownType
from tidings.templates.catalogue import Catalogue
from tidings.templates.inheritance import Part, find_text

FIRST_DERIVED_CODE = 100_000
CHANNEL_PARTS = frozenset({"title", "message", "button"})


class Channel(StrEnum):
    """A way to reach somebody."""

    IN_APP = "in_app"
    EMAIL = "email"
    PUSH = "push"
    SMS = "sms"
    WEBHOOK = "webhook"
    CHAT = "chat"


class Priority(StrEnum):
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    URGENT = "urgent"


class BulkAction(StrEnum):
    """What can be done to many entries at once."""

    MARK_READ = "mark_read"
    MARK_UNREAD = "mark_unread"
    DISMISS = "dismiss"
    DELETE = "delete"


class Verdict(StrEnum):
    """What the plan says of one channel."""

    SEND = "send"
    DEFER = "defer"
    DIGEST = "digest"
    SKIP = "skip"


class Reason(StrEnum):
    """Why a channel got its verdict. The codes are stable; docs/reference/reasons.md explains each."""

    DEFAULT = "default"
    REQUESTED = "requested"
    REQUIRED = "required"
    URGENT = "urgent"
    FALLBACK = "fallback"
    ESCALATION = "escalation"
    QUIET_HOURS = "quiet_hours"
    DIGEST = "digest"
    BATCHED = "batched"
    BUDGET = "budget"
    CHANNEL_OFF = "channel_off"
    TYPE_OFF = "type_off"
    MUTED = "muted"
    UNSUBSCRIBED = "unsubscribed"
    NO_ADDRESS = "no_address"
    ADDRESS_UNVERIFIED = "address_unverified"
    ADDRESS_GONE = "address_gone"
    SUPPRESSED = "suppressed"
    ALREADY_SEEN = "already_seen"
    DISMISSED = "dismissed"
    DELETED = "deleted"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    SUPERSEDED = "superseded"
    USER_INACTIVE = "user_inactive"
    NOT_A_RECIPIENT = "not_a_recipient"
    CHANNEL_NOT_SET_UP = "channel_not_set_up"


@dataclass(frozen=True, slots=True)
class NotificationType:
    """A kind of notification, declared once.

    `title` and `message` are Jinja templates over `data`, `actor` and `language`, used when a sender gives no text;
    `why` says, in the same way, why somebody sees it. Without a `code` a stable one is derived from the key.
    A `required` type passes over every preference. What nobody knows to have arrived is sent again, at the risk of a
    repeat, unless the type says `once`: then it is left to the operator.

    A `catalogue` has the same texts in other languages, under `kind.<key>.title`, `.message` and `.why`. Where one has
    plural forms, the number in `data` that is named by `counted` chooses.

    A channel may have a `title`, `message` and `button` of its own: in the catalogue under `kind.<key>.<channel>.title`
    and so on, or declared, `channel_texts={"email": {"title": "…"}}`. Raises ValueError for any other channel or part.
    """

    key: str
    title: str | None = None
    message: str | None = None
    code: int = 0
    category: str = "general"
    channels: tuple[Channel | str, ...] = (Channel.IN_APP,)
    priority: Priority = Priority.MEDIUM
    required: bool = False
    once: bool = False
    expires_after: timedelta | None = None
    icon: str | None = None
    why: str | None = None
    variables: tuple[str, ...] = ()
    catalogue: Catalogue | None = None
    counted: str | None = None
    channel_texts: Mapping[str, Mapping[str, str]] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "channels", tuple(Channel(channel) for channel in self.channels))
        for channel, texts in self.channel_texts.items():
            if unknown := {channel} - set(Channel) | texts.keys() - CHANNEL_PARTS:
                raise ValueError(f"{self.key}: channel_texts knows no {', '.join(sorted(unknown))}")
        if not self.code:
            object.__setattr__(self, "code", FIRST_DERIVED_CODE + zlib.crc32(self.key.encode()) % 2_000_000_000)

    def template(
        self, part: Part, language: str, channel: Channel | None = None, count: float | None = None
    ) -> str | None:
        """The text's template: from the catalogue, in this language or the default one, else as declared; None without.

        Within each, the channel's own before the one for all channels.
        """
        found = self.catalogue and find_text(
            self.catalogue, self.key, part, language=language, channel=channel, count=count
        )
        if found:
            return found
        own = self.channel_texts.get(channel, {}) if channel is not None else {}
        if part == "why":
            return self.why
        return own.get(part, {"title": self.title, "message": self.message}.get(part))


@dataclass(frozen=True)
class TypeRegistry:
    """Every declared type, by key and by code; two types never share either."""

    types: tuple[NotificationType, ...]
    _by_key: dict[str, NotificationType] = field(init=False, repr=False)
    _by_code: dict[int, NotificationType] = field(init=False, repr=False)

    def __init__(self, types: Iterable[NotificationType]) -> None:
        declared = tuple(types)
        object.__setattr__(self, "types", declared)
        object.__setattr__(self, "_by_key", {kind.key: kind for kind in declared})
        object.__setattr__(self, "_by_code", {kind.code: kind for kind in declared})
        if not len(declared) == len(self._by_key) == len(self._by_code):
            raise ValueError("two notification types share a key or a code")

    def __iter__(self) -> Iterator[NotificationType]:
        return iter(self.types)

    def named(self, key: str) -> NotificationType:
        """The type with this key. Raises UnknownType."""
        try:
            return self._by_key[key]
        except KeyError:
            raise UnknownType(f"There is no notification type {key!r}.") from None

    def with_code(self, code: int) -> NotificationType | None:
        """The type with this code, None when it is no longer declared."""
        return self._by_code.get(code)

    def key_of(self, code: int) -> str:
        """The key of a stored code; a code whose type is no longer declared still gets a name."""
        kind = self.with_code(code)
        return kind.key if kind else f"undeclared.{code}"
