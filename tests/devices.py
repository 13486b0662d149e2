"""Devices: the far side of a stream, over a real connection, and the credentials that open one."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from typing import Any, Protocol
from urllib.parse import urlencode
from uuid import UUID

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.world import BASE_URL, Person
from tidings.accounts.cookies import cookie_name
from tidings.accounts.sessions import Device as Machine
from tidings.accounts.sessions import start_token_session
from tidings.accounts.tokens import Tokens, issue_tokens

PATIENCE_S = 30.0
Frame = dict[str, Any]  # Any: what a frame holds is what the tests are about


class StreamEnded(Exception):
    """The server ended the stream."""


class Device(Protocol):
    """An open stream, whatever carries it."""

    async def next(self) -> Frame:
        """The next frame. Raises StreamEnded."""

    async def ended(self) -> int | None:
        """Wait for the end; the close code, None where the transport has none."""

    async def close(self) -> None:
        """Hang up."""


class WebSocketDevice:
    """A stream over WebSocket; `passed` holds what came before the end."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self.passed: list[Frame] = []

    @classmethod
    async def open(cls, url: str, headers: Mapping[str, str], query: Mapping[str, str]) -> "WebSocketDevice":
        """Shake hands."""
        address = f"{url.replace('http://', 'ws://')}/notifications/ws?{urlencode(query)}"
        return cls(await connect(address, additional_headers=headers, compression=None, proxy=None, ping_interval=None))

    async def next(self) -> Frame:
        try:
            async with asyncio.timeout(PATIENCE_S):
                frame: Frame = json.loads(await self._connection.recv())
        except ConnectionClosed as closed:
            raise StreamEnded(str(closed)) from closed
        return frame

    async def send(self, frame: object) -> None:
        """Say something to the server; text as it is, everything else as JSON."""
        await self._connection.send(frame if isinstance(frame, str) else json.dumps(frame))

    async def ended(self) -> int | None:
        try:
            while True:
                self.passed.append(await self.next())
        except StreamEnded:
            return self._connection.close_code

    async def close(self) -> None:
        await self._connection.close()


class EventStreamDevice:
    """A stream of server-sent events; `ids` and `events` are what a browser's EventSource would see."""

    def __init__(self, client: httpx.AsyncClient, response: httpx.Response) -> None:
        self._client = client
        self._response = response
        self._lines: AsyncIterator[str] = response.aiter_lines()
        self.ids: list[str | None] = []
        self.events: list[str] = []
        self.retry: int | None = None

    @property
    def headers(self) -> httpx.Headers:
        return self._response.headers

    @classmethod
    async def open(cls, url: str, headers: Mapping[str, str], query: Mapping[str, str]) -> "EventStreamDevice":
        """Ask for the stream. Raises httpx.HTTPStatusError when it is refused."""
        client = httpx.AsyncClient(base_url=url, timeout=PATIENCE_S, trust_env=False)
        request = client.build_request("GET", "/notifications/stream", headers=headers, params=query)
        response = await client.send(request, stream=True)
        if response.is_error:
            await response.aread()
            await client.aclose()
        response.raise_for_status()
        return cls(client, response)

    async def next(self) -> Frame:
        fields: dict[str, str] = {}
        async for line in self._lines:
            if not line:
                self.ids.append(fields.get("id"))
                self.events.append(fields["event"])
                self.retry = int(fields["retry"]) if "retry" in fields else self.retry
                frame: Frame = json.loads(fields["data"])
                return frame
            name, _, value = line.partition(": ")
            fields[name] = value
        raise StreamEnded

    async def ended(self) -> int | None:
        try:
            while True:
                await self.next()
        except StreamEnded:
            return None

    async def close(self) -> None:
        await self._response.aclose()
        await self._client.aclose()


def cookie_of(person: Person) -> str:
    """The cookie header of this person's browser."""
    name = cookie_name(BASE_URL)
    return f"{name}={person.client.cookies[name]}"


async def tokens_of(person: Person) -> Tokens:
    """Tokens as another sign-in of this person would be handed."""
    async with person.world.tidings.database.write() as session:
        now = person.world.clock.now()
        signed_in = await start_token_session(session, person.id, device=Machine(), now=now)
        return await issue_tokens(session, signed_in, now=now)


async def ticket_of(client: httpx.AsyncClient) -> str:
    """A fresh ticket of whoever this client belongs to."""
    answer = await client.post("/notifications/ws/ticket")
    assert answer.status_code == 200, answer.text
    ticket: str = answer.json()["ticket"]
    return ticket


def bearer(token: str) -> dict[str, str]:
    """The header that presents a token."""
    return {"Authorization": f"Bearer {token}"}


def id_of(frame: Frame) -> UUID:
    """Which entry a frame is about."""
    return UUID(frame["data"]["id"])
