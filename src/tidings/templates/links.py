"""Addresses that may be followed from a text. The rule of the web pages' `safe-link.ts`; keep the two in step."""

import re
from urllib.parse import SplitResult, quote, urljoin, urlsplit, urlunsplit

import idna

FOLLOWED = ("http", "https", "mailto")
_WEB = ("http", "https")
_ENDS = "".join(map(chr, range(33)))
_WITHIN = re.compile("[\t\n\r]")
_KEPT = "!#$%&'()*+,/:;=?@[]~"


def safe_link(target: str, base: str) -> str | None:
    """The absolute http, https or mailto address that a target means on a server; None for all else.

    What browsers do not see in an address (WHATWG URL §4.4) is not there; what is no ASCII is encoded.
    """
    seen = _WITHIN.sub("", target.strip(_ENDS))
    try:
        if not seen or _lacks_a_server(urlsplit(seen)):
            return None
        parts = urlsplit(urljoin(base, seen))
        if parts.scheme not in FOLLOWED or _lacks_a_server(parts):
            return None
        netloc = parts.netloc if parts.netloc.isascii() else _ascii(parts)
    except (ValueError, idna.IDNAError):
        return None
    rest = (quote(part, safe=_KEPT, errors="replace") for part in (parts.path, parts.query, parts.fragment))
    return urlunsplit((parts.scheme, quote(netloc, safe=_KEPT), *rest))


def is_web_address(url: str) -> bool:
    """Whether this is an absolute http or https address, as safe_link gives it."""
    return url.startswith(("http://", "https://")) and safe_link(url, "") == url


def _lacks_a_server(parts: SplitResult) -> bool:
    """Raises ValueError for a port that is no number."""
    return parts.scheme in _WEB and (not parts.hostname or parts.port == 0)


def _ascii(parts: SplitResult) -> str:
    """A server with an international name, as the name's A-labels (RFC 5891)."""
    user, at, _ = parts.netloc.rpartition("@")
    port = "" if parts.port is None else f":{parts.port}"
    return f"{user}{at}{idna.encode(parts.hostname or '', uts46=True).decode()}{port}"
