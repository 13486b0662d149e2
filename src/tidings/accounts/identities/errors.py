"""What signing in with providers refuses, and why."""

from tidings.kernel.errors import TidingsError


class SsoDisabled(TidingsError):
    """Signing in with providers is switched off here."""

    code = "sso_disabled"
    status = 403


class SignInExpired(TidingsError):
    """This sign-in was not begun in this browser, has come back before, or took too long."""

    code = "sign_in_expired"
    status = 400


class NoAccount(TidingsError):
    """Nobody here has linked this sign-in, and new accounts are not made from it."""

    code = "no_account"
    status = 403


class EmailKnown(TidingsError):
    """There is an account with this e-mail address: sign in to it, and link the provider there."""

    code = "email_known"
    status = 409


class ProviderEmailUnverified(TidingsError):
    """The provider does not vouch for an e-mail address, and an account needs one."""

    code = "provider_email_unverified"
    status = 403


class AwaitingApproval(TidingsError):
    """The account exists, and waits for an administrator."""

    code = "awaiting_approval"
    status = 403


class AccountClosed(TidingsError):
    """This account cannot sign in."""

    code = "account_closed"
    status = 403


class IdentityTaken(TidingsError):
    """Somebody else here has linked this sign-in."""

    code = "identity_taken"
    status = 409


class IdentityNotFound(TidingsError):
    """There is no such identity."""

    code = "identity_not_found"
    status = 404


class LastWayIn(TidingsError):
    """There would be no way left to sign in: set a password or link something else first."""

    code = "last_way_in"
    status = 409
