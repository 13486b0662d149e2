"""Routes of accounts."""

from tidings.accounts.api import (
    account_states,
    audit_log,
    email_changes,
    exports,
    identities,
    identity_providers,
    invitations,
    keys,
    lost_factors,
    mfa,
    oidc,
    own_password,
    passkey_signing_in,
    passkeys,
    password_resets,
    photos,
    profiles,
    server_settings,
    sessions,
    sign_up,
    signing_in,
    signing_secrets,
    tickets,
    users,
)
from tidings.kernel.http.routing import Router

router = Router()
# Whoever serves /users/me before whoever serves /users/{user_id}.
for part in (
    signing_in,
    own_password,
    sign_up,
    password_resets,
    sessions,
    oidc,
    identities,
    identity_providers,
    profiles,
    email_changes,
    invitations,
    account_states,
    photos,
    exports,
    users,
    keys,
    signing_secrets,
    tickets,
    server_settings,
    audit_log,
    mfa,
    lost_factors,
    passkeys,
    passkey_signing_in,
):
    router.take(part.router)
