"""Taking a URL apart once and strictly, so that no two parsers can disagree about where it leads."""

import re
from ipaddress import IPv4Address, IPv6Address
from urllib.parse import quote, urlsplit

import idna

from tidings.kernel.outbound.errors import OutboundRefused
from tidings.kernel.outbound.types import Refusal, Target

MAX_URL_LENGTH = 2_048
_PORTS = {"https": 443, "http": 80}
_FORBIDDEN = re.compile(r"[\x00-\x20\x7f\\<>\"^`{|}]")  # what some parsers drop and others read
_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMERIC = re.compile(r"[0-9]+|0[xX][0-9a-fA-F]*")


def parse_target(url: str) -> Target:
    """Where a URL leads. Raises OutboundRefused for one that is not absolute, plain and unambiguous.

    No user information, no port 0, no host in the old numeric notations (`127.1`, `0x7f.1`, `2130706433`), no zone.
    """
    if len(url) > MAX_URL_LENGTH or _FORBIDDEN.search(url):
        raise OutboundRefused(Refusal.URL)
    try:
        parts = urlsplit(url)
        port = parts.port
        host = parts.hostname or ""
    except ValueError:
        raise OutboundRefused(Refusal.URL) from None
    if parts.scheme not in _PORTS:
        raise OutboundRefused(Refusal.SCHEME)
    if "@" in parts.netloc or port == 0 or not host or parts.netloc.endswith(":"):
        raise OutboundRefused(Refusal.URL)
    name, address = _host(host, is_bracketed="[" in parts.netloc)
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._") + (
        "?" + quote(parts.query, safe="/?%:@!$&'()*+,;=~-._[]") if parts.query else ""
    )
    return Target(parts.scheme, name, port or _PORTS[parts.scheme], path, address)


def _host(host: str, *, is_bracketed: bool) -> tuple[str, IPv4Address | IPv6Address | None]:
    try:
        if is_bracketed:
            address = IPv6Address(host)
            if address.scope_id is not None:
                raise OutboundRefused(Refusal.URL)
            return str(address), address
        if _NUMERIC.fullmatch(host.rstrip(".").rpartition(".")[2]):
            return host, IPv4Address(host)  # four numbers without leading zeros, or nothing
    except ValueError:
        raise OutboundRefused(Refusal.URL) from None
    return _name(host), None


def _name(host: str) -> str:
    try:
        name = host if host.isascii() else idna.encode(host, uts46=True).decode()
    except (idna.IDNAError, UnicodeError):
        raise OutboundRefused(Refusal.URL) from None
    name = name.lower().removesuffix(".")
    labels = name.split(".")
    # Mapping to ASCII may make a numeric host of full-width digits: such a name is looked at again.
    if len(name) > 253 or not all(map(_LABEL.fullmatch, labels)) or _NUMERIC.fullmatch(labels[-1]):
        raise OutboundRefused(Refusal.URL)
    return name
