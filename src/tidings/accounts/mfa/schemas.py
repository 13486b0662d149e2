"""What crosses the wire about second factors; secrets and codes are shown once."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import ConfigDict, Field, StringConstraints

from tidings.accounts.mfa.types import MfaMethod
from tidings.kernel.http.schemas import Answer, Body, ListAnswer, UtcTime

# What is read in a line has no line ends and no other controls; those around it are cut off with the spaces.
PasskeyName = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=1, max_length=100, pattern=r"^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]+$"
    ),
]
Code = Annotated[str, Field(min_length=1, max_length=100)]
# Any: WebAuthn's own JSON (Level 3, §5.1), read by the ceremony and not by us. Browsers may add to it.
Credential = Annotated[dict[str, Any], Field(description="What `PublicKeyCredential.toJSON()` gives.")]


class TotpStarted(Answer):
    """What an authenticator app needs; shown this once."""

    model_config = ConfigDict(from_attributes=True)

    secret: str = Field(description="In base32, to be typed in.")
    otpauth_uri: str
    qr_svg: str = Field(description="The URI as a QR code: an SVG element.")


class TotpConfirm(Body):
    code: Code = Field(repr=False)


class SecondFactors(Answer):
    mfa_enabled: bool
    methods: list[MfaMethod]
    recovery_codes_left: int


class RecoveryCodes(Answer):
    """The codes; shown this once."""

    recovery_codes: list[str]


class PasskeyOptions(Answer):
    public_key: dict[str, Any] = Field(  # Any: WebAuthn's own JSON
        description="For `PublicKeyCredential.parseCreationOptionsFromJSON` or `parseRequestOptionsFromJSON`."
    )


class PasskeyIn(Body):
    name: PasskeyName
    credential: Credential = Field(repr=False)


class PasskeyPatch(Body):
    name: PasskeyName


class PasskeyOut(Answer):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    name: str
    is_backed_up: bool = Field(description="Whether it is kept in a vault that survives the loss of a device.")
    created_at: UtcTime
    last_used_at: UtcTime | None


class Passkeys(ListAnswer):
    passkeys: list[PasskeyOut]


class PasskeySignIn(Body):
    passkey: Credential = Field(repr=False)
