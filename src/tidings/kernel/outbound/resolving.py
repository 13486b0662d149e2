"""Looking up names in threads of their own: a name server that never answers must not occupy anybody else's."""

import asyncio
import socket
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_address

from tidings.kernel.outbound.types import IpAddress

_threads = ThreadPoolExecutor(8, thread_name_prefix="resolve")


async def resolve(host: str, port: int) -> Sequence[IpAddress]:
    """Every address the system's resolver gives for the name. Raises OSError when it gives none."""
    found = await asyncio.get_running_loop().run_in_executor(_threads, _look_up, host, port)
    return list(dict.fromkeys(ip_address(address) for address in found))


def _look_up(host: str, port: int) -> list[str]:
    return [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
