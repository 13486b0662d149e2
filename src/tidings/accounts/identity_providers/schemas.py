"""What crosses the wire about identity providers; the client secret only ever comes in."""

from typing import Annotated, Self
from uuid import UUID

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from tidings.kernel.http.schemas import Answer, Body, ListAnswer, UtcTime

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$", min_length=1, max_length=50)]
ProviderName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
Printable = Annotated[str, StringConstraints(pattern=r"^[\x21-\x7e]+$", min_length=1, max_length=1_000)]
Credential = Annotated[str, StringConstraints(pattern=r"^[\x20-\x7e]+$", min_length=1, max_length=1_000)]  # VSCHAR
# RFC 6749 §3.3
Scope = Annotated[str, StringConstraints(pattern=r"^[\x21\x23-\x5b\x5d-\x7e]+$", min_length=1, max_length=200)]
Position = Annotated[int, Field(ge=0, le=1_000)]


def _with_openid(scopes: list[str]) -> list[str]:
    if "openid" not in scopes:
        raise PydanticCustomError("openid_missing", "Among the scopes must be openid")
    return scopes


Scopes = Annotated[list[Scope], Field(min_length=1, max_length=20), AfterValidator(_with_openid)]


class ProviderIn(Body):
    """A provider to sign in with. What is left out comes from the template, where one is named."""

    slug: Slug
    name: ProviderName
    template: Annotated[str, StringConstraints(max_length=50)] | None = None
    issuer: Printable
    client_id: Credential
    client_secret: Credential | None = Field(default=None, repr=False)
    scopes: Scopes = Field(default_factory=lambda: ["openid", "email", "profile"])
    enabled: bool = True
    auto_create: bool = False
    trust_email: bool = False
    sync_profile: bool = False
    position: Position = 0


class ProviderChange(Body):
    """What is to change; slug and issuer stay. A client secret of null makes it a public client."""

    name: ProviderName | None = None
    client_id: Credential | None = None
    client_secret: Credential | None = Field(default=None, repr=False)
    scopes: Scopes | None = None
    enabled: bool | None = None
    auto_create: bool | None = None
    trust_email: bool | None = None
    sync_profile: bool | None = None
    position: Position | None = None

    @model_validator(mode="after")
    def _only_the_secret_is_ever_null(self) -> Self:
        for name in self.model_fields_set - {"client_secret"}:
            if getattr(self, name) is None:
                raise PydanticCustomError("null", "{field} cannot be null", {"field": name})
        return self


class ProviderOut(Answer):
    """A provider, as administrators see it."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    slug: str
    name: str
    template: str | None
    issuer: str
    client_id: str
    has_client_secret: bool
    scopes: list[str]
    enabled: bool
    auto_create: bool
    trust_email: bool
    sync_profile: bool
    position: int
    created_at: UtcTime
    updated_at: UtcTime


class TemplateOut(Answer):
    """A common provider; the parts of its issuer in braces are to be filled in."""

    model_config = ConfigDict(from_attributes=True)

    key: str
    name: str
    issuer: str
    scopes: list[str]


class Providers(ListAnswer):
    identity_providers: list[ProviderOut]
    templates: list[TemplateOut]
    redirect_uri: str = Field(description="Where every provider must send people back to, with the slug filled in.")


class ProviderShown(Answer):
    """A provider, as the sign-in page shows it."""

    model_config = ConfigDict(from_attributes=True)

    slug: str
    name: str
    icon: str | None


class ProvidersShown(Answer):
    providers: list[ProviderShown]
    auto_redirect: bool = Field(description="Whether the sign-in page goes to the only provider by itself.")
