"""What deciding for the whole server refuses, and why."""

from tidings.kernel.errors import Fault, TidingsError


class NoWayIn(TidingsError):
    """After this no administrator could sign in any more."""

    code = "no_way_in"
    status = 409


class SsoNotEnabled(TidingsError):
    """People cannot be led to a provider while signing in with providers is off."""

    code = "sso_not_enabled"
    status = 422

    def __init__(self) -> None:
        super().__init__(faults=[Fault("/sso_auto_redirect", self.code, self.title())])
