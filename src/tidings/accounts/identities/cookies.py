"""The cookie that binds a trip to a provider to the browser it began in."""

from fastapi import Response

from tidings.accounts.cookies import cookie_name
from tidings.accounts.identities.flows import LIFE
from tidings.kernel.crypto import new_token

_PREFIX = "tdo_"
_LENGTH = len(new_token(_PREFIX))


def browser_cookie_name(base_url: str) -> str:
    """`__Host-tidings-oidc` where the base URL is https, which no subdomain can plant; `tidings-oidc` otherwise."""
    return f"{cookie_name(base_url)}-oidc"


def browser_secret(sent: str | None) -> str:
    """What this browser is bound by: what it has already, so that trips in several tabs all come back."""
    return sent if sent is not None and sent.startswith(_PREFIX) and len(sent) == _LENGTH else new_token(_PREFIX)


def set_browser_cookie(response: Response, base_url: str, secret: str) -> None:
    """Bind the browser for as long as a trip may take. Lax: the provider sends it back by a link."""
    response.set_cookie(
        browser_cookie_name(base_url),
        secret,
        max_age=int(LIFE.total_seconds()),
        path="/",
        secure=base_url.lower().startswith("https://"),
        httponly=True,
        samesite="lax",
    )
