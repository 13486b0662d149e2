"""The words of identity providers."""

import re
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderAccess:
    """What it takes to speak with a provider, read from its row: no row is held while the network answers."""

    issuer: str
    client_id: str
    client_secret: str | None = field(repr=False)
    scopes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderMetadata:
    """What a provider says of itself (OpenID Connect Discovery 1.0 §3), as far as we use it."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None
    token_auth_methods: tuple[str, ...]
    answers_with_issuer: bool
    """Whether every answer names its issuer (RFC 9207)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvenIdentity:
    """Who a provider says has signed in, after everything was checked."""

    issuer: str
    subject: str
    email: str | None = None
    email_verified: bool = False
    name: str | None = None
    username: str | None = None
    locale: str | None = None


@dataclass(frozen=True, slots=True)
class ProviderTemplate:
    """What is known of a common provider; the parts of the issuer in braces are its operator's to say."""

    key: str
    name: str
    issuer: str
    scopes: tuple[str, ...] = ("openid", "email", "profile")

    def fits(self, issuer: str) -> bool:
        """Whether this can be the issuer of such a provider."""
        parts = re.split(r"\{[a-z]+\}", self.issuer)
        return re.fullmatch("[A-Za-z0-9._:-]+".join(map(re.escape, parts)), issuer) is not None
