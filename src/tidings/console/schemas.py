"""What crosses the wire to operators."""

from datetime import datetime
from enum import StrEnum
from typing import Literal
from uuid import UUID

from pydantic import ConfigDict

from tidings.accounts.types import Language
from tidings.kernel.http.schemas import Answer
from tidings.notifications.types import Channel
from tidings.outbox.recurring import RunOutcome
from tidings.outbox.schemas import DeliveryOut


class RecipientOut(Answer):
    """Whom a delivery is for."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    name: str | None
    username: str | None
    external_id: str | None


class DeliveryDetail(DeliveryOut):
    """A delivery with whom it is for and what it says; each null where nothing is known of it (any more)."""

    recipient: RecipientOut | None
    type: str | None
    title: str | None


class DeliveryList(Answer):
    """Newest first."""

    deliveries: list[DeliveryDetail]
    next_cursor: str | None


class DatabaseOut(Answer):
    """Which database, in which version."""

    kind: str
    version: str


class LaneOut(Answer):
    """What waits on one lane of the queue: due now, due later, held by a worker."""

    model_config = ConfigDict(from_attributes=True)

    kind: str
    channel: str
    due: int
    later: int
    held: int
    oldest_due_at: datetime | None


class TaskOut(Answer):
    """A recurring task: how its last run began and ended, and when the next is due."""

    task: str
    last_run_at: datetime | None
    outcome: RunOutcome | None
    detail: str | None
    next_run_at: datetime


class MailKind(StrEnum):
    """Where mail goes: to a server, or into the development mailbox."""

    SMTP = "smtp"
    MAILBOX = "mailbox"


class MailStatus(Answer):
    """Where mail goes: `detail` names the server, or the folder on this node."""

    kind: MailKind
    detail: str


class SystemOut(Answer):
    """How the system does now. `dead` and `unknown` count deliveries that wait for an operator."""

    version: str
    database: DatabaseOut
    queue: list[LaneOut]
    dead: int
    unknown: int
    tasks: list[TaskOut]
    mail: MailStatus


class KeptMailOut(Answer):
    """A kept mail as a list shows it."""

    model_config = ConfigDict(from_attributes=True)

    delivery_id: UUID
    kept_at: datetime
    to: str
    subject: str


class MailList(Answer):
    """Newest first; at most so many are kept."""

    mails: list[KeptMailOut]
    kept_at_most: int


class HeaderOut(Answer):
    """One line of a mail's header; a name may come more than once."""

    name: str
    value: str


class MailOut(Answer):
    """A kept mail, decoded. Show `html` in a frame without scripts, such as its own address gives."""

    delivery_id: UUID
    headers: list[HeaderOut]
    text: str
    html: str | None


class TemplateOut(Answer):
    """A text that can be shown; `name` addresses it, `key` is what it is of."""

    name: str
    key: str
    group: Literal["type", "letter"]
    channels: list[Channel]


class TemplateList(Answer):
    """Types first, then the letters of accounts."""

    templates: list[TemplateOut]
    languages: list[Language]


class PreviewOut(Answer):
    """A rendered text; `html` is null where its channel has none, `icon` is the type's."""

    subject: str
    text: str
    html: str | None
    icon: str | None
