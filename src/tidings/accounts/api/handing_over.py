"""What a device is handed when somebody has signed in."""

from datetime import datetime

from fastapi import Response

from tidings.accounts.cookies import set_device_cookie, set_session_cookie
from tidings.accounts.schemas import TokensOut
from tidings.accounts.starting_sessions import Started
from tidings.accounts.tokens import Tokens


def hand_over(response: Response, base_url: str, started: Started) -> None:
    """Set the cookies: of the session if it is a browser's, and the one by which the device is known again."""
    if started.cookie is not None:
        set_session_cookie(response, base_url, started.cookie)
    if started.device_token is not None:
        set_device_cookie(response, base_url, started.device_token)


def tokens_out(tokens: Tokens, now: datetime) -> TokensOut:
    """Tokens as the wire has them."""
    return TokensOut(
        access_token=tokens.access_token,
        refresh_token=tokens.refresh_token,
        expires_in=int((tokens.access_expires_at - now).total_seconds()),
        session_id=tokens.session_id,
    )
