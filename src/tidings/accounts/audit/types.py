"""The words of the audit log."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class ActorKind(StrEnum):
    """Who did it: a person, an API key, this server (its command line, its worker), or somebody unknown."""

    USER = "user"
    KEY = "key"
    SERVER = "server"
    NOBODY = "nobody"


class AuditAction(StrEnum):
    """Everything that is recorded; docs/reference/audit.md says what each means."""

    ACCOUNT_CREATED = "account.created"
    ACCOUNT_STATE_CHANGED = "account.state_changed"
    ACCOUNT_CHANGED = "account.changed"
    ACCOUNT_DELETED = "account.deleted"
    ACCOUNT_INVITED = "account.invited"
    SIGN_UP_REFUSED = "sign_up.refused"
    SIGN_UP_APPROVED = "sign_up.approved"
    EMAIL_VERIFIED = "email.verified"
    EMAIL_CHANGE_ASKED = "email.change_asked"
    EMAIL_CHANGE_WITHDRAWN = "email.change_withdrawn"
    EMAIL_CHANGED = "email.changed"
    EMAIL_CHANGE_UNDONE = "email.change_undone"
    PASSWORD_RESET_ASKED = "password.reset_asked"
    PASSWORD_RESET = "password.reset"
    ACCESS_DENIED = "access.denied"
    SIGN_IN_SUCCEEDED = "sign_in.succeeded"
    SIGN_IN_FAILED = "sign_in.failed"
    SIGN_IN_CONFIRMED = "sign_in.confirmed"
    SESSION_ENDED = "session.ended"
    REFRESH_TOKEN_REPLAYED = "refresh_token.replayed"
    PASSWORD_CHANGED = "password.changed"
    MFA_TOTP_ADDED = "mfa.totp_added"
    MFA_TOTP_REMOVED = "mfa.totp_removed"
    MFA_PASSKEY_ADDED = "mfa.passkey_added"
    MFA_PASSKEY_RENAMED = "mfa.passkey_renamed"
    MFA_PASSKEY_REMOVED = "mfa.passkey_removed"
    MFA_RECOVERY_CODES_MADE = "mfa.recovery_codes_made"
    MFA_RESET = "mfa.reset"
    PASSKEY_COUNTER_WENT_BACK = "passkey.counter_went_back"
    IDENTITY_LINKED = "identity.linked"
    IDENTITY_LINK_FAILED = "identity.link_failed"
    IDENTITY_UNLINKED = "identity.unlinked"
    PROVIDER_CREATED = "provider.created"
    PROVIDER_CHANGED = "provider.changed"
    PROVIDER_DELETED = "provider.deleted"
    EXPORT_REQUESTED = "export.requested"
    EXPORT_REMOVED = "export.removed"
    EXPORT_TAKEN_IN = "export.taken_in"
    SETTINGS_CHANGED = "settings.changed"
    API_KEY_CREATED = "api_key.created"
    API_KEY_CHANGED = "api_key.changed"
    API_KEY_REVOKED = "api_key.revoked"
    SIGNING_SECRET_CREATED = "signing_secret.created"
    SIGNING_SECRET_RENAMED = "signing_secret.renamed"
    SIGNING_SECRET_DELETED = "signing_secret.deleted"
    DELIVERY_RETRIED = "delivery.retried"
    DELIVERY_CANCELLED = "delivery.cancelled"
    SECRETS_ROTATED = "secrets.rotated"


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who acts, and from which address. `id` is the user's or the key's, None for the server and for nobody."""

    kind: ActorKind
    id: UUID | None = None
    ip: str | None = None


SERVER = Actor(kind=ActorKind.SERVER)
