"""Signing in with a provider, as the browser walks it: away, and back with an answer.

Both are GET because a browser is sent there; each writes what it must by itself, and counts as an attempt to get in,
where it can say on a page that there were too many. A scanner that opens the first begins a trip nobody finishes, and
one that opens the second has no browser's cookie.
"""

from typing import Annotated

from fastapi import Query, Request
from fastapi.responses import RedirectResponse

from tidings.accounts.api.app import BaseUrl, SessionCookie
from tidings.accounts.api.journeys import HOME, Browser, Journey, landing, refused
from tidings.accounts.identities.cookies import browser_secret, set_browser_cookie
from tidings.accounts.identities.flows import local_path
from tidings.accounts.identities.travelling import ProviderAnswer, come_back, leave
from tidings.accounts.limiting import limit_attempts
from tidings.accounts.policies import public
from tidings.kernel.errors import TidingsError
from tidings.kernel.http.routing import Router

router = Router(prefix="/auth/oidc", tags=["Signing in with a provider"])

Text = Annotated[str | None, Query(max_length=4_096)]
ReturnPath = Annotated[str | None, Query(alias="next", max_length=4_096)]
_REDIRECT = {303: {"description": "To the provider, to a page of this server, or to /sign-in?error=<code>"}}


@router.get("/{slug}/start", public, status_code=303, response_class=RedirectResponse, responses=_REDIRECT)
async def start(
    slug: str, request: Request, journey: Journey, base_url: BaseUrl, browser: Browser, return_path: ReturnPath = None
) -> RedirectResponse:
    """Send a browser to the provider; it alone can come back."""
    secret = browser_secret(browser)
    try:
        await limit_attempts(request)
        url = await leave(journey, slug, browser=secret, return_path=local_path(return_path, otherwise=HOME))
    except TidingsError as refusal:
        return refused(base_url, refusal)
    response = RedirectResponse(url, 303)
    set_browser_cookie(response, base_url, secret)
    return response


@router.get("/{slug}/callback", public, status_code=303, response_class=RedirectResponse, responses=_REDIRECT)
async def callback(
    slug: str,
    request: Request,
    journey: Journey,
    base_url: BaseUrl,
    browser: Browser,
    earlier: SessionCookie,
    state: Text = None,
    code: Text = None,
    error: Text = None,
    iss: Text = None,
) -> RedirectResponse:
    """Where the provider sends the browser back: a session, a second step, a linked identity, or a reason."""
    answer = ProviderAnswer(state=state, code=code, error=error, issuer=iss)
    try:
        await limit_attempts(request)
        return landing(base_url, await come_back(journey, slug, answer, browser=browser, cookie=earlier))
    except TidingsError as refusal:
        return refused(base_url, refusal)
