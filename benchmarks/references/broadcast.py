"""`websockets.broadcast`: one message to everybody connected, as its documentation shows it. GET /send sends it."""

import sys
from http import HTTPStatus

import uvloop
from websockets.asyncio.server import ServerConnection, broadcast, serve
from websockets.http11 import Request, Response

MESSAGE = '{"type":"custom","data":{"text":"%s"},"timestamp":"2026-01-01T00:00:00.000000Z"}'

connections: set[ServerConnection] = set()


async def listen(connection: ServerConnection) -> None:
    """Keep a connection until it ends."""
    connections.add(connection)
    try:
        await connection.wait_closed()
    finally:
        connections.discard(connection)


def answer(connection: ServerConnection, request: Request) -> Response | None:
    """Everything but /send is a handshake."""
    if request.path != "/send":
        return None
    broadcast(connections, MESSAGE % ("x" * 100))
    return connection.respond(HTTPStatus.OK, "sent\n")


async def main(port: int) -> None:
    """Serve on a port of this machine until the process ends."""
    async with serve(listen, "127.0.0.1", port, process_request=answer, compression=None, ping_interval=None) as server:
        await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1])))
