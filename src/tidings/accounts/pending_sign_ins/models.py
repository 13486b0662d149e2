"""The table of sign-ins that wait for a second factor."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from tidings.accounts.models import User
from tidings.accounts.types import SessionKind
from tidings.kernel.db import Base, text_enum


class PendingSignIn(Base):
    """Somebody passed the first factor, for this kind of session, from this known device or an unknown one."""

    __tablename__ = "tidings_pending_sign_ins"

    user_id: Mapped[UUID] = mapped_column(ForeignKey(User.id, ondelete="CASCADE"), primary_key=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True, unique=True)
    kind: Mapped[SessionKind] = mapped_column(text_enum(SessionKind))
    device: Mapped[UUID]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
