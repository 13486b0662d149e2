"""Tests talk to this machine only.

Python's own sockets are guarded, and with them asyncio, asyncpg and httpx. A program that a test starts, and
a loop of uvloop's, connect without them: nothing but care keeps those at home.
"""

import os
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import pytest


class LeavesThisMachine(Exception):
    """A test tried to reach another machine."""


@contextmanager
def loopback_only() -> Iterator[None]:
    """Refuse every connection and name that leads off this machine, except to TIDINGS_TEST_… services."""
    allowed = service_hosts(os.environ)
    with pytest.MonkeyPatch.context() as patch:
        for name in ("connect", "connect_ex"):
            patch.setattr(socket.socket, name, _guarded_connect(getattr(socket.socket, name), allowed))
        patch.setattr(socket, "getaddrinfo", _guarded_lookup(socket.getaddrinfo, allowed))
        yield


def service_hosts(environment: Mapping[str, str]) -> set[str]:
    """The hosts of TIDINGS_TEST_…_URL, by name and by address."""
    urls = [value for key, value in environment.items() if key.startswith("TIDINGS_TEST_") and "://" in value]
    hosts = {host for url in urls if (host := urlsplit(url).hostname)}
    return hosts | {str(found[4][0]) for host in hosts for found in socket.getaddrinfo(host, None)}


def _guarded_connect(connect: Callable[..., Any], allowed: set[str]) -> Callable[..., Any]:
    # Any: socket's own signatures, passed through.
    def guarded(sock: socket.socket, address: Any) -> Any:
        if sock.family in {socket.AF_INET, socket.AF_INET6}:
            _check(str(address[0]), allowed)
        return connect(sock, address)

    return guarded


def _guarded_lookup(lookup: Callable[..., Any], allowed: set[str]) -> Callable[..., Any]:
    def guarded(host: Any, *rest: Any, **options: Any) -> Any:
        if host is not None:
            _check(host.decode() if isinstance(host, bytes) else str(host), allowed, by_name=True)
        return lookup(host, *rest, **options)

    return guarded


def _check(host: str, allowed: set[str], *, by_name: bool = False) -> None:
    if host in allowed or host == "localhost" or host.endswith(".localhost"):
        return
    try:
        address = ip_address(host.partition("%")[0])
        at_home = address.is_loopback or by_name  # looking up what is an address already asks nobody
    except ValueError:
        at_home = False
    if not at_home:
        raise LeavesThisMachine(f"{host} is not this machine; tests use fakes on loopback instead")
