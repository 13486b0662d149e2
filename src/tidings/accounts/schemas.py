"""What crosses the wire: bodies refuse unknown fields, answers carry no secret but one shown once."""

from datetime import date
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from tidings.accounts.identifiers import USERNAME, NotCanonical, canonical_email, canonical_username
from tidings.accounts.mfa.types import MfaMethod
from tidings.accounts.models import ApiKey, SigningSecret
from tidings.accounts.passwords import MAX_LENGTH, MIN_LENGTH
from tidings.accounts.privacy.schemas import PrivacyFields
from tidings.accounts.types import (
    AccessType,
    AccountState,
    Currency,
    Gender,
    Language,
    Scope,
    SessionKind,
    Units,
    WeekDay,
)
from tidings.kernel.http.schemas import Answer, Body, ListAnswer, UtcTime


def _email(text: str) -> str:
    try:
        return canonical_email(text)
    except NotCanonical as error:
        raise PydanticCustomError("email_invalid", "This is not an e-mail address") from error


def _username(text: str) -> str:
    try:
        return canonical_username(text)
    except NotCanonical as error:  # by the code of a pattern, which is what the description of the API shows
        raise PydanticCustomError("string_pattern_mismatch", "Only the letters a-z, digits and dots") from error


Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=250)]
Username = Annotated[
    str,
    StringConstraints(min_length=1, max_length=250),
    AfterValidator(_username),
    Field(json_schema_extra={"pattern": USERNAME}),
]
Email = Annotated[str, StringConstraints(max_length=250), AfterValidator(_email)]
ExternalId = Annotated[str, StringConstraints(min_length=1, max_length=250)]
City = Annotated[str, StringConstraints(max_length=250)]
Height = Annotated[int, Field(ge=1, le=300)]
Birthdate = Annotated[date, Field(description="From 1800 to today, wherever on earth it is latest.")]
HeartRate = Annotated[int, Field(ge=30, le=250)]
Login = Annotated[str, StringConstraints(min_length=1, max_length=250)]
# Exactly as received; the fields hide it from representations, so that no log or error shows it.
NewPassword = Annotated[str, Field(min_length=MIN_LENGTH, max_length=MAX_LENGTH)]
AnyPassword = Annotated[str, Field(min_length=1, max_length=MAX_LENGTH)]
Token = Annotated[str, Field(min_length=1, max_length=1_000)]
Code = Annotated[str, Field(min_length=1, max_length=100)]


class UserPublic(Answer):
    """What every signed-in user may see of another."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    name: str | None
    username: str | None
    photo_url: str | None


class PublicProfile(Answer):
    """What everybody may see of somebody, while this server shows it at all."""

    model_config = ConfigDict(from_attributes=True)

    name: str | None
    username: str | None
    photo_url: str | None


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


class UsersMe(PrivacyFields, UserOut):
    """One's own profile."""

    model_config = ConfigDict(populate_by_name=True)

    has_password: bool = Field(description="Whether one can sign in with a password, and not through a provider alone.")
    mfa_setup_required: bool = Field(description="Whether a second factor must be set up before anything else.")
    is_strava_linked: Literal[0, 1]
    is_garminconnect_linked: Literal[0, 1]


class UserPage(Answer):
    total: int
    num_records: int
    page_number: int
    records: list[UserOut | UserPublic]
    next_cursor: str | None


class Profile(Body):
    """What a user's creator may say of them beyond who they are. Units and currency: the server's, unless said here."""

    preferred_language: Language = Language.ENGLISH_US
    city: City | None = None
    birthdate: Birthdate | None = None
    gender: Gender = Gender.UNSPECIFIED
    units: Units | None = None
    height: Height | None = None
    max_heart_rate: HeartRate | None = None
    first_day_of_week: WeekDay = WeekDay.MONDAY
    currency: Currency | None = None


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


class SecondFactorNeeded(Answer):
    """Half signed in: `mfa_token` and a second factor at /auth/mfa finish it within ten minutes."""

    mfa_required: Literal[True] = True
    mfa_token: str
    methods: list[MfaMethod]


class OneProof(Body):
    """A body of which exactly one proof is expected."""

    @model_validator(mode="after")
    def _one(self) -> Self:
        given = [name for name in ("password", "code", "recovery_code", "passkey") if getattr(self, name, None)]
        if len(given) != 1:
            raise PydanticCustomError("one_proof", "Give exactly one proof")
        return self


class MfaIn(OneProof):
    mfa_token: Token = Field(repr=False)
    code: Code | None = Field(default=None, repr=False)
    recovery_code: Code | None = Field(default=None, repr=False)
    passkey: dict[str, Any] | None = Field(default=None, description="What the browser's WebAuthn API answered.")


class ConfirmIn(OneProof):
    password: AnyPassword | None = Field(default=None, repr=False)
    code: Code | None = Field(default=None, repr=False)
    passkey: dict[str, Any] | None = Field(default=None, description="What the browser's WebAuthn API answered.")


class Confirmed(Answer):
    """Until when credentials can be changed. An app that sent its access token gets new tokens for its old ones."""

    confirmed_until: UtcTime
    tokens: "TokensOut | None" = None


class PasswordIn(Body):
    password: NewPassword = Field(repr=False)
    current_password: AnyPassword = Field(repr=False)


class SessionOut(Answer):
    """Somewhere a person is signed in; device and browser are what the request said of itself."""

    id: UUID
    kind: SessionKind
    device: str
    browser: str
    ip: str | None
    created_at: UtcTime
    last_used_at: UtcTime
    is_current: bool


class Sessions(ListAnswer):
    sessions: list[SessionOut]


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


class AppSignedIn(TokensOut):
    """An app is signed in. A browser is known again by a cookie, an app by what it sends itself."""

    device_token: str | None = Field(
        description="By this the device is known again: keep it, and send it as `Tidings-Device` at the next sign-in. "
        "Null where it was known by the one it sent."
    )


class TicketOut(Answer):
    ticket: str
    expires_in: int


class ApiKeyIn(Body):
    name: Name
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=len(Scope))]
    expires_at: UtcTime | None = None


class ApiKeyPatch(Body):
    """What it leaves out stays as it is; null as the end: none."""

    name: Name = ""
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


class ApiKeys(ListAnswer):
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


class SigningSecrets(ListAnswer):
    signing_secrets: list[SigningSecretOut]
