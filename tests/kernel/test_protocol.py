"""Heads and bodies that are too much, or that do not come, over real sockets."""

import asyncio
import json
import re
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from tidings.kernel.http.protocol import BoundedProtocol, RequestLimits
from tidings.realtime.protocol import StreamProtocol

PATIENCE_S = 30.0
START = b"GET / HTTP/1.1\r\nHost: test\r\n"
UPLOAD = b"POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 20\r\n\r\n"
CHUNKED = b"POST / HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n"
SHORT = RequestLimits(head_s=0.3, stall_s=0.3, linger_s=0.1)
KEPT_BYTES = 32 << 10


class Server(uvicorn.Server):
    """Leaves the signals of the test's process alone."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class House:
    """An app that says what it was asked, at its own speed, and the server in front of it."""

    def __init__(self) -> None:
        self.port = 0
        self.heads: list[list[tuple[bytes, bytes]]] = []
        self.bodies: list[bytes | None] = []
        self.answered = 0
        self.may_answer = asyncio.Event()
        self.may_answer.set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.accept"})
            await receive()
            return
        body: bytes | None = b""
        more = True
        while more and body is not None and scope["path"] != "/early":
            message = await receive()
            body = body + message.get("body", b"") if message["type"] == "http.request" else None
            more = message.get("more_body", False)
        self.heads.append(scope["headers"])
        self.bodies.append(body)
        if scope["path"] == "/stream":
            await self._stream(send)
        await self.may_answer.wait()
        said = json.dumps({"path": scope["path"], "bytes": len(body or b"")}).encode()
        length = str(len(said)).encode()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", length)]})
        await send({"type": "http.response.body", "body": said})
        self.answered += 1

    async def _stream(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for number in range(6):
            await send({"type": "http.response.body", "body": f"event {number}\n".encode(), "more_body": True})
            await asyncio.sleep(0.2)  # twice as long together as any time here
        await send({"type": "http.response.body", "body": b"end\n"})


class Line:
    """The far end of a connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def says(self, *pieces: bytes, every_s: float = 0.0) -> None:
        """Send these, until the other side hangs up."""
        for piece in pieces:
            self.writer.write(piece)
            try:
                await self.writer.drain()
            except ConnectionError:
                return
            await asyncio.sleep(every_s)

    async def answer(self) -> tuple[int, dict[str, Any]]:
        """The next answer: its status and its JSON."""
        async with asyncio.timeout(PATIENCE_S):
            head = (await self.reader.readuntil(b"\r\n\r\n")).decode().lower()
            length = re.search(r"content-length: (\d+)", head)
            assert length is not None
            body = await self.reader.readexactly(int(length[1]))
        return int(head.split()[1]), json.loads(body)

    async def rest(self) -> bytes:
        """Everything that comes until the other side closes."""
        async with asyncio.timeout(PATIENCE_S):
            return await self.reader.read()


@asynccontextmanager
async def opened(limits: RequestLimits | None = None) -> AsyncIterator[House]:
    """A house behind our protocol, with these limits or those it has."""
    house = House()

    class Protocol(BoundedProtocol):
        pass

    if limits is not None:
        Protocol.limits = limits
    with socket.create_server(("127.0.0.1", 0)) as listening:
        house.port = listening.getsockname()[1]
        config = uvicorn.Config(house, http=Protocol, ws=StreamProtocol, log_config=None, lifespan="off")
        server = Server(config)
        running = asyncio.create_task(server.serve(sockets=[listening]))
        try:
            async with asyncio.timeout(PATIENCE_S):
                while not server.started:
                    await asyncio.sleep(0.001)
            yield house
        finally:
            house.may_answer.set()
            server.should_exit = True
            await running


@asynccontextmanager
async def calling(house: House) -> AsyncIterator[Line]:
    """A connection to it."""
    line = Line(*await asyncio.open_connection("127.0.0.1", house.port))
    try:
        yield line
    finally:
        line.writer.transport.abort()


def code_of(answer: tuple[int, dict[str, Any]]) -> tuple[int, str]:
    status, problem = answer
    assert problem["type"] == f"/problems/{problem['code']}"
    assert problem["status"] == status
    return status, problem["code"]


TOO_LARGE = (431, "headers_too_large")
TIMED_OUT = (408, "request_timeout")


@pytest.mark.parametrize(
    "pieces",
    {
        "one header": [START, b"X-A: " + b"a" * KEPT_BYTES + b"\r\n\r\n"],
        "one without end": [START, b"X-A: ", *([b"a" * 65_536] * 100)],
        "one name without end": [START, *([b"a" * 65_536] * 100)],
        "one target": [b"GET /", b"a" * KEPT_BYTES, b" HTTP/1.1\r\nHost: test\r\n\r\n"],
        "one target without end": [b"GET /", *([b"a" * 65_536] * 100)],
        "many lines": [START, b"".join(b"X-%d: b\r\n" % number for number in range(100)), b"\r\n"],
        "lines without end": [START, *([b"".join(b"X-%d: b\r\n" % number for number in range(5_000))] * 50)],
        "a few large ones": [START, *(b"X-%d: %s\r\n" % (number, b"b" * 4_096) for number in range(8)), b"\r\n"],
        "nothing but empty lines": [b"\r\n" * 32_768] * 50,
        "trailers": [CHUNKED, b"0\r\n", *([b"X-A: b\r\n"] * 200), b"\r\n"],
        "one trailer": [CHUNKED, b"0\r\nX-A: ", *([b"b" * 65_536] * 100)],
        "what is said of a chunk": [CHUNKED, b"1;a=", *([b"b" * 65_536] * 100)],
    }.items(),
    ids=lambda item: item[0],
)
async def test_row_44_a_head_that_is_too_large_is_refused(pieces: tuple[str, list[bytes]]) -> None:
    async with opened() as house, calling(house) as line:
        sending = asyncio.create_task(line.says(*pieces[1]))
        assert code_of(await line.answer()) == TOO_LARGE
        assert await line.rest() == b""
        await sending
        assert [body for body in house.bodies if body is not None] == []


async def test_a_head_that_drips_is_refused_at_the_same_size() -> None:
    async with opened() as house, calling(house) as line:
        await line.says(START + b"X-A: ")
        for _ in range(40):
            await line.says(b"a" * 1_000, every_s=0.001)
        assert code_of(await line.answer()) == TOO_LARGE


async def test_a_head_just_as_large_as_it_may_be_is_none() -> None:
    async with opened() as house, calling(house) as line:
        lines = b"".join(b"X-%02d: b\r\n" % number for number in range(98))
        large = b"X-A: " + b"a" * (KEPT_BYTES - 1_000) + b"\r\n"
        await line.says(START + lines + large + b"\r\n")
        assert (await line.answer())[0] == 200
        assert len(house.heads[0]) == 100


async def test_a_refusal_is_no_page_and_is_kept_nowhere() -> None:
    async with opened() as house, calling(house) as line:
        await line.says(START, b"X-A: " + b"a" * KEPT_BYTES + b"\r\n\r\n")
        said = (await line.rest()).decode().lower()
        for name in ("content-type: application/problem+json", "cache-control: no-store", "connection: close"):
            assert name in said
        assert "x-content-type-options: nosniff" in said
        assert "content-security-policy: default-src 'none'" in said


async def test_what_is_no_http_is_refused_in_the_same_words() -> None:
    async with opened() as house, calling(house) as line:
        await line.says(b"HELO test\r\n\r\n")
        assert code_of(await line.answer()) == (400, "malformed_head")


async def test_trailers_do_not_pass_for_headers() -> None:
    async with opened() as house, calling(house) as line:
        await line.says(CHUNKED + b"1\r\na\r\n0\r\nX-Forwarded-For: 10.0.0.1\r\n\r\n")
        assert (await line.answer())[1]["bytes"] == 1
        assert b"x-forwarded-for" not in dict(house.heads[0])


@pytest.mark.parametrize(
    "pieces",
    {
        "half a head": [START + b"X-", *([b""] * 2)],
        "a head that drips": [START + b"X-A: ", *([b"a"] * 100)],
        "headers that drip": [START, *([b"X-A: b\r\n"] * 50)],
        "empty lines that drip": [b"\r\n"] * 100,
        "a body that does not come": [UPLOAD],
        "half a body": [UPLOAD, b"12345"],
        "what is said of a chunk, dripping": [CHUNKED, b"1;a=", *([b"b"] * 100)],
    }.items(),
    ids=lambda item: item[0],
)
async def test_row_44_what_does_not_come_to_its_end_is_not_waited_for(pieces: tuple[str, list[bytes]]) -> None:
    async with opened(SHORT) as house, calling(house) as line:
        sending = asyncio.create_task(line.says(*pieces[1], every_s=0.02))
        assert code_of(await line.answer()) == TIMED_OUT
        assert await line.rest() == b""
        await sending
        assert house.bodies in ([], [None])


async def test_who_says_nothing_is_told_nothing() -> None:
    async with opened(SHORT) as house, calling(house) as line:
        assert await line.rest() == b""


async def test_the_second_request_of_a_connection_is_timed_like_the_first() -> None:
    async with opened(SHORT) as house, calling(house) as line:
        await line.says(START + b"\r\n")
        assert (await line.answer())[0] == 200
        await line.says(START)
        assert code_of(await line.answer()) == TIMED_OUT


async def test_a_connection_may_rest_between_two_requests() -> None:
    async with opened(SHORT) as house, calling(house) as line:
        await line.says(UPLOAD, b"a" * 20, every_s=0.05)
        assert (await line.answer())[0] == 200
        await line.says(b"", every_s=3 * SHORT.head_s)
        await line.says(START + b"\r\n")
        assert (await line.answer())[0] == 200


async def test_whoever_reads_a_body_hears_at_once_that_no_more_comes() -> None:
    async with opened(RequestLimits(stall_s=0.2, linger_s=60)) as house, calling(house) as line:
        await line.says(UPLOAD + b"12345")
        assert code_of(await line.answer()) == TIMED_OUT
        async with asyncio.timeout(PATIENCE_S):
            while house.bodies != [None]:
                await asyncio.sleep(0.01)


async def test_nothing_is_said_after_a_refusal(caplog: pytest.LogCaptureFixture) -> None:
    async with opened(RequestLimits(stall_s=0.2, linger_s=60)) as house, calling(house) as line:
        house.may_answer.clear()
        await line.says(b"POST /early HTTP/1.1\r\nHost: test\r\nContent-Length: 10\r\n\r\n1")
        assert code_of(await line.answer()) == TIMED_OUT
        house.may_answer.set()
        assert await line.rest() == b""
        async with asyncio.timeout(PATIENCE_S):
            while house.answered == 0:
                await asyncio.sleep(0.01)
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


async def test_an_answered_request_whose_body_stops_coming_is_let_go() -> None:
    async with opened(SHORT) as house, calling(house) as line:
        await line.says(b"POST /early HTTP/1.1\r\nHost: test\r\nContent-Length: 10\r\n\r\n1")
        assert await line.answer() == (200, {"path": "/early", "bytes": 0})
        await line.says(b"2")
        assert await line.rest() == b""


async def test_an_upload_that_is_slow_but_goes_on_is_taken() -> None:
    async with opened(SHORT) as house, calling(house) as line:
        await line.says(UPLOAD, *([b"a"] * 20), every_s=0.05)  # a second, three times as long as it may stand still
        assert await line.answer() == (200, {"path": "/", "bytes": 20})


async def test_a_large_upload_that_nobody_reads_yet_is_not_its_senders_fault() -> None:
    async with opened(SHORT) as house, calling(house) as line:
        size = 1 << 20
        await line.says(b"POST / HTTP/1.1\r\nHost: test\r\nContent-Length: %d\r\n\r\n" % size, b"a" * size)
        assert await line.answer() == (200, {"path": "/", "bytes": size})


async def test_an_answer_that_takes_its_time_is_waited_for() -> None:
    async with opened(SHORT) as house, calling(house) as line:
        house.may_answer.clear()
        await line.says(START + b"\r\n", every_s=3 * SHORT.head_s)
        house.may_answer.set()
        assert (await line.answer())[0] == 200


@pytest.mark.parametrize("more", [b"", START], ids=["alone", "with half a request behind it"])
async def test_an_answer_that_streams_is_not_cut(more: bytes) -> None:
    async with opened(SHORT) as house, calling(house) as line:
        await line.says(b"GET /stream HTTP/1.1\r\nHost: test\r\n\r\n" + more)
        async with asyncio.timeout(PATIENCE_S):
            assert (await line.reader.readuntil(b"event 5")).count(b"event") == 6


async def test_requests_that_do_not_wait_for_answers_get_them_in_order() -> None:
    async with opened() as house, calling(house) as line:
        requests = [b"GET /%d HTTP/1.1\r\nHost: test\r\n\r\n" % number for number in range(90)]
        await line.says(b"".join(requests))
        paths = [(await line.answer())[1]["path"] for _ in requests]
        assert paths == [f"/{number}" for number in range(90)]
        await line.says(b"POST /last HTTP/1.1\r\nHost: test\r\nContent-Length: 3\r\n\r\nabc")
        assert await line.answer() == (200, {"path": "/last", "bytes": 3})


async def test_but_they_do_not_pile_up() -> None:
    async with opened() as house, calling(house) as line:
        house.may_answer.clear()
        await line.says(*([b"GET / HTTP/1.1\r\n\r\n" * 3_000] * 10))
        with suppress(ConnectionError):  # it hangs up while we still send
            assert await line.rest() == b""
        assert len(house.heads) <= 1


async def test_a_server_of_somebody_elses_may_have_it_by_name() -> None:
    config = uvicorn.Config(House(), http="tidings.kernel.http.protocol:BoundedProtocol")
    config.load()
    assert config.http_protocol_class is BoundedProtocol


def handshake(*lines: bytes) -> bytes:
    named = (b"Connection: Upgrade", b"Upgrade: websocket", b"Sec-WebSocket-Version: 13")
    key = b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
    return b"\r\n".join([b"GET /ws HTTP/1.1", b"Host: test", *named, key, *lines, b"", b""])


async def test_a_websocket_opens_and_stays_open() -> None:
    async with opened(SHORT) as house, calling(house) as line:
        await line.says(handshake(), every_s=3 * SHORT.head_s)
        assert b" 101 " in await line.reader.readuntil(b"\r\n\r\n")
        assert not line.reader.at_eof()


@pytest.mark.parametrize(
    ("said", "refused"),
    [
        (handshake(b"X-A: " + b"a" * KEPT_BYTES), TOO_LARGE),
        (handshake(*([b"X-A: b"] * 100)), TOO_LARGE),
        (handshake(b"X-A: " + b"a" * 9_000), TOO_LARGE),
        (handshake(b"Content-Length: 3") + b"abc", (400, "malformed_head")),
        (handshake()[:-2], TIMED_OUT),
    ],
    ids=["too large", "too many", "one line too long for a WebSocket", "a body", "half of one"],
)
async def test_a_handshake_has_the_same_limits(said: bytes, refused: tuple[int, str]) -> None:
    async with opened(SHORT) as house, calling(house) as line:
        await line.says(said)
        assert code_of(await line.answer()) == refused
        assert await line.rest() == b""
