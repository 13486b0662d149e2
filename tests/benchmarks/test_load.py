"""The load generator: it sends what it is told, counts whole answers, and takes nothing else for one."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from benchmarks.load.http import Client, Load, Refused, request_maker, run

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ndone"
BODY = '{"to":"@to@","number":"@number@"}'


class Wire(asyncio.WriteTransport):
    """Takes whatever is written."""

    def write(self, data: object) -> None:
        pass


@asynccontextmanager
async def server(answer: Callable[[bytes], list[bytes]]) -> AsyncIterator[tuple[int, list[bytes]]]:
    """A server that answers each request in pieces, or with none hangs up, and the requests it got."""
    requests: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while request := await reader.read(65_536):
            requests.append(request)
            pieces = answer(request)
            for piece in pieces:
                writer.write(piece)
                await writer.drain()
            if not pieces:
                break
        writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with listening:
        yield listening.sockets[0].getsockname()[1], requests


async def test_every_answer_is_counted_and_no_more_than_asked_for() -> None:
    async with server(lambda _: [OK]) as (port, requests):
        answered = await run(Load(port=port, path="/", clients=2, seconds=60, warm_up_s=0, most=20))
    assert 20 <= answered.count <= 21  # the other client's last one was under way
    assert len(requests) == answered.count


@pytest.mark.parametrize("ends", [(20, 40), (38, 40), (41,), ()])
async def test_an_answer_in_pieces_is_one_answer(ends: tuple[int, ...]) -> None:
    answers: list[float] = []

    def answered(seconds: float) -> bool:
        answers.append(seconds)
        return True

    client = Client(lambda: b"request", answered)
    client.connection_made(Wire())
    for start, end in zip((0, *ends), (*ends, len(OK)), strict=True):
        assert not answers
        client.data_received(OK[start:end])
    assert len(answers) == 1


async def test_what_is_no_success_ends_the_measurement_with_the_answer() -> None:
    refusal = b"HTTP/1.1 422 Unprocessable\r\nContent-Length: 7\r\n\r\nbecause"
    async with server(lambda _: [refusal]) as (port, _):
        with pytest.raises(Refused, match=r"(?s)422 Unprocessable.*because"):
            await run(Load(port=port, path="/", clients=1, seconds=60, warm_up_s=0))


async def test_a_server_that_hangs_up_is_not_taken_for_a_fast_one() -> None:
    async with server(lambda _: []) as (port, _):
        with pytest.raises(ConnectionError, match="closed the connection"):
            await run(Load(port=port, path="/", clients=1, seconds=60, warm_up_s=0))


def test_requests_differ_and_say_their_true_length() -> None:
    make = request_maker(Load(port=1, path="/", method="POST", body=BODY, to=["ada-0", "bob-0"]))
    requests = [make() for _ in range(4)]
    assert len(set(requests)) == 4
    assert [re.findall(rb'"to":"(.{5})"', request)[0] for request in requests] == [b"ada-0", b"bob-0"] * 2
    for request in requests:
        head, _, body = request.partition(b"\r\n\r\n")
        assert f"Content-Length: {len(body)}".encode() in head
