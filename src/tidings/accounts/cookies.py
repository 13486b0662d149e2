"""The session cookie, and the signs by which a browser's request is known to come from our own pages."""

from urllib.parse import urlsplit

from fastapi import Request, Response
from starlette.requests import HTTPConnection

from tidings.accounts.errors import CrossSite
from tidings.accounts.known_devices.knowing import LIFE as DEVICE_LIFE
from tidings.accounts.sessions import LIFE
from tidings.kernel.errors import UnsupportedMediaType

_DEFAULT_PORTS = {"http": 80, "https": 443}
_OF_PAGES = {"ws": "http", "wss": "https"}
_SIGNS = ("origin", "sec-fetch-site")


def cookie_name(base_url: str) -> str:
    """`__Host-tidings` where the base URL is https, which no subdomain can plant; `tidings` otherwise."""
    return "__Host-tidings" if _is_https(base_url) else "tidings"


def set_session_cookie(response: Response, base_url: str, token: str) -> None:
    """Hand the browser its session."""
    response.set_cookie(
        cookie_name(base_url),
        token,
        max_age=int(LIFE.total_seconds()),
        path="/",
        secure=_is_https(base_url),
        httponly=True,
        samesite="lax",
    )


def clear_session_cookie(response: Response, base_url: str) -> None:
    """Let the browser forget its session."""
    response.delete_cookie(cookie_name(base_url), path="/", secure=_is_https(base_url), httponly=True, samesite="lax")


def device_cookie_name(base_url: str) -> str:
    """The name of the cookie by which a device is known again."""
    return f"{cookie_name(base_url)}-device"


def set_device_cookie(response: Response, base_url: str, token: str) -> None:
    """Let this device be known again; it opens nothing."""
    response.set_cookie(
        device_cookie_name(base_url),
        token,
        max_age=int(DEVICE_LIFE.total_seconds()),
        path="/",
        secure=_is_https(base_url),
        httponly=True,
        samesite="lax",
    )


def origin_of(url: str) -> str:
    """The origin (RFC 6454) a URL belongs to, in the form browsers send it; empty when it has none."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return ""
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname:
        return ""
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}" + (f":{port}" if port not in {None, _DEFAULT_PORTS[parts.scheme]} else "")


def own_origins(connection: HTTPConnection, base_url: str) -> frozenset[str]:
    """The origins of our own pages.

    Where the base URL is https that one alone: behind whatever ends TLS, the Host of a request would make a page of the
    same name without TLS ours, or any other name that leads here. Over plain http, as on the machine of whoever tries
    Tidings out, it is also the one that this very request was sent to: the same server has several names there.
    """
    if _is_https(base_url):
        return frozenset({origin_of(base_url)})
    scheme = _OF_PAGES.get(connection.url.scheme, connection.url.scheme)
    return frozenset({origin_of(base_url), origin_of(f"{scheme}://{connection.headers.get('host', '')}")})


def check_same_site(request: Request, base_url: str) -> None:
    """Refuse an unsafe request that a foreign page could have made a browser send with its cookie.

    Raises CrossSite, and UnsupportedMediaType for a body that a plain HTML form could produce.
    """
    if not _is_from_own_page(request, base_url):
        raise CrossSite()
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if _has_body(request) and not _is_json(media_type) and media_type != "multipart/form-data":
        raise UnsupportedMediaType("With a session cookie the body must be JSON or multipart/form-data.")


def check_no_foreign_page(request: Request, base_url: str) -> None:
    """Refuse what a browser says it was sent by a page that is not ours. A program says nothing of pages, and passes.

    For what hands out cookies: a foreign page's request brings none of ours, and could still leave some behind.
    Raises CrossSite.
    """
    if any(sign in request.headers for sign in _SIGNS) and not _is_from_own_page(request, base_url):
        raise CrossSite()


def _is_from_own_page(request: Request, base_url: str) -> bool:
    origin = origin_of(request.headers.get("origin", ""))
    is_ours = origin != "" and origin in own_origins(request, base_url)
    return is_ours or request.headers.get("sec-fetch-site") == "same-origin"


def _has_body(request: Request) -> bool:
    return "transfer-encoding" in request.headers or request.headers.get("content-length", "0") != "0"


def _is_json(media_type: str) -> bool:
    return media_type == "application/json" or (media_type.startswith("application/") and media_type.endswith("+json"))


def _is_https(base_url: str) -> bool:
    return base_url.lower().startswith("https://")
