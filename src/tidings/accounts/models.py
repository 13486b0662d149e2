"""Tables of accounts."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from tidings.accounts.types import (
    AccessType,
    AccountState,
    Currency,
    Gender,
    Language,
    SessionKind,
    Units,
    WeekDay,
)
from tidings.kernel.db import Base, Json, text_enum
from tidings.kernel.ids import new_id

_REFRESHED = text("refreshed_at IS NOT NULL")
_HAS_SUCCESSOR = text("successor IS NOT NULL")


def photo_url(photo_id: UUID | None) -> str | None:
    """Where a picture is served to whoever knows its id."""
    return None if photo_id is None else f"/api/v1/photos/{photo_id}"


class User(Base):
    """Somebody who can be told something; with a credential, somebody who can sign in."""

    __tablename__ = "tidings_users"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    external_id: Mapped[str | None] = mapped_column(unique=True)
    username: Mapped[str | None] = mapped_column(unique=True)
    email: Mapped[str | None] = mapped_column(unique=True)
    undeliverable_email: Mapped[str | None]
    """An address of theirs that no longer exists, said its own system; nothing to clear once `email` is another."""
    name: Mapped[str | None]
    password_hash: Mapped[str | None]
    password_must_change: Mapped[bool] = mapped_column(default=False)
    access_type: Mapped[AccessType] = mapped_column(text_enum(AccessType), default=AccessType.REGULAR)
    state: Mapped[AccountState] = mapped_column(text_enum(AccountState))
    email_verified: Mapped[bool] = mapped_column(default=False)
    pending_admin_approval: Mapped[bool] = mapped_column(default=False)
    must_verify_email: Mapped[bool] = mapped_column(default=False)
    """Whether a sign-up was made while a verified address was asked for; of nobody who was let in."""
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
    signed_in_at: Mapped[datetime | None]
    """When they last signed in; nothing before the first time."""
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    __table_args__ = (
        CheckConstraint("username = lower(username)", name="username_lower"),
        CheckConstraint("email = lower(email)", name="email_lower"),
        CheckConstraint("state <> 'recipient' OR password_hash IS NULL", name="recipient_has_no_password"),
        Index("ix_tidings_users_access_type_state", "access_type", "state"),
        # SQLite takes a partial index only for a query that repeats its condition, and there truth is `= 1`.
        Index(
            "ix_tidings_users_must_verify_email",
            "created_at",
            postgresql_where=text("must_verify_email"),
            sqlite_where=text("must_verify_email = 1"),
        ),
    )

    @property
    def has_credential(self) -> bool:
        """Whether this person signs in here, so that no sender may change or impersonate them."""
        return self.state is not AccountState.RECIPIENT

    @property
    def is_active(self) -> bool:
        return self.state is AccountState.ACTIVE

    @property
    def photo_url(self) -> str | None:
        return photo_url(self.photo_id)


class UserSession(Base):
    """One place where a person is signed in; ending it ends every token that hangs on it."""

    __tablename__ = "tidings_sessions"

    user_id: Mapped[UUID] = mapped_column(ForeignKey(User.id, ondelete="CASCADE"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[SessionKind] = mapped_column(text_enum(SessionKind))
    digest: Mapped[bytes | None] = mapped_column(LargeBinary, unique=True)  # of the cookie's token
    created_at: Mapped[datetime]
    confirmed_at: Mapped[datetime]  # when the person last proved who they are
    last_used_at: Mapped[datetime]
    idle_expires_at: Mapped[datetime] = mapped_column(index=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)
    user_agent: Mapped[str | None]
    ip: Mapped[str | None]

    __table_args__ = (CheckConstraint("(kind = 'browser') = (digest IS NOT NULL)", name="browser_has_digest"),)


class TokenPair(Base):
    """An access token and the refresh token given with it. The pairs of one session are a family.

    A refreshed pair stays, so that a later replay is known for what it is. For 30 seconds it also holds its
    successor's tokens, sealed, for requests that refreshed at the same time.
    """

    __tablename__ = "tidings_token_pairs"

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    session_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    access_digest: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    access_expires_at: Mapped[datetime]
    refresh_digest: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    refreshed_at: Mapped[datetime | None]
    successor: Mapped[str | None]

    __table_args__ = (
        ForeignKeyConstraint([user_id, session_id], [UserSession.user_id, UserSession.id], ondelete="CASCADE"),
        Index(
            "ix_tidings_token_pairs_refreshed_at",
            "refreshed_at",
            postgresql_where=_REFRESHED,
            sqlite_where=_REFRESHED,
        ),
        Index(
            "ix_tidings_token_pairs_successor",
            "refreshed_at",
            postgresql_where=_HAS_SUCCESSOR,
            sqlite_where=_HAS_SUCCESSOR,
        ),
    )


class Ticket(Base):
    """A one-use pass into a stream, made with another credential and no better than it."""

    __tablename__ = "tidings_tickets"

    user_id: Mapped[UUID] = mapped_column(ForeignKey(User.id, ondelete="CASCADE"), primary_key=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True, unique=True)
    credential_id: Mapped[UUID]  # the session, or for a recipient the signing secret
    credential_expires_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)


class ApiKey(Base):
    """A server's credential. Without an owner it belongs to this server itself."""

    __tablename__ = "tidings_api_keys"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    owner_user_id: Mapped[UUID | None] = mapped_column(ForeignKey(User.id, ondelete="CASCADE"), index=True)
    name: Mapped[str]
    digest: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    scopes: Mapped[list[str]] = mapped_column(Json)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]


class SigningSecret(Base):
    """What a host signs recipient tokens with."""

    __tablename__ = "tidings_signing_secrets"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str]
    sealed: Mapped[str]
    created_at: Mapped[datetime]

    @property
    def place(self) -> str:
        """What the sealed secret is bound to."""
        return f"tidings_signing_secrets.sealed:{self.id}"


class SetupToken(Base):
    """The one token that makes the first administrator: one row at most."""

    __tablename__ = "tidings_setup_token"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]

    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)
