"""A server on loopback that says byte for byte what a test wants said, over TLS or in the clear."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeAlias

import trustme

Speak: TypeAlias = Callable[[asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Answering:
    """What the server heard, and where it listens."""

    port: int = 0
    requests: list[str] = field(default_factory=list)
    server_names: list[str | None] = field(default_factory=list)
    hung_up: asyncio.Event = field(default_factory=asyncio.Event)
    """Set once a client went away before everything was said."""


def authority() -> trustme.CA:
    """A certificate authority that exists for one test."""
    return trustme.CA(key_type=trustme.KeyType.ECDSA)


def trusting(ca: trustme.CA) -> ssl.SSLContext:
    """What a client needs to trust that authority and no other."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    ca.configure_trust(context)
    return context


def says(raw: bytes) -> Speak:
    """An answer that is these bytes, and then the end."""

    async def speak(writer: asyncio.StreamWriter) -> None:
        writer.write(raw)
        await writer.drain()

    return speak


@asynccontextmanager
async def answering(speak: Speak, *, tls: ssl.SSLContext | None = None) -> AsyncIterator[Answering]:
    """Listen until the body ends; every connection gets the same answer to its first request."""
    here = Answering()
    open_now: set[asyncio.Task[None]] = set()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        open_now.add(task)
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            here.requests.append(head.decode("latin-1"))
            await speak(writer)
        except (ConnectionError, ssl.SSLError):
            here.hung_up.set()
        except (asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # connected and said nothing, or the test is over
        finally:
            open_now.discard(task)
            writer.close()

    if tls is not None:
        tls.sni_callback = lambda _socket, name, _context: here.server_names.append(name)
    server = await asyncio.start_server(talk, "127.0.0.1", 0, ssl=tls)
    here.port = server.sockets[0].getsockname()[1]
    try:
        yield here
    finally:
        server.close()
        for task in list(open_now):
            task.cancel()
        await asyncio.gather(*open_now, return_exceptions=True)


def certified(ca: trustme.CA, *names: str) -> ssl.SSLContext:
    """What a server needs to be one of these names."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert(*names).configure_cert(context)
    return context
