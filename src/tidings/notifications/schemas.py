"""What crosses the wire about notifications (API.md, Notifications)."""

from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from pydantic import AfterValidator, BeforeValidator, ConfigDict, Discriminator, Field, StringConstraints, Tag

from tidings.accounts.schemas import Email
from tidings.accounts.types import AccessType
from tidings.kernel.http.schemas import Answer, Body, ListAnswer, UtcTime
from tidings.notifications.content import MAX_DATA_BYTES, MAX_MESSAGE_LENGTH, MAX_RECIPIENTS, MAX_TITLE_LENGTH
from tidings.notifications.types import BulkAction, Channel, Priority, Reason, Verdict
from tidings.outbox.types import DeliveryState

MAX_BULK = 1_000


def _small_data(value: dict[str, Any]) -> dict[str, Any]:
    if not all(-(2**63) <= number < 2**64 for number in _integers(value)):
        raise ValueError("data holds a number beyond 64 bits")
    if len(msgspec.json.encode(value)) > MAX_DATA_BYTES:
        raise ValueError(f"data takes at most {MAX_DATA_BYTES} bytes as JSON")
    return value


def _integers(value: object) -> Iterator[int]:
    """Every whole number in a JSON value; Python stops reading very long ones, and with them the inbox."""
    if isinstance(value, int):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _integers(inner)


def _safe_link(value: str) -> str:
    """Links a browser may follow: http, https, mailto, or a path of the host's own page."""
    lowered = value.lower()
    own_path = value.startswith("/") and not value.startswith(("//", "/\\"))
    if not (own_path or lowered.startswith(("https://", "http://", "mailto:"))) or any(c.isspace() for c in value):
        raise ValueError("a link is a path that begins with /, or begins with https://, http:// or mailto:")
    return value


Name = Annotated[str, StringConstraints(min_length=1, max_length=250)]
Link = Annotated[str, StringConstraints(min_length=1, max_length=2_000), AfterValidator(_safe_link)]
Key = Annotated[str, StringConstraints(min_length=1, max_length=255)]
Title = Annotated[str, StringConstraints(min_length=1, max_length=MAX_TITLE_LENGTH)]
Message = Annotated[str, StringConstraints(max_length=MAX_MESSAGE_LENGTH)]
Data = Annotated[dict[str, Any], AfterValidator(_small_data)]


class InlineRecipient(Body):
    """Somebody by the host's own name, with what the host knows of them; made when nobody has that name."""

    id: Name
    email: Email | None = None
    name: Name | None = None


class RoleRecipient(Body):
    """Every active user with this access type."""

    access_type: AccessType


def _kind_of_recipient(value: object) -> str:
    if isinstance(value, dict):
        return "role" if "access_type" in value else "inline"
    return "role" if isinstance(value, RoleRecipient) else "inline" if isinstance(value, InlineRecipient) else "name"


RecipientIn = Annotated[
    Annotated[Name, Tag("name")] | Annotated[InlineRecipient, Tag("inline")] | Annotated[RoleRecipient, Tag("role")],
    Discriminator(_kind_of_recipient),
]


class SendIn(Body):
    """One event and whom to tell."""

    to: Annotated[list[RecipientIn], Field(min_length=1, max_length=MAX_RECIPIENTS)]
    type: Name
    title: Title | None = None
    message: Message | None = None
    data: Data = Field(default_factory=dict)
    priority: Priority | None = None
    actor: Name | None = None
    channels: Annotated[list[Channel], Field(max_length=len(Channel))] | None = None
    action_url: Link | None = None
    action_text: Annotated[str, StringConstraints(min_length=1, max_length=100)] | None = None
    icon: Annotated[str, StringConstraints(min_length=1, max_length=100)] | None = None
    image_url: Link | None = None
    source: Annotated[str, StringConstraints(min_length=1, max_length=100)] = "default"
    dedupe_key: Key | None = None
    collapse_key: Key | None = None
    group_key: Key | None = None
    send_at: UtcTime | None = None
    expires_at: UtcTime | None = None
    create_missing: bool = False


class TestIn(Body):
    """A notification to try things out, to oneself unless an administrator names somebody."""

    user_id: Name | None = None
    type: Name = "system"
    priority: Priority | None = None
    title: Title
    message: Message = ""


class NotificationOut(Answer):
    # Whose it is stands in the answer or does not; every other field always does.
    model_config = ConfigDict(json_schema_serialization_defaults_required=False)

    id: UUID
    event_id: UUID
    type: str
    type_code: int
    priority: Priority
    title: str
    message: str
    data: dict[str, Any]
    actor: dict[str, Any] | None
    action_url: str | None
    action_text: str | None
    icon: str | None
    image_url: str | None
    group_key: str | None
    is_seen: bool
    is_read: bool
    read_at: datetime | None
    is_dismissed: bool
    dismissed_at: datetime | None
    snoozed_until: datetime | None
    sent_in_app: bool
    sent_email: bool
    sent_push: bool
    reason: str | None
    created_at: datetime
    expires_at: datetime | None
    revision: int
    user_id: UUID | None = Field(None, description="Only when an API key asks.")
    external_id: str | None = Field(None, description="Only when an API key asks.")


class EntryOut(Answer):
    id: UUID
    user_id: UUID
    external_id: str | None


class SentOut(Answer):
    event_id: UUID
    accepted: int = Field(description="How many people get it; 0 while that is not known.")
    deduplicated: bool
    notifications: list[EntryOut] = Field(description="The first hundred.")


class DecisionOut(Answer):
    channel: Channel
    verdict: Verdict
    reason: Reason
    due_at: datetime | None


class PlanOut(Answer):
    user_id: UUID | None = Field(description="null for somebody who would be made by sending")
    decisions: list[DecisionOut]


class PreviewOut(Answer):
    plans: list[PlanOut]


class ExplainedDecision(DecisionOut):
    detail: str
    attempts: list[dict[str, Any]]


class ExplanationOut(Answer):
    decisions: list[ExplainedDecision]


class NotificationList(Answer):
    notifications: list[NotificationOut]
    total: int | None = Field(description="null when the list is filtered")
    unread_count: int
    unseen_count: int
    page: int
    page_size: int
    has_more: bool
    next_cursor: str | None
    cursor: str = Field(description="where a stream or `changes` resumes")


class CountOut(Answer):
    unread_count: int
    unseen_count: int
    total: int


class ChangesOut(Answer):
    changes: list[NotificationOut]
    deleted: list[UUID]
    cursor: str
    has_more: bool
    unread_count: int
    unseen_count: int
    reset: bool


class SnoozeIn(Body):
    until: UtcTime


class AllIn(Body):
    """Which entries a change of all means; everything when empty."""

    notification_type: Name | None = None
    before: UtcTime | None = None


class BulkIn(Body):
    notification_ids: Annotated[list[UUID], Field(min_length=1, max_length=MAX_BULK)]
    action: BulkAction


class AffectedOut(Answer):
    success: bool
    affected_count: int
    message: str


class SummaryOut(Answer):
    total: int
    unread: int
    by_type: dict[str, int]
    by_priority: dict[str, int]
    recent_count_7d: int
    recent_count_30d: int


class TypeOut(Answer):
    key: str
    code: int
    category: str
    default_channels: list[str]
    required: bool
    variables: list[str]


class Types(ListAnswer):
    notification_types: list[TypeOut]


class EventState(StrEnum):
    """How far an event has come: nothing written, in the middle, all, withdrawn before all was, stopped by an error."""

    SCHEDULED = "scheduled"
    WRITING = "writing"
    WRITTEN = "written"
    CANCELLED = "cancelled"
    FAILED = "failed"


class EventOut(Answer):
    id: UUID
    type: str
    source: str
    dedupe_key: str | None
    actor_id: UUID | None
    created_at: datetime
    send_at: datetime | None
    state: EventState
    accepted: int = Field(description="How many people it has reached by now.")
    recipients: int | None = Field(description="How many it is for; null while that is not known.")
    notifications: list[EntryOut] = Field(description="The first hundred.")
    deliveries: dict[DeliveryState, int] = Field(description="What leaves the house: how many stand in each state.")


class CancelledEventOut(EventOut):
    cancelled: int = Field(description="How many deliveries were withdrawn by this call.")


class SwitchedChannel(StrEnum):
    """The channels a person switches per type."""

    IN_APP = "in_app"
    EMAIL = "email"
    PUSH = "push"


TypeSwitches = Annotated[dict[Name, dict[SwitchedChannel, bool]], Field(max_length=500)]


class PreferencesOut(Answer):
    in_app_enabled: bool
    email_enabled: bool
    push_enabled: bool
    type_preferences: dict[str, dict[str, bool]]
    created_at: datetime
    updated_at: datetime


class PreferencesPatch(Body):
    """What to change; what is absent stays. Times are taken and ignored, so that GET's answer can be sent back."""

    in_app_enabled: bool | None = None
    email_enabled: bool | None = None
    push_enabled: bool | None = None
    type_preferences: TypeSwitches | None = None
    created_at: Annotated[Any, BeforeValidator(lambda _: None)] = None
    updated_at: Annotated[Any, BeforeValidator(lambda _: None)] = None


class PreferencesPut(PreferencesPatch):
    """The whole of the preferences."""

    in_app_enabled: bool
    email_enabled: bool
    push_enabled: bool
    type_preferences: TypeSwitches


class PreviewedChange(Answer):
    notification_id: UUID
    before: list[DecisionOut]
    after: list[DecisionOut]


class PreferencesPreview(Answer):
    changed: list[PreviewedChange]


class CustomIn(Body):
    """A transient message to one user's open streams, or to all of them."""

    user_id: Name | None = None
    all: Literal[True] | None = None
    data: Data


class CustomOut(Answer):
    success: bool
    user_id: UUID | None
    all: bool


class StreamStats(Answer):
    users: int
    connections: int


class Connected(Answer):
    connected: bool
