"""Tables of pictures: one of each person, one of the sign-in page."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from tidings.accounts.models import User
from tidings.accounts.photos.types import MAX_BYTES
from tidings.kernel.db import Base


class Photo(Base):
    """A person's photo: one at most, gone with its person. `id` is random: whoever has it may see the picture."""

    __tablename__ = "tidings_photos"

    user_id: Mapped[UUID] = mapped_column(ForeignKey(User.id, ondelete="CASCADE"), primary_key=True)
    id: Mapped[UUID] = mapped_column(unique=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)
    width: Mapped[int]
    height: Mapped[int]
    created_at: Mapped[datetime]

    __table_args__ = (CheckConstraint(f"length(content) <= {MAX_BYTES}", name="small"),)


class LoginPhoto(Base):
    """The picture of the sign-in page: one row at most. `tidings_server_settings.login_photo_id` names it."""

    __tablename__ = "tidings_login_photo"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, default=1)
    id: Mapped[UUID] = mapped_column(unique=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)
    width: Mapped[int]
    height: Mapped[int]
    created_at: Mapped[datetime]

    __table_args__ = (
        CheckConstraint("number = 1", name="one_row"),
        CheckConstraint(f"length(content) <= {MAX_BYTES}", name="small"),
    )
