"""The table of the letters that were asked for."""

from datetime import date

from sqlalchemy import LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from tidings.kernel.db import Base


class LetterCount(Base):
    """How often there was one cause to write one letter to one mailbox on one day, whether or not anybody here has it.

    No address stands here, only a digest: most of them may be of people who never asked.
    """

    __tablename__ = "tidings_letter_counts"

    mailbox: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    letter: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True, index=True)
    count: Mapped[int]
