"""The least an HTTP server can do: a fixed answer to whatever arrives. It shows what the load generator can send."""

import asyncio
import sys
from typing import cast

import uvloop

_ANSWER = b'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 11\r\n\r\n{"ok":true}'


class Fixed(asyncio.Protocol):
    """Takes every chunk for one whole request, which the generator's are."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember where to answer."""
        self._transport = cast(asyncio.WriteTransport, transport)  # uvloop's own class does not inherit it

    def data_received(self, data: bytes) -> None:
        """Answer."""
        self._transport.write(_ANSWER)


async def serve(port: int) -> None:
    """Answer on a port of this machine until the process ends."""
    server = await asyncio.get_running_loop().create_server(Fixed, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1])))
