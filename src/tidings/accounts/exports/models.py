"""Tables of exports: one of each person at a time, and its parts until they are packed."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, LargeBinary, text
from sqlalchemy.orm import Mapped, deferred, mapped_column

from tidings.accounts.exports.types import ExportState
from tidings.accounts.models import User
from tidings.kernel.db import Base, text_enum
from tidings.kernel.ids import new_id


class Export(Base):
    """A copy of everything that is kept of one person; a new one takes the old one's place."""

    __tablename__ = "tidings_exports"

    user_id: Mapped[UUID] = mapped_column(ForeignKey(User.id, ondelete="CASCADE"), primary_key=True)
    id: Mapped[UUID] = mapped_column(default=new_id)
    state: Mapped[ExportState] = mapped_column(text_enum(ExportState))
    position: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    """How many steps are made; the delivery of a step names it, so that none is made twice."""
    section: Mapped[str | None]
    """What is read next; nothing once all that is left is to pack it."""
    after: Mapped[str | None]
    """Where in that section to go on."""
    progress: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    """In per cent."""
    size: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    """In bytes: of the parts, and of the archive once it is ready."""
    requested_at: Mapped[datetime]
    ready_at: Mapped[datetime | None]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    content: Mapped[bytes | None] = deferred(mapped_column(LargeBinary), raiseload=True)

    @property
    def download_url(self) -> str | None:
        """Where its owner gets the archive, once it is ready."""
        return "/api/v1/users/me/export/download" if self.state is ExportState.READY else None


class ExportPart(Base):
    """Some records of one section, as packed JSON."""

    __tablename__ = "tidings_export_parts"

    user_id: Mapped[UUID] = mapped_column(ForeignKey(Export.user_id, ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    section: Mapped[str]
    packed: Mapped[bytes] = mapped_column(LargeBinary)
