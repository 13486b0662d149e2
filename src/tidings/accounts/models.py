"""Tables of accounts."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from tidings.accounts.types import AccessType, AccountState, Currency, Gender, Language, Units, WeekDay
from tidings.kernel.db import Base, text_enum
from tidings.kernel.ids import new_id


class User(Base):
    """Somebody who can be told something; with a credential, somebody who can sign in."""

    __tablename__ = "tidings_users"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    external_id: Mapped[str | None] = mapped_column(unique=True)
    username: Mapped[str | None] = mapped_column(unique=True)
    email: Mapped[str | None] = mapped_column(unique=True)
    name: Mapped[str | None]
    password_hash: Mapped[str | None]
    password_must_change: Mapped[bool] = mapped_column(default=False)
    access_type: Mapped[AccessType] = mapped_column(text_enum(AccessType), default=AccessType.REGULAR)
    state: Mapped[AccountState] = mapped_column(text_enum(AccountState))
    email_verified: Mapped[bool] = mapped_column(default=False)
    pending_admin_approval: Mapped[bool] = mapped_column(default=False)
    mfa_enabled: Mapped[bool] = mapped_column(default=False)
    external_auth_count: Mapped[int] = mapped_column(default=0)
    preferred_language: Mapped[Language] = mapped_column(text_enum(Language), default=Language.ENGLISH_US)
    city: Mapped[str | None]
    birthdate: Mapped[date | None]
    gender: Mapped[Gender] = mapped_column(text_enum(Gender), default=Gender.UNSPECIFIED)
    units: Mapped[Units] = mapped_column(text_enum(Units), default=Units.METRIC)
    height: Mapped[int | None]
    max_heart_rate: Mapped[int | None]
    first_day_of_week: Mapped[WeekDay] = mapped_column(text_enum(WeekDay), default=WeekDay.MONDAY)
    currency: Mapped[Currency] = mapped_column(text_enum(Currency), default=Currency.EURO)
    photo_id: Mapped[UUID | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    __table_args__ = (
        CheckConstraint("username = lower(username)", name="username_lower"),
        CheckConstraint("email = lower(email)", name="email_lower"),
        CheckConstraint("state <> 'recipient' OR password_hash IS NULL", name="recipient_has_no_password"),
        Index("ix_tidings_users_access_type_state", "access_type", "state"),
    )

    @property
    def has_credential(self) -> bool:
        """Whether this person signs in here, so that no sender may change or impersonate them."""
        return self.state is not AccountState.RECIPIENT
