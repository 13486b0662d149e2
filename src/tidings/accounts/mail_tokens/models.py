"""The table of the mail tokens."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from tidings.accounts.mail_tokens.types import MailPurpose
from tidings.accounts.models import User
from tidings.kernel.db import Base, text_enum


class MailToken(Base):
    """A link that was mailed and not used yet. Its row is removed by whoever uses it."""

    __tablename__ = "tidings_mail_tokens"

    user_id: Mapped[UUID] = mapped_column(ForeignKey(User.id, ondelete="CASCADE"), primary_key=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True, unique=True)
    purpose: Mapped[MailPurpose] = mapped_column(text_enum(MailPurpose))
    email: Mapped[str]
    """The address it was sent to, which whoever uses it has shown to be theirs."""
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)

    __table_args__ = (Index("ix_tidings_mail_tokens_purpose_email", "purpose", "email"),)
