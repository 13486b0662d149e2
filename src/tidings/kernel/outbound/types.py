"""The words of outbound requests."""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import Any, TypeAlias

IpAddress: TypeAlias = IPv4Address | IPv6Address
IpNetwork: TypeAlias = IPv4Network | IPv6Network
Resolve: TypeAlias = Callable[[str, int], Awaitable[Sequence[IpAddress]]]
"""Every address of a host name, in the order to try them. Raises OSError when there is none."""


class Refusal(StrEnum):
    """Why a request is not made at all."""

    URL = "url"
    SCHEME = "scheme"
    ADDRESS = "address"


class Failure(StrEnum):
    """Why a request that may be made got no answer."""

    NAME = "name"
    UNREACHABLE = "unreachable"
    TIMEOUT = "timeout"
    BROKEN = "broken"
    TOO_LARGE = "too_large"
    ENCODED = "encoded"


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboundLimits:
    """How long one request may take, in seconds, and how much its answer may hold, in bytes."""

    total_s: float = 20.0
    connect_s: float = 5.0
    read_s: float = 10.0
    max_bytes: int = 1 << 20


@dataclass(frozen=True, slots=True)
class Target:
    """Where a request goes, taken apart once: what is checked is what is connected to and what is sent."""

    scheme: str
    host: str
    port: int
    path: str
    address: IpAddress | None
    """The host, where it is an address and no name."""


@dataclass(frozen=True, slots=True)
class OutboundResponse:
    """What came back, redirects included: nobody follows them. Header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:  # Any: JSON is any value
        """The body as a value. Raises ValueError when it is not JSON, or nests deeper than the parser can."""
        try:
            return json.loads(self.body)
        except RecursionError as error:
            raise ValueError("the answer nests too deep") from error
