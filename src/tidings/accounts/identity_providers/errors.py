"""What identity providers refuse, and why."""

from tidings.kernel.errors import Fault, TidingsError


class IdentityProviderNotFound(TidingsError):
    """There is no such identity provider."""

    code = "identity_provider_not_found"
    status = 404


class SlugTaken(TidingsError):
    """Another identity provider has this slug."""

    code = "slug_taken"
    status = 422

    def __init__(self) -> None:
        super().__init__(faults=[Fault("/slug", self.code, self.title())])


class IssuerInvalid(TidingsError):
    """This cannot be the issuer: not an https address we may ask, or not one of this template."""

    code = "issuer_invalid"
    status = 422

    def __init__(self) -> None:
        super().__init__(faults=[Fault("/issuer", self.code, self.title())])


class ProviderUnusable(TidingsError):
    """The provider does not answer, or not as OpenID Connect asks, or our secret for it cannot be read."""

    code = "provider_unusable"
    status = 422


class ProviderRefused(TidingsError):
    """The provider ended the sign-in, or whoever was asked there said no."""

    code = "provider_refused"
    status = 403


class IdentityUnproven(TidingsError):
    """What the provider sent does not prove who signed in."""

    code = "identity_unproven"
    status = 403
