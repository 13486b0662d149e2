"""The table of privacy settings."""

from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from tidings.accounts.models import User
from tidings.accounts.privacy.types import Visibility
from tidings.kernel.db import Base, text_enum


class Privacy(Base):
    """What one person shows of their activities. Recipients have no row; for them the defaults hold."""

    __tablename__ = "tidings_privacy"

    user_id: Mapped[UUID] = mapped_column(ForeignKey(User.id, ondelete="CASCADE"), primary_key=True)
    default_activity_visibility: Mapped[Visibility] = mapped_column(text_enum(Visibility), default=Visibility.PRIVATE)
    hide_activity_start_time: Mapped[bool] = mapped_column(default=False)
    hide_activity_location: Mapped[bool] = mapped_column(default=False)
    hide_activity_map: Mapped[bool] = mapped_column(default=False)
    hide_activity_hr: Mapped[bool] = mapped_column(default=False)
    hide_activity_power: Mapped[bool] = mapped_column(default=False)
    hide_activity_cadence: Mapped[bool] = mapped_column(default=False)
    hide_activity_elevation: Mapped[bool] = mapped_column(default=False)
    hide_activity_speed: Mapped[bool] = mapped_column(default=False)
    hide_activity_pace: Mapped[bool] = mapped_column(default=False)
    hide_activity_laps: Mapped[bool] = mapped_column(default=False)
    hide_activity_workout_sets_steps: Mapped[bool] = mapped_column(default=False)
    hide_activity_gear: Mapped[bool] = mapped_column(default=False)
