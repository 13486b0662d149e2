"""What crosses the wire: bodies refuse unknown fields, answers carry no secret but one shown once."""

from datetime import date
from typing import Annotated, Self
from uuid import UUID

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

from tidings.accounts.identifiers import NotCanonical, canonical_email
from tidings.accounts.models import ApiKey, SigningSecret
from tidings.accounts.passwords import MAX_LENGTH, MIN_LENGTH
from tidings.accounts.types import (
    AccessType,
    AccountState,
    Currency,
    Gender,
    Language,
    Scope,
    Units,
    WeekDay,
)
from tidings.kernel.http.schemas import Answer, Body, UtcTime


def _email(text: str) -> str:
    try:
        return canonical_email(text)
    except NotCanonical as error:
        raise PydanticCustomError("email_invalid", "This is not an e-mail address") from error


Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=250)]
Username = Annotated[str, StringConstraints(pattern=r"^[a-zA-Z0-9.]+$", to_lower=True, min_length=1, max_length=250)]
Email = Annotated[str, StringConstraints(max_length=250), AfterValidator(_email)]
ExternalId = Annotated[str, StringConstraints(min_length=1, max_length=250)]
Login = Annotated[str, StringConstraints(min_length=1, max_length=250)]
# Exactly as received; the fields hide it from representations, so that no log or error shows it.
NewPassword = Annotated[str, Field(min_length=MIN_LENGTH, max_length=MAX_LENGTH)]
AnyPassword = Annotated[str, Field(min_length=1, max_length=MAX_LENGTH)]
Token = Annotated[str, Field(min_length=1, max_length=1_000)]


class UserPublic(Answer):
    """What every signed-in user may see of another."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    name: str | None
    username: str | None
    photo_url: str | None = None


class UserOut(UserPublic):
    """What administrators see of a user."""

    external_id: str | None
    email: str | None
    access_type: AccessType
    state: AccountState
    active: bool = Field(validation_alias="is_active")
    email_verified: bool
    pending_admin_approval: bool
    mfa_enabled: bool
    external_auth_count: int
    password_must_change: bool
    preferred_language: Language
    city: str | None
    birthdate: date | None
    gender: Gender
    units: Units
    height: int | None
    max_heart_rate: int | None
    first_day_of_week: WeekDay
    currency: Currency
    created_at: UtcTime
    updated_at: UtcTime


class UsersMe(UserOut):
    """One's own profile."""


class UserPage(Answer):
    total: int
    num_records: int
    page_number: int
    records: list[UserOut | UserPublic]
    next_cursor: str | None


class Profile(Body):
    """What a user's creator may say of them beyond who they are."""

    preferred_language: Language = Language.ENGLISH_US
    city: Annotated[str, StringConstraints(max_length=250)] | None = None
    birthdate: date | None = None
    gender: Gender = Gender.UNSPECIFIED
    units: Units = Units.METRIC
    height: Annotated[int, Field(ge=1, le=300)] | None = None
    max_heart_rate: Annotated[int, Field(ge=30, le=250)] | None = None
    first_day_of_week: WeekDay = WeekDay.MONDAY
    currency: Currency = Currency.EURO


class UserCreate(Profile):
    name: Name
    username: Username
    email: Email
    password: NewPassword | None = Field(default=None, repr=False)
    external_id: ExternalId | None = None
    access_type: AccessType = AccessType.REGULAR


class RecipientPut(Body):
    """What a host says of somebody it knows. What it leaves out stays as it is; null clears it."""

    name: Name | None = None
    email: Email | None = None
    preferred_language: Language = Language.ENGLISH_US


class SetupIn(Body):
    token: Token = Field(repr=False)
    username: Username
    email: Email
    name: Name
    password: NewPassword = Field(repr=False)


class LoginIn(Body):
    login: Login
    password: AnyPassword = Field(repr=False)


class SignedIn(Answer):
    user: UsersMe


class SignedOut(Answer):
    success: bool = True


class RefreshIn(Body):
    refresh_token: Token = Field(repr=False)


class TokensOut(Answer):
    access_token: str
    refresh_token: str
    token_type: str = "Bearer"
    expires_in: int = Field(description="Seconds until the access token ends.")
    session_id: UUID


class TicketOut(Answer):
    ticket: str
    expires_in: int


class ApiKeyIn(Body):
    name: Name
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=len(Scope))]
    expires_at: UtcTime | None = None


class ApiKeyOut(Answer):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    owner_user_id: UUID | None
    name: str
    scopes: list[Scope]
    created_at: UtcTime
    expires_at: UtcTime | None
    last_used_at: UtcTime | None


class ApiKeyMade(ApiKeyOut):
    """The only answer that shows the key."""

    key: str

    @classmethod
    def of(cls, row: ApiKey, key: str) -> Self:
        """The key as its maker sees it this once."""
        return cls(**ApiKeyOut.model_validate(row).model_dump(), key=key)


class ApiKeys(Answer):
    api_keys: list[ApiKeyOut]


class SigningSecretIn(Body):
    name: Name


class SigningSecretOut(Answer):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    name: str
    created_at: UtcTime


class SigningSecretMade(SigningSecretOut):
    """The only answer that shows the secret."""

    secret: str

    @classmethod
    def of(cls, row: SigningSecret, secret: str) -> Self:
        """The secret as its maker sees it this once."""
        return cls(**SigningSecretOut.model_validate(row).model_dump(), secret=secret)


class SigningSecrets(Answer):
    signing_secrets: list[SigningSecretOut]
