"""The table of the server settings."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tidings.accounts.models import photo_url
from tidings.accounts.server_settings.types import PasswordType
from tidings.accounts.types import Currency, Units
from tidings.kernel.db import Base, text_enum

ONE = 1


class ServerSettings(Base):
    """How this server treats people: one row at most; until it is written, the defaults hold."""

    __tablename__ = "tidings_server_settings"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, default=ONE)
    units: Mapped[Units] = mapped_column(text_enum(Units), default=Units.METRIC)
    currency: Mapped[Currency] = mapped_column(text_enum(Currency), default=Currency.EURO)
    num_records_per_page: Mapped[int] = mapped_column(default=25)
    public_shareable_links: Mapped[bool] = mapped_column(default=False)
    public_shareable_links_user_info: Mapped[bool] = mapped_column(default=False)
    login_photo_id: Mapped[UUID | None]
    signup_enabled: Mapped[bool] = mapped_column(default=False)
    signup_require_admin_approval: Mapped[bool] = mapped_column(default=True)
    signup_require_email_verification: Mapped[bool] = mapped_column(default=True)
    sso_enabled: Mapped[bool] = mapped_column(default=False)
    local_login_enabled: Mapped[bool] = mapped_column(default=True)
    sso_auto_redirect: Mapped[bool] = mapped_column(default=False)
    mfa_required: Mapped[bool] = mapped_column(default=False)
    password_type: Mapped[PasswordType] = mapped_column(text_enum(PasswordType), default=PasswordType.NIST)
    password_length_regular_users: Mapped[int] = mapped_column(default=15)
    password_length_admin_users: Mapped[int] = mapped_column(default=15)
    updated_at: Mapped[datetime]

    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    @property
    def login_photo_url(self) -> str | None:
        return photo_url(self.login_photo_id)
