"""The table of failed sign-ins."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from tidings.kernel.db import Base


class SignInFailures(Base):
    """How often somebody failed to be `subject`, from one known device or from all unknown ones together.

    A subject is a user, or stands for a name that nobody can sign in with; so it hangs on no foreign key.
    """

    __tablename__ = "tidings_sign_in_failures"

    subject: Mapped[UUID] = mapped_column(primary_key=True)
    device: Mapped[UUID] = mapped_column(primary_key=True)
    count: Mapped[int]
    last_at: Mapped[datetime] = mapped_column(index=True)
