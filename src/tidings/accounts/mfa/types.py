"""The words of second factors."""

from enum import StrEnum


class MfaMethod(StrEnum):
    """How somebody can show that they hold more than a password."""

    TOTP = "totp"
    RECOVERY_CODE = "recovery_code"
    PASSKEY = "passkey"


class ChallengePurpose(StrEnum):
    """What a passkey is asked for: to be made known, or to prove its owner."""

    REGISTER = "register"
    PROVE = "prove"
