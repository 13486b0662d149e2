"""What second factors refuse, and why."""

from tidings.kernel.errors import Fault, TidingsError


class CodeInvalid(TidingsError):
    """The code is wrong, was used before, or its time is over."""

    code = "code_invalid"
    status = 422

    def __init__(self) -> None:
        super().__init__(faults=[Fault("/code", self.code, self.title())])


class TotpAlreadyOn(TidingsError):
    """One-time codes are on already; remove them first."""

    code = "totp_already_on"
    status = 409


class TotpNotFound(TidingsError):
    """There is no authenticator app."""

    code = "totp_not_found"
    status = 404


class PasskeyInvalid(TidingsError):
    """The passkey's answer does not hold: ask for new options and try again."""

    code = "passkey_invalid"
    status = 422

    def __init__(self) -> None:
        super().__init__(faults=[Fault("/credential", self.code, self.title())])


class PasskeyKnown(TidingsError):
    """This passkey is known here already."""

    code = "passkey_known"
    status = 409


class PasskeyNotFound(TidingsError):
    """There is no such passkey."""

    code = "passkey_not_found"
    status = 404


class TooManyPasskeys(TidingsError):
    """An account has at most 25 passkeys."""

    code = "too_many_passkeys"
    status = 409


class MfaRequired(TidingsError):
    """This server asks everybody for a second factor, so the last one stays; add another first."""

    code = "mfa_required"
    status = 409


class NoSecondFactor(TidingsError):
    """Recovery codes stand in for a second factor, and there is none."""

    code = "no_second_factor"
    status = 409
