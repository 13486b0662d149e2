"""What the routes to providers and back need of the app and of the browser."""

from typing import Annotated
from urllib.parse import quote, urlencode, urlsplit

from fastapi import Depends, Request
from fastapi.responses import RedirectResponse

from tidings.accounts.api.app import BaseUrl, Database, FromDevice, Keyring
from tidings.accounts.api.handing_over import hand_over
from tidings.accounts.identities.cookies import browser_cookie_name
from tidings.accounts.identities.travelling import Arrival
from tidings.accounts.identities.travelling import Journey as TravellingJourney
from tidings.accounts.identities.types import FlowPurpose
from tidings.accounts.identity_providers.discovery import ProviderDirectory
from tidings.accounts.sign_in import HalfSignedIn
from tidings.accounts.starting_sessions import Started
from tidings.kernel.errors import TidingsError
from tidings.kernel.http.routing import Now

SIGN_IN = "/sign-in"
HOME = "/inbox"
SECURITY = "/security"


async def _directory(request: Request) -> ProviderDirectory:
    directory: ProviderDirectory = request.app.state.provider_directory
    return directory


Directory = Annotated[ProviderDirectory, Depends(_directory)]


async def _journey(
    database: Database, directory: Directory, keyring: Keyring, base_url: BaseUrl, device: FromDevice, now: Now
) -> TravellingJourney:
    return TravellingJourney(
        database=database, directory=directory, keyring=keyring, base_url=base_url, device=device, now=now
    )


async def _browser(request: Request, base_url: BaseUrl) -> str | None:
    return request.cookies.get(browser_cookie_name(base_url))


Journey = Annotated[TravellingJourney, Depends(_journey)]
Browser = Annotated[str | None, Depends(_browser)]


def landing(base_url: str, arrival: Arrival) -> RedirectResponse:
    """Where the browser goes now: always a page of this server. What must stay secret stands behind the `#`."""
    if isinstance(arrival.passed, HalfSignedIn):
        half = {"mfa_token": arrival.passed.token, "methods": ",".join(arrival.passed.methods)}
        return _to(base_url, f"{_with(SIGN_IN, next=arrival.path)}#{urlencode(half)}")
    if arrival.refusal is not None:
        return refused(base_url, arrival.refusal, arrival.path, arrival.purpose)
    response = _to(base_url, arrival.path)
    if isinstance(arrival.passed, Started):
        hand_over(response, base_url, arrival.passed)
    return response


def refused(
    base_url: str, refusal: TidingsError, path: str = HOME, purpose: FlowPurpose = FlowPurpose.SIGN_IN
) -> RedirectResponse:
    """Back to the page the person came from, which says in their language what the code means."""
    if purpose is FlowPurpose.LINK:
        return _to(base_url, _with(path, error=refusal.code))
    return _to(base_url, _with(SIGN_IN, error=refusal.code, **({} if path == HOME else {"next": path})))


def _with(path: str, **query: str) -> str:
    return f"{path}{'&' if urlsplit(path).query else '?'}{urlencode(query, quote_via=quote)}"


def _to(base_url: str, path: str) -> RedirectResponse:
    return RedirectResponse(base_url + path, 303)
