"""What a device is handed when somebody has signed in."""

from datetime import datetime

from fastapi import Response

from tidings.accounts.cookies import set_device_cookie, set_session_cookie
from tidings.accounts.schemas import AppSignedIn, TokensOut
from tidings.accounts.starting_sessions import Started
from tidings.accounts.tokens import Tokens


def hand_over(response: Response, base_url: str, started: Started) -> None:
    """Set a browser's cookies: of its session, and the one by which it is known again.

    An app gets none (`app_signed_in`): whoever can make a browser sign in for tokens could leave a device's name in it.
    """
    if started.cookie is None:
        return
    set_session_cookie(response, base_url, started.cookie)
    if started.device_token is not None:
        set_device_cookie(response, base_url, started.device_token)


def app_signed_in(started: Started, now: datetime) -> AppSignedIn:
    """What an app is handed: tokens, and by what its device is known again. Raises LookupError for a browser's."""
    if started.tokens is None:
        raise LookupError("a browser has a cookie and no tokens")
    return AppSignedIn(**tokens_out(started.tokens, now).model_dump(), device_token=started.device_token)


def tokens_out(tokens: Tokens, now: datetime) -> TokensOut:
    """Tokens as the wire has them."""
    return TokensOut(
        access_token=tokens.access_token,
        refresh_token=tokens.refresh_token,
        expires_in=int((tokens.access_expires_at - now).total_seconds()),
        session_id=tokens.session_id,
    )
