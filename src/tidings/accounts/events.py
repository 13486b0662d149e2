"""What accounts tells the rest of the house; the composition root connects the hearers."""

from dataclasses import dataclass
from uuid import UUID


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
    """A way in has ended: one session, or with None every way in of this user. Open streams must close."""

    user_id: UUID
    session_id: UUID | None
    reason: str
