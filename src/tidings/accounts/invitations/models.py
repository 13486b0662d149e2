"""The table of the invitations."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from tidings.accounts.audit.types import ActorKind
from tidings.accounts.models import User
from tidings.accounts.types import AccessType
from tidings.kernel.db import Base, text_enum


class Invitation(Base):
    """What an invited user was promised, and by whom; gone once they accept."""

    __tablename__ = "tidings_invitations"

    user_id: Mapped[UUID] = mapped_column(ForeignKey(User.id, ondelete="CASCADE"), primary_key=True)
    access_type: Mapped[AccessType] = mapped_column(text_enum(AccessType))
    inviter_kind: Mapped[ActorKind] = mapped_column(text_enum(ActorKind))
    inviter_id: Mapped[UUID | None]
    """The person or the key; on no foreign key, because whoever is gone must be seen to be gone.

    Where nobody invited, what stands for the user name that somebody asked for with this address (`taking_over.py`).
    """
    created_at: Mapped[datetime]
