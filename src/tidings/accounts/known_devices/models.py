"""The table of known devices."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from tidings.accounts.models import User
from tidings.kernel.db import Base

UNKNOWN_DEVICE = UUID(int=0)
"""What stands for every device that is not known, wherever known ones are told apart."""


class KnownDevice(Base):
    """A device on which this user signed in. People who share a browser share its token, each with a row."""

    __tablename__ = "tidings_known_devices"

    user_id: Mapped[UUID] = mapped_column(ForeignKey(User.id, ondelete="CASCADE"), primary_key=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True, index=True)
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime] = mapped_column(index=True)
