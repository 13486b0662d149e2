"""Where a request comes from."""

import ipaddress

from starlette.requests import HTTPConnection


def client_address(connection: HTTPConnection, *, trusted_proxies: int) -> str | None:
    """The address of whoever sent this, as far as it can be known.

    Each proxy appends the address that it was called from to X-Forwarded-For. With so many proxies of our own in
    front, that many entries at the end are theirs, and the first of these is the client; what stands before it anybody
    may have written. With none, the header has no effect.
    """
    peer = connection.client.host if connection.client else None
    if trusted_proxies == 0:
        return peer
    forwarded = [entry for line in connection.headers.getlist("x-forwarded-for") for entry in line.split(",")]
    if len(forwarded) < trusted_proxies:
        return peer
    return _address(forwarded[-trusted_proxies].strip()) or peer


def network_of(address: str) -> str:
    """What one customer of a provider usually holds: an IPv4 address, or the /64 of an IPv6 address (RFC 6177)."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:  # a Unix socket, or a test client
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        return str(parsed.ipv4_mapped or ipaddress.ip_network((parsed, 64), strict=False).network_address)
    return str(parsed)


def _address(entry: str) -> str | None:
    """An entry without the brackets and the port that some proxies write."""
    if entry.startswith("["):
        entry = entry[1:].partition("]")[0]
    elif entry.count(":") == 1:
        entry = entry.partition(":")[0]
    try:
        return str(ipaddress.ip_address(entry))
    except ValueError:
        return None
