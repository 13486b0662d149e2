"""Row 50: a URL that somebody gives us leads to public addresses alone, however its name is made to answer."""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.services.answering import answering, says
from tidings.kernel.outbound.addresses import is_exempt, is_public, parse_networks
from tidings.kernel.outbound.client import OutboundClient
from tidings.kernel.outbound.errors import OutboundFailed, OutboundRefused
from tidings.kernel.outbound.types import IpAddress, OutboundLimits, Refusal, Resolve
from tidings.kernel.outbound.urls import parse_target

HELLO = says(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")
INSIDE = [
    "0.0.0.0",  # noqa: S104 - nothing is bound to it
    "10.1.2.3",
    "100.64.0.1",
    "100.100.100.200",
    "127.0.0.1",
    "127.8.8.8",
    "168.63.129.16",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.192",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::a00:1",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "2002:a9fe:a9fe::",
    "3fff::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fec0::1",
    "ff02::1",
]
OUTSIDE = ["1.1.1.1", "8.8.8.8", "93.184.215.14", "2606:4700:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]


@pytest.mark.parametrize("address", INSIDE)
def test_row_50_an_address_inside_is_not_public(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", OUTSIDE)
def test_row_50_an_address_outside_is_public(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize("address", INSIDE)
async def test_row_50_a_literal_inside_is_never_connected_to(address: str) -> None:
    host = f"[{address}]" if ":" in address else address
    assert await refusal(OutboundClient(), f"https://{host}/") is Refusal.ADDRESS


@pytest.mark.parametrize("address", INSIDE)
async def test_row_50_one_address_inside_among_public_ones_refuses_the_name(address: str) -> None:
    client = OutboundClient(resolve=answers(["8.8.8.8", address, "2606:4700:4700::1111"]))
    assert await refusal(client, "https://id.example/") is Refusal.ADDRESS


PRIVATE_4 = st.one_of(
    *(
        st.integers(int(network[0]), int(network[-1])).map(IPv4Address)
        for network in map(
            IPv4Network, ("10.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "100.64.0.0/10")
        )
    )
)


@given(PRIVATE_4)
def test_row_50_no_spelling_of_a_private_address_is_public(address: IPv4Address) -> None:
    number = int(address)
    spellings: list[IpAddress] = [
        address,
        IPv6Address((0xFFFF << 32) | number),
        IPv6Address(int(IPv6Address("64:ff9b::")) | number),
        IPv6Address((0x2002 << 112) | (number << 80)),
        IPv6Address(number),
    ]
    assert not any(map(is_public, spellings))


@given(st.integers(0, (1 << 128) - 1).map(IPv6Address))
def test_row_50_public_ipv6_is_global_unicast_or_stands_for_public_ipv4(address: IPv6Address) -> None:
    if is_public(address):
        stands_for = address.ipv4_mapped or IPv4Address(int(address) & 0xFFFF_FFFF)
        assert address in IPv6Network("2000::/3") or stands_for.is_global


@given(st.integers(0, (1 << 32) - 1).map(IPv4Address))
def test_row_50_public_ipv4_is_what_the_registry_calls_global(address: IPv4Address) -> None:
    assert not is_public(address) or (address.is_global and not address.is_multicast)


@given(
    PRIVATE_4,
    st.sampled_from(["{0}", "0x{0:x}", "0{0:o}", "0x{1:x}.{2}", "{1}.{2}", "0{1:o}.0.0.{3}", "[::ffff:{4}]"]),
)
def test_row_50_old_notations_of_a_private_host_go_nowhere(address: IPv4Address, form: str) -> None:
    number = int(address)
    text = form.format(number, number >> 24, number & 0xFFFFFF, number & 0xFF, address)
    try:
        target = parse_target(f"https://{text}/")
    except OutboundRefused:
        return
    assert target.address is not None
    assert not is_public(target.address)


async def test_row_50_a_name_that_rebinds_is_asked_once_a_send_and_checked_each_time() -> None:
    """First where it may be; then next to it, where the same server listens and must hear nothing more."""
    asked: list[str] = []

    async def rebinding(host: str, _port: int) -> Sequence[IpAddress]:
        asked.append(host)
        return [ip_address("127.0.0.1" if len(asked) == 1 else "127.0.0.2")]

    async with answering(HELLO) as inside:
        client = OutboundClient(allow=parse_networks(["127.0.0.1/32"]), resolve=rebinding)
        url = f"http://rebind.example:{inside.port}/"
        assert (await client.send("GET", url)).status == 200
        assert await refusal(client, url) is Refusal.ADDRESS
        assert (asked, len(inside.requests)) == (["rebind.example"] * 2, 1)


async def test_row_50_the_checked_address_is_the_one_connected_to() -> None:
    """The connection asks no resolver again: a second, different answer is never heard."""
    asked: list[str] = []

    async def rebinding(host: str, _port: int) -> Sequence[IpAddress]:
        asked.append(host)
        return [ip_address("127.0.0.2" if len(asked) == 1 else "127.0.0.1")]

    async with answering(HELLO) as inside:  # listens on 127.0.0.1 alone
        client = OutboundClient(allow=parse_networks(["127.0.0.2"]), resolve=rebinding)
        with pytest.raises(OutboundFailed):
            await client.send("GET", f"http://rebind.example:{inside.port}/", limits=OutboundLimits(total_s=2))
        assert (asked, inside.requests) == (["rebind.example"], [])


async def test_row_50_a_redirect_inside_is_not_followed() -> None:
    async with answering(HELLO) as inside:
        raw = f"HTTP/1.1 307 Temporary\r\nLocation: http://127.0.0.1:{inside.port}/\r\nContent-Length: 0\r\n\r\n"
        async with answering(says(raw.encode())) as server:
            client = OutboundClient(allow=parse_networks(["127.0.0.1"]))
            assert (await client.send("POST", f"http://127.0.0.1:{server.port}/", body=b"x")).status == 307
        assert inside.requests == []


async def test_row_50_an_exempt_network_is_reached_and_its_neighbours_are_not() -> None:
    async with answering(HELLO) as server:
        client = OutboundClient(allow=parse_networks(["127.0.0.1/32"]))
        assert (await client.send("GET", f"http://127.0.0.1:{server.port}/")).status == 200
        assert await refusal(client, f"http://127.0.0.2:{server.port}/") is Refusal.ADDRESS


def test_row_50_an_exemption_holds_for_every_spelling_of_its_addresses_and_no_more() -> None:
    allow = parse_networks(["10.0.0.0/8"])
    assert is_exempt(ip_address("::ffff:10.1.1.1"), allow)
    assert not is_exempt(ip_address("::ffff:11.1.1.1"), allow)
    assert not is_exempt(ip_address("::10.1.1.1"), allow)


def answers(addresses: Sequence[str]) -> Resolve:
    async def resolve(_host: str, _port: int) -> Sequence[IpAddress]:
        return [ip_address(address) for address in addresses]

    return resolve


async def refusal(client: OutboundClient, url: str) -> Refusal:
    with pytest.raises(OutboundRefused) as refused:
        await client.send("GET", url)
    return refused.value.reason
