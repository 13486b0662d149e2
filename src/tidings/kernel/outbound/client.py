"""Requests to URLs that people gave, guarded against being steered into our own network.

Each send takes the URL apart, looks its host up, checks every address that came, and connects to one of those very
addresses: a name that answers differently the next time is never asked a second time. The connection is used once.
What a general client would do besides does not exist at this level: no redirects, no cookies, no proxies from the
environment, no decompression.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager

import httpcore2

from tidings.kernel.outbound.addresses import is_exempt, is_public
from tidings.kernel.outbound.errors import OutboundFailed, OutboundRefused
from tidings.kernel.outbound.resolving import resolve as resolve_by_system
from tidings.kernel.outbound.types import (
    Failure,
    IpAddress,
    IpNetwork,
    OutboundLimits,
    OutboundResponse,
    Refusal,
    Resolve,
    Target,
)
from tidings.kernel.outbound.urls import parse_target

_STANDARD = OutboundLimits()


class OutboundClient:
    """The guarded client. `allow` names networks that are exempt: private addresses may be there, and plain http."""

    def __init__(
        self,
        *,
        allow: Sequence[IpNetwork] = (),
        resolve: Resolve = resolve_by_system,
        trust: ssl.SSLContext | None = None,
    ) -> None:
        self._allow = tuple(allow)
        self._resolve = resolve
        self._trust = trust

    async def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        limits: OutboundLimits = _STANDARD,
    ) -> OutboundResponse:
        """The answer, whatever its status. Raises OutboundRefused before anything is sent, OutboundFailed after."""
        target = parse_target(url)
        try:
            async with asyncio.timeout(limits.total_s):
                addresses = await self._checked_addresses(target)
                return await self._exchange(target, addresses, method, dict(headers or {}), body, limits)
        except (TimeoutError, httpcore2.TimeoutException):
            raise OutboundFailed(Failure.TIMEOUT) from None
        except (httpcore2.ConnectError, httpcore2.ConnectTimeout):
            raise OutboundFailed(Failure.UNREACHABLE) from None
        except (httpcore2.NetworkError, httpcore2.ProtocolError, OSError):
            raise OutboundFailed(Failure.BROKEN) from None

    async def _checked_addresses(self, target: Target) -> Sequence[IpAddress]:
        addresses = [target.address] if target.address is not None else await self._look_up(target)
        exempt = [is_exempt(address, self._allow) for address in addresses]
        if not all(excused or is_public(address) for address, excused in zip(addresses, exempt, strict=True)):
            raise OutboundRefused(Refusal.ADDRESS)
        if target.scheme != "https" and not all(exempt):
            raise OutboundRefused(Refusal.SCHEME)
        return addresses

    async def _look_up(self, target: Target) -> Sequence[IpAddress]:
        try:
            addresses = await self._resolve(target.host, target.port)
        except (OSError, UnicodeError):
            raise OutboundFailed(Failure.NAME) from None
        if not addresses:
            raise OutboundFailed(Failure.NAME)
        return addresses

    async def _exchange(
        self,
        target: Target,
        addresses: Sequence[IpAddress],
        method: str,
        headers: Mapping[str, str],
        body: bytes,
        limits: OutboundLimits,
    ) -> OutboundResponse:
        timeouts = {"connect": limits.connect_s, "read": limits.read_s, "write": limits.read_s}
        async with self._connection(target, addresses) as connection:
            url = httpcore2.URL(scheme=target.scheme, host=_ascii_host(target), port=target.port, target=target.path)
            sent = {"Accept-Encoding": "identity", "Connection": "close", "User-Agent": "Tidings", **headers}
            async with connection.stream(
                method,
                url,
                headers=[(name.encode("latin-1"), value.encode("latin-1")) for name, value in sent.items()],
                content=body or None,
                extensions={"timeout": timeouts, "sni_hostname": target.host},
            ) as response:
                received = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
                # We asked for none: whoever encodes all the same may hide a bomb in it.
                if received.get("content-encoding", "identity").strip().lower() not in {"", "identity"}:
                    raise OutboundFailed(Failure.ENCODED)
                return OutboundResponse(response.status, received, await _read(response, received, limits.max_bytes))

    @asynccontextmanager
    async def _connection(
        self, target: Target, addresses: Sequence[IpAddress]
    ) -> AsyncIterator[httpcore2.AsyncHTTPConnection]:
        connection = httpcore2.AsyncHTTPConnection(
            origin=httpcore2.Origin(target.scheme.encode(), _ascii_host(target).encode(), target.port),
            ssl_context=await self._trusted() if target.scheme == "https" else None,
            network_backend=_Pinned(addresses),
        )
        try:
            yield connection
        finally:
            await connection.aclose()

    async def _trusted(self) -> ssl.SSLContext:
        """Who may vouch for a host; the system's own list takes tens of milliseconds and some memory to read."""
        if self._trust is None:
            self._trust = await asyncio.to_thread(httpcore2.default_ssl_context)
        return self._trust


class _Pinned(httpcore2.AsyncNetworkBackend):
    """Connects to the checked addresses and to nothing else, whatever name it is asked for."""

    def __init__(self, addresses: Sequence[IpAddress]) -> None:
        self._addresses = addresses
        self._inner = httpcore2.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the signature of httpcore2's port
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """A connection to the first of the addresses that takes it."""
        for address in self._addresses[:-1]:
            try:
                return await self._inner.connect_tcp(str(address), port, timeout=timeout)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout):
                continue  # a host with several addresses is up while one of them is
        return await self._inner.connect_tcp(str(self._addresses[-1]), port, timeout=timeout)


def _ascii_host(target: Target) -> str:
    return f"[{target.host}]" if ":" in target.host else target.host


async def _read(response: httpcore2.Response, headers: Mapping[str, str], max_bytes: int) -> bytes:
    announced = headers.get("content-length", "0")
    if not announced.isdecimal() or int(announced) > max_bytes:
        raise OutboundFailed(Failure.TOO_LARGE)
    read = bytearray()
    async for chunk in response.aiter_stream():
        read += chunk
        if len(read) > max_bytes:
            raise OutboundFailed(Failure.TOO_LARGE)
    return bytes(read)
