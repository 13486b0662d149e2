"""Common providers. Each issuer is the one the provider's discovery document names, to the last slash.

GitHub is missing because it offers OAuth 2 without OpenID Connect; Apple because its client secret is a token that
must be signed anew every half year and its answer comes as a form post.
"""

from collections.abc import Mapping

from tidings.accounts.identity_providers.types import ProviderTemplate

TEMPLATES: Mapping[str, ProviderTemplate] = {
    template.key: template
    for template in (
        ProviderTemplate("google", "Google", "https://accounts.google.com"),
        ProviderTemplate("microsoft", "Microsoft", "https://login.microsoftonline.com/{tenant}/v2.0"),
        ProviderTemplate("gitlab", "GitLab", "https://{host}"),
        ProviderTemplate("keycloak", "Keycloak", "https://{host}/realms/{realm}"),
        ProviderTemplate("authentik", "authentik", "https://{host}/application/o/{application}/"),
        ProviderTemplate("zitadel", "ZITADEL", "https://{host}"),
        ProviderTemplate("okta", "Okta", "https://{host}"),
        ProviderTemplate("auth0", "Auth0", "https://{host}/"),
    )
}
