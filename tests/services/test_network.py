import asyncio
import socket

import pytest

from tests.services.network import LeavesThisMachine, service_hosts

SOMEWHERE = "192.0.2.1"  # an address of documentation, RFC 5737


def test_a_socket_does_not_leave_this_machine() -> None:
    with socket.socket() as sock, pytest.raises(LeavesThisMachine):
        sock.connect((SOMEWHERE, 80))


async def test_asyncio_does_not_leave_this_machine() -> None:
    with pytest.raises(LeavesThisMachine):
        await asyncio.open_connection(SOMEWHERE, 80)


def test_no_name_is_looked_up() -> None:
    with pytest.raises(LeavesThisMachine):
        socket.create_connection(("example.org", 80))


def test_loopback_is_open() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname()) as client,
    ):
        assert client.getpeername() == server.getsockname()


def test_a_test_service_in_the_environment_may_be_elsewhere() -> None:
    environment = {
        "TIDINGS_TEST_NATS_URL": f"nats://{SOMEWHERE}:4222",
        "TIDINGS_NATS_URL": "nats://192.0.2.2",
    }
    assert service_hosts(environment) == {SOMEWHERE}
