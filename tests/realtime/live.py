"""A hub behind a real uvicorn on loopback, in the loop of the test."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import uvicorn
from starlette.applications import Starlette
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket
from websockets.asyncio.client import ClientConnection, connect

from tests.realtime.conftest import World
from tests.realtime.device import PATIENCE_S, until
from tidings.realtime.ports import Subscriber
from tidings.realtime.protocol import StreamProtocol
from tidings.realtime.sse import EventStreamResponse
from tidings.realtime.websocket import refuse_websocket, serve_websocket


class QuietServer(uvicorn.Server):
    """Leaves the signals of the test's process alone."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class Live:
    """The address of a hub."""

    def __init__(self, world: World, port: int) -> None:
        self.world = world
        self.port = port
        self._opened: list[ClientConnection | Events] = []

    async def websocket(self, user_id: UUID | str, *, reads: bool = True, **query: str) -> ClientConnection:
        """Open a WebSocket; without `reads`, one whose reader stands still and whose buffers are small."""
        websocket = await connect(
            f"ws://127.0.0.1:{self.port}/ws?{_query(user_id, query)}",
            proxy=None,
            ping_interval=None,
            compression=None,
            max_size=None,
            max_queue=16 if reads else 1,
            sock=None if reads else small_socket(self.port),
        )
        self._opened.append(websocket)
        return websocket

    async def events(self, user_id: UUID | str, *, sock: socket.socket | None = None, **query: str) -> "Events":
        """Open an event stream."""
        sock = sock or socket.create_connection(("127.0.0.1", self.port))
        sock.setblocking(False)
        reader, writer = await asyncio.open_connection(sock=sock)
        last = f"Last-Event-ID: {query.pop('last_event_id')}\r\n" if "last_event_id" in query else ""
        writer.write(f"GET /events?{_query(user_id, query)} HTTP/1.1\r\nHost: test\r\n{last}\r\n".encode())
        events = Events(reader, writer, await reader.readuntil(b"\r\n\r\n"))
        self._opened.append(events)
        return events

    def hang_up(self) -> None:
        """Break every connection that is left."""
        for each in self._opened:
            each.transport.abort()

    def ring_big(self, user_id: UUID, count: int) -> None:
        """Write changes whose frames are large enough to fill every buffer between here and a reader."""
        self.world.table.padding = {"padding": "x" * 250_000}
        for number in range(count):
            self.world.doorbell.ring([self.world.table.write(user_id, number, number)])


class Events:
    """The far end of an event stream, read as bytes."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, head: bytes) -> None:
        self.head = head.decode().lower()
        self.transport = writer.transport
        self._reader = reader
        self._writer = writer

    async def next(self) -> dict[str, str] | None:
        """The next event's fields, or None at the end of the stream."""
        async with asyncio.timeout(PATIENCE_S):
            size = int(await self._reader.readline() or b"0", 16)
            chunk = (await self._reader.readexactly(size + 2))[:-2].decode()
        assert chunk.count("\n\n") <= 1, "one event at a time, please"
        return dict(line.split(": ", 1) for line in chunk.splitlines() if line) or None

    async def end(self) -> None:
        """Read to the end of the stream, however it comes."""
        async with asyncio.timeout(PATIENCE_S):
            try:
                while await self._reader.read(1 << 20):
                    pass
            except ConnectionError:
                pass

    def close(self) -> None:
        """Leave."""
        self._writer.close()


@asynccontextmanager
async def serving(world: World, ws: Any) -> AsyncIterator[Live]:  # Any: uvicorn takes a name or a class
    """Serve this world's hub until the body ends."""
    app = Starlette(routes=[WebSocketRoute("/ws", _open_websocket), Route("/events", _open_events)])
    app.state.world = world
    with socket.create_server(("127.0.0.1", 0)) as listening:
        config = uvicorn.Config(app, ws=ws, ws_max_size=1 << 20, ws_ping_interval=None, log_config=None, lifespan="off")
        server = QuietServer(config)
        running = asyncio.create_task(server.serve(sockets=[listening]))
        live = Live(world, listening.getsockname()[1])
        try:
            await until(lambda: server.started)
            yield live
        finally:
            await world.hub.drain()
            live.hang_up()
            server.should_exit = True
            await running


SERVERS = {"past ASGI": StreamProtocol, "plain ASGI": "websockets-sansio"}


def small_socket(port: int) -> socket.socket:
    """A connected socket that takes in little."""
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    sock.connect(("127.0.0.1", port))
    return sock


def frame(text: str | bytes) -> dict[str, Any]:
    parsed: dict[str, Any] = json.loads(text)
    return parsed


def _query(user_id: UUID | str, query: dict[str, str]) -> str:
    return "&".join(f"{name}={value}" for name, value in {"user": str(user_id), **query}.items())


def _world(connection: HTTPConnection) -> World:
    world: World = connection.app.state.world
    return world


def _subscriber(connection: HTTPConnection) -> Subscriber:
    world, query = _world(connection), connection.query_params

    async def renew(token: str) -> datetime | None:
        return world.clock.now() + timedelta(minutes=30) if token == "good" else None

    since = connection.headers.get("last-event-id") or query.get("since")
    return Subscriber(
        user_id=UUID(query["user"]),
        mark=world.hub.mark(),
        since=world.table.parse_cursor(since) if since else None,
        expires_at=world.clock.now() + timedelta(minutes=15),
        renew=renew,
    )


async def _open_websocket(websocket: WebSocket) -> None:
    if websocket.query_params["user"] == "nobody":
        await refuse_websocket(websocket, 4500, "not authenticated")
    else:
        await serve_websocket(_world(websocket).hub, websocket, _subscriber(websocket))


async def _open_events(request: Request) -> Response:
    return EventStreamResponse(_world(request).hub, _subscriber(request))
