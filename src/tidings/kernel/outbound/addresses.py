"""Which IP addresses a request may go to that a stranger can steer: public ones, and what the operator exempts.

`ipaddress.is_global` follows the registries of its Python release, and calls some addresses global that lead into
networks of others or stand for an IPv4 address; those are named here.
"""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network

from tidings.kernel.outbound.types import IpAddress, IpNetwork

_NOT_PUBLIC_4 = tuple(
    IPv4Network(text)
    for text in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",  # carrier-grade NAT (RFC 6598); metadata of Alibaba Cloud lives here
        "127.0.0.0/8",
        "168.63.129.16/32",  # the host agent of Azure: a public number that every virtual machine reaches
        "169.254.0.0/16",  # link-local, and the metadata of most clouds
        "172.16.0.0/12",
        "192.0.0.0/24",  # protocol assignments; metadata of Oracle Cloud
        "192.0.2.0/24",
        "192.52.193.0/24",  # AMT relays (RFC 7450)
        "192.88.99.0/24",  # 6to4 relays (RFC 7526)
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/3",  # multicast, reserved, broadcast
    )
)
_GLOBAL_UNICAST_6 = IPv6Network("2000::/3")  # everything else is local, multicast, reserved or stands for IPv4
_NOT_PUBLIC_6 = tuple(
    IPv6Network(text)
    for text in (
        "2001::/23",  # protocol assignments, Teredo among them
        "2001:db8::/32",
        "2002::/16",  # 6to4 carries any IPv4 address
        "2620:4f:8000::/48",  # AS112
        "3fff::/20",
    )
)
_NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052: how a network without IPv4 reaches an IPv4 address


def parse_networks(texts: Iterable[str]) -> tuple[IpNetwork, ...]:
    """The networks these texts name, `10.0.0.0/8` or one address. Raises ValueError."""
    return tuple(ip_network(text) for text in texts)


def meant_address(address: IpAddress) -> IpAddress:
    """The address that a connection to this one ends at: the IPv4 address inside a mapped or a NAT64 one."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
        if address in _NAT64:
            return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address


def is_public(address: IpAddress) -> bool:
    """Whether the whole internet reaches the same machine at this address."""
    meant = meant_address(address)
    if isinstance(meant, IPv4Address):
        return meant.is_global and not any(meant in network for network in _NOT_PUBLIC_4)
    return (
        meant.is_global
        and meant.scope_id is None
        and meant in _GLOBAL_UNICAST_6
        and not any(meant in network for network in _NOT_PUBLIC_6)
    )


def is_exempt(address: IpAddress, allow: Iterable[IpNetwork]) -> bool:
    """Whether the operator lets requests go to this address, public or not."""
    meant = meant_address(address)
    return any(meant.version == network.version and meant in network for network in allow)
