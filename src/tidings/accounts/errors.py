"""What accounts refuses, and why."""

from collections.abc import Mapping

from tidings.kernel.errors import Fault, TidingsError


class NotAuthenticated(TidingsError):
    """This address needs a valid credential."""

    code = "not_authenticated"
    status = 401

    def __init__(self, detail: str | None = None) -> None:
        super().__init__(detail, headers=_CHALLENGE)


class InvalidCredentials(TidingsError):
    """The name or the password is wrong, or the account cannot sign in."""

    code = "invalid_credentials"
    status = 401

    def __init__(self) -> None:
        super().__init__(headers=_CHALLENGE)


class ConfirmationRequired(TidingsError):
    """This needs a sign-in, or a confirmation, of the last five minutes."""

    code = "confirmation_required"
    status = 403


class PasswordChangeRequired(TidingsError):
    """Your password cannot stay: choose another first."""

    code = "password_change_required"
    status = 403


class MfaSetupRequired(TidingsError):
    """This server asks everybody for a second factor: set one up first."""

    code = "mfa_setup_required"
    status = 403


class TooManyAttempts(TidingsError):
    """Too many sign-ins failed; wait before the next one."""

    code = "too_many_attempts"
    status = 429


class LocalLoginDisabled(TidingsError):
    """Passwords are not accepted here; sign in with one of the providers."""

    code = "local_login_disabled"
    status = 403


class InvalidRefreshToken(TidingsError):
    """The refresh token is unknown, has expired, or its session has ended."""

    code = "invalid_refresh_token"
    status = 401

    def __init__(self) -> None:
        super().__init__(headers=_CHALLENGE)


class TokenInvalid(TidingsError):
    """The token is wrong, was used before, or has expired."""

    code = "token_invalid"
    status = 400


class Forbidden(TidingsError):
    """The caller may not do this."""

    code = "forbidden"
    status = 403


class InsufficientScope(TidingsError):
    """The API key lacks the scope this needs."""

    code = "insufficient_scope"
    status = 403


class ScopeNotAllowed(TidingsError):
    """A key cannot be given more rights than its maker has."""

    code = "scope_not_allowed"
    status = 403


class CrossSite(TidingsError):
    """A browser sent this from another site."""

    code = "cross_site"
    status = 403


class AlreadySetUp(TidingsError):
    """There is an administrator already."""

    code = "already_set_up"
    status = 409


class InvalidTransition(TidingsError):
    """The account is not in a state that allows this."""

    code = "invalid_transition"
    status = 409


class LastAdmin(TidingsError):
    """The last active administrator must stay one."""

    code = "last_admin"
    status = 409


class SignUpDisabled(TidingsError):
    """Nobody can sign up here; an administrator may invite you."""

    code = "sign_up_disabled"
    status = 403


class UserNotFound(TidingsError):
    """There is no such user."""

    code = "user_not_found"
    status = 404


class UserRequired(TidingsError):
    """An API key must say whose inbox it means: `?user=` with an id or external_id."""

    code = "user_required"
    status = 422

    def __init__(self) -> None:
        super().__init__(faults=[Fault("/query/user", self.code, self.title())])


class RecipientIsAccount(TidingsError):
    """This person signs in here, so a host cannot change them."""

    code = "recipient_is_account"
    status = 422


class PasswordRefused(TidingsError):
    """This password is not safe enough; `errors` says why."""

    code = "password_refused"
    status = 422


class PasswordTooShortAlone(TidingsError):
    """Without a second factor the password needs fifteen characters: choose a longer one first."""

    code = "password_too_short_alone"
    status = 409


class UsernameTaken(TidingsError):
    """Another user has this username."""

    code = "username_taken"
    status = 422


class EmailTaken(TidingsError):
    """Another user has this e-mail address."""

    code = "email_taken"
    status = 422


class ExternalIdTaken(TidingsError):
    """Another user has this external_id."""

    code = "external_id_taken"
    status = 422


class SessionNotFound(TidingsError):
    """There is no such session."""

    code = "session_not_found"
    status = 404


class ApiKeyNotFound(TidingsError):
    """There is no such API key."""

    code = "api_key_not_found"
    status = 404


class TooManyApiKeys(TidingsError):
    """Somebody has at most 100 API keys."""

    code = "too_many_api_keys"
    status = 409


class SigningSecretNotFound(TidingsError):
    """There is no such signing secret."""

    code = "signing_secret_not_found"
    status = 404


_CHALLENGE: Mapping[str, str] = {"WWW-Authenticate": "Bearer"}  # RFC 6750 §3
