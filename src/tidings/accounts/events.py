"""What accounts tells the rest of the house; the composition root connects the hearers."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias
from uuid import UUID

CredentialKind: TypeAlias = Literal[
    "password",
    "email",
    "totp_added",
    "totp_removed",
    "passkey_added",
    "passkey_removed",
    "recovery_codes_made",
    "factors_removed",
    "api_key_made",
    "identity",
]
"""What opens an account, and what became of it. Letters and notices say each in words of their own."""


@dataclass(frozen=True, slots=True)
class UsersCreated:
    """These users exist now; whoever keeps a row per user writes it in this transaction."""

    user_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class UserDeleting:
    """This user is about to be removed, with every row that belongs to it."""

    user_id: UUID


@dataclass(frozen=True, slots=True)
class AccessEnded:
    """Ways in of this user have ended, and what is open through them must close.

    They are named, so that nothing that began afterwards is taken for them: these sessions, and by None what hangs on
    no session. Without names everything there is: of a user who is gone nothing begins any more.
    """

    user_id: UUID
    session_ids: tuple[UUID | None, ...] | None
    reason: str


@dataclass(frozen=True, slots=True)
class EveryAccessEnded:
    """The same of many users at once."""

    endings: tuple[AccessEnded, ...]


@dataclass(frozen=True, slots=True)
class ApprovalRequested:
    """Somebody signed up and waits for an administrator."""

    user_id: UUID
    name: str
    username: str


@dataclass(frozen=True, slots=True)
class ApprovalHandled:
    """This sign-up waits for no administrator any more: one decided, or it is gone."""

    user_id: UUID


@dataclass(frozen=True, slots=True)
class CredentialChanged:
    """What opens this person's account has changed; if the second step as a whole went on or off with it, which."""

    user_id: UUID
    what: CredentialKind
    at: datetime
    second_step: Literal["on", "off"] | None = None


@dataclass(frozen=True, slots=True)
class LetterPosted:
    """A letter lies in the outbox of this transaction; after its commit somebody must ring for it."""


@dataclass(frozen=True, slots=True)
class ExportStepPosted:
    """A step of an export lies in the outbox of this transaction; after its commit somebody must ring for it."""


@dataclass(frozen=True, slots=True)
class ExportReady:
    """The copy of their data that this person asked for can be downloaded."""

    user_id: UUID
    export_id: UUID
    at: datetime
