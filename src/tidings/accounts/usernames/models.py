"""The table of user names that are held."""

from datetime import datetime

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tidings.kernel.db import Base


class HeldUsername(Base):
    """A user name that was asked for together with an address that is known already.

    Had the address been unknown, the name would now belong to a new account. Were it free, signing up with it again
    would tell one case from the other.
    """

    __tablename__ = "tidings_held_usernames"

    username: Mapped[str] = mapped_column(primary_key=True)
    until: Mapped[datetime] = mapped_column(index=True)
    """When an account that never verified its address would be gone; so nothing is held for good."""

    __table_args__ = (CheckConstraint("username = lower(username)", name="username_lower"),)
