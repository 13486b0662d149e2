"""The guarded client, against servers that say what they like."""

import asyncio
import gzip
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from ipaddress import ip_address

import pytest

from tests.services.answering import Answering, Speak, answering, authority, certified, says, trusting
from tidings.kernel.outbound.addresses import parse_networks
from tidings.kernel.outbound.client import OutboundClient
from tidings.kernel.outbound.errors import OutboundFailed, OutboundRefused
from tidings.kernel.outbound.types import Failure, IpAddress, OutboundLimits, Refusal

LOOPBACK = parse_networks(["127.0.0.0/8"])
HELLO = says(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")
QUICK = OutboundLimits(total_s=0.5, connect_s=0.2, read_s=0.2, max_bytes=1_000)


async def to_loopback(_host: str, _port: int) -> Sequence[IpAddress]:
    return [ip_address("127.0.0.1")]


@asynccontextmanager
async def provider(speak: Speak, name: str = "id.example") -> AsyncIterator[tuple[OutboundClient, Answering, str]]:
    """A server called `name` over TLS, and a client that trusts it and finds it."""
    ca = authority()
    async with answering(speak, tls=certified(ca, name)) as server:
        client = OutboundClient(allow=LOOPBACK, resolve=to_loopback, trust=trusting(ca))
        yield client, server, f"https://{name}:{server.port}"


async def test_an_answer_comes_back_whole() -> None:
    async with provider(HELLO) as (client, server, url):
        answer = await client.send("GET", f"{url}/a%20b?q=1&r[]=ü", headers={"Accept": "text/plain"})
    assert (answer.status, answer.body) == (200, b"hello")
    assert server.requests[0].startswith("GET /a%20b?q=1&r[]=%C3%BC HTTP/1.1\r\n")
    assert "accept-encoding: identity" in server.requests[0].lower()


async def test_the_name_and_not_the_address_goes_to_the_server() -> None:
    async with provider(HELLO) as (client, server, url):
        await client.send("GET", url)
        assert server.server_names == ["id.example"]
        assert f"Host: id.example:{server.port}" in server.requests[0]


async def test_row_50_a_certificate_of_another_name_is_refused() -> None:
    ca = authority()
    async with answering(HELLO, tls=certified(ca, "other.example")) as server:
        client = OutboundClient(allow=LOOPBACK, resolve=to_loopback, trust=trusting(ca))
        assert await failure(client, f"https://id.example:{server.port}") is Failure.UNREACHABLE
        assert server.requests == []


async def test_row_50_an_authority_nobody_knows_is_refused() -> None:
    async with answering(HELLO, tls=certified(authority(), "id.example")) as server:
        client = OutboundClient(allow=LOOPBACK, resolve=to_loopback, trust=trusting(authority()))
        assert await failure(client, f"https://id.example:{server.port}") is Failure.UNREACHABLE


async def test_a_body_is_sent() -> None:
    async with provider(HELLO) as (client, server, url):
        await client.send("POST", url, body=b"code=1", headers={"Content-Type": "application/x-www-form-urlencoded"})
        assert "content-length: 6" in server.requests[0].lower()


async def test_a_redirect_is_an_answer_and_not_an_errand() -> None:
    redirect = says(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1/\r\nContent-Length: 0\r\n\r\n")
    async with provider(redirect) as (client, server, url):
        answer = await client.send("GET", url)
        assert (answer.status, answer.headers["location"]) == (302, "http://127.0.0.1/")
        assert len(server.requests) == 1


async def test_row_50_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    async with answering(HELLO) as proxy:
        for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "HTTP_PROXY", "http_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        async with provider(HELLO) as (client, server, url):
            assert (await client.send("GET", url)).status == 200
        assert (len(server.requests), proxy.requests) == (1, [])


async def test_every_send_connects_anew() -> None:
    async with provider(HELLO) as (client, server, url):
        await client.send("GET", url)
        await client.send("GET", url)
        assert len(server.server_names) == 2


async def test_the_next_address_is_tried_when_one_does_not_listen() -> None:
    async def two(_host: str, _port: int) -> Sequence[IpAddress]:
        return [ip_address("127.0.0.2"), ip_address("127.0.0.1")]

    ca = authority()
    async with answering(HELLO, tls=certified(ca, "id.example")) as server:
        client = OutboundClient(allow=LOOPBACK, resolve=two, trust=trusting(ca))
        assert (await client.send("GET", f"https://id.example:{server.port}")).status == 200


@pytest.mark.parametrize(
    "raw",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 10000000000\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n" + b"x" * 1001,
        b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 5_000,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3e8\r\n" + b"x" * 1000 + b"\r\n1\r\nx\r\n0\r\n\r\n",
    ],
    ids=["announced", "one too many", "no length", "chunked"],
)
async def test_row_50_an_answer_over_the_limit_is_dropped(raw: bytes) -> None:
    async with provider(says(raw)) as (client, _, url):
        assert await failure(client, url, QUICK) is Failure.TOO_LARGE


async def test_row_50_an_endless_answer_is_hung_up_on() -> None:
    async def pour(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            writer.write(b"x" * 65_536)
            await writer.drain()

    async with provider(pour) as (client, server, url):
        assert await failure(client, url, OutboundLimits(max_bytes=100_000)) is Failure.TOO_LARGE
        await asyncio.wait_for(server.hung_up.wait(), 10)


@pytest.mark.parametrize(
    "raw",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
        b"SSH-2.0-OpenSSH_9.6\r\n\r\n",
        b"",
    ],
    ids=["shorter than announced", "negative", "two lengths", "not HTTP", "nothing"],
)
async def test_a_server_that_lies_about_its_answer_gives_none(raw: bytes) -> None:
    async with provider(says(raw)) as (client, _, url):
        assert await failure(client, url, QUICK) is Failure.BROKEN


async def test_row_50_a_packed_answer_is_not_unpacked() -> None:
    bomb = gzip.compress(b"\0" * 10_000_000)
    raw = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(bomb) + bomb
    async with provider(says(raw)) as (client, _, url):
        assert await failure(client, url) is Failure.ENCODED


async def test_row_50_a_server_that_says_nothing_runs_out_of_time() -> None:
    async def silence(_writer: asyncio.StreamWriter) -> None:
        await asyncio.Event().wait()

    async with provider(silence) as (client, _, url):
        assert await failure(client, url, QUICK) is Failure.TIMEOUT


async def test_row_50_a_server_that_drips_runs_out_of_time_too() -> None:
    async def drip(writer: asyncio.StreamWriter) -> None:
        for byte in b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + b"x" * 1000:
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(0.05)  # each pause is shorter than the read timeout

    async with provider(drip) as (client, _, url):
        assert await failure(client, url, QUICK) is Failure.TIMEOUT


async def test_row_50_a_name_server_that_never_answers_runs_out_of_time() -> None:
    async def never(_host: str, _port: int) -> Sequence[IpAddress]:
        await asyncio.Event().wait()
        return []

    assert await failure(OutboundClient(resolve=never), "https://id.example", QUICK) is Failure.TIMEOUT


async def test_a_name_nobody_has_is_no_answer() -> None:
    async def nobody(_host: str, _port: int) -> Sequence[IpAddress]:
        raise OSError("no such name")

    assert await failure(OutboundClient(resolve=nobody), "https://id.example") is Failure.NAME


async def test_the_systems_own_resolver_is_asked() -> None:
    async with answering(HELLO) as server:
        client = OutboundClient(allow=parse_networks(["127.0.0.0/8", "::1"]))
        assert (await client.send("GET", f"http://localhost:{server.port}")).body == b"hello"


async def test_a_port_nobody_listens_on_is_unreachable() -> None:
    async with answering(HELLO) as server:
        port = server.port
    assert await failure(OutboundClient(allow=LOOPBACK), f"http://127.0.0.1:{port}") is Failure.UNREACHABLE


async def test_row_50_plain_http_is_for_exempt_networks_alone() -> None:
    async def public(_host: str, _port: int) -> Sequence[IpAddress]:
        return [ip_address("93.184.215.14")]

    with pytest.raises(OutboundRefused) as refused:
        await OutboundClient(allow=LOOPBACK, resolve=public).send("GET", "http://id.example")
    assert refused.value.reason is Refusal.SCHEME


async def failure(client: OutboundClient, url: str, limits: OutboundLimits | None = None) -> Failure:
    with pytest.raises(OutboundFailed) as failed:
        await client.send("GET", url, limits=limits or OutboundLimits())
    return failed.value.reason
