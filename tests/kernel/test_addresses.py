"""Where a request comes from, behind as many proxies as are declared."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import HTTPConnection

from tidings.kernel.http.addresses import client_address, network_of

PEER = "203.0.113.9"


def seen(*forwarded: str, proxies: int, peer: str | None = PEER) -> str | None:
    headers = [(b"x-forwarded-for", line.encode()) for line in forwarded]
    scope = {"type": "http", "headers": headers, "client": None if peer is None else (peer, 4711)}
    return client_address(HTTPConnection(scope), trusted_proxies=proxies)


@pytest.mark.parametrize(
    ("forwarded", "proxies", "address"),
    [
        ((), 0, PEER),
        (("198.51.100.1",), 0, PEER),
        ((), 1, PEER),
        (("198.51.100.1",), 1, "198.51.100.1"),
        (("6.6.6.6, 198.51.100.1",), 1, "198.51.100.1"),
        (("6.6.6.6, 198.51.100.1, 10.0.0.1",), 2, "198.51.100.1"),
        (("6.6.6.6", "198.51.100.1"), 1, "198.51.100.1"),
        (("198.51.100.1",), 2, PEER),
        (("198.51.100.1:5123",), 1, "198.51.100.1"),
        (("[2001:db8::1]:5123",), 1, "2001:db8::1"),
        (("2001:DB8::1",), 1, "2001:db8::1"),
        (("unknown",), 1, PEER),
        (("",), 1, PEER),
    ],
)
def test_the_address_behind_declared_proxies(forwarded: tuple[str, ...], proxies: int, address: str) -> None:
    assert seen(*forwarded, proxies=proxies) == address


def test_without_a_peer_there_is_no_address() -> None:
    assert seen(proxies=0, peer=None) is None


@given(st.lists(st.text(st.characters(codec="latin-1", exclude_characters="\r\n\0")), max_size=4))
def test_nothing_that_is_written_before_a_proxy_has_an_effect(written: list[str]) -> None:
    lines = [*written, "198.51.100.1"]
    headers = [(b"x-forwarded-for", line.encode("latin-1")) for line in lines]
    connection = HTTPConnection({"type": "http", "headers": headers, "client": (PEER, 1)})
    assert client_address(connection, trusted_proxies=1) == "198.51.100.1"
    assert client_address(connection, trusted_proxies=0) == PEER


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("198.51.100.1", "198.51.100.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("::ffff:198.51.100.1", "198.51.100.1"),
        ("unknown", "unknown"),
    ],
)
def test_whom_a_limit_means(address: str, network: str) -> None:
    assert network_of(address) == network
