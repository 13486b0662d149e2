"""A server that is killed at any moment: what it acknowledged is there, what it did not is there once or not at all."""

import asyncio
import json
import random
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from websockets.exceptions import WebSocketException

from tests.devices import Frame, StreamEnded, WebSocketDevice, bearer
from tests.server import Program, environment, program
from tests.services import postgres
from tests.services.run import Run
from tests.waiting import until
from tidings import Tidings
from tidings.accounts.audit.types import SERVER
from tidings.accounts.keys import create_key
from tidings.accounts.sessions import Device, start_token_session
from tidings.accounts.tokens import issue_tokens
from tidings.accounts.types import AccessType, AccountState, Scope
from tidings.accounts.users import create_user
from tidings.kernel.crypto import new_key_text
from tidings.migrations.upgrade import migrate
from tidings.notifications.cursors import ensure_epoch
from tidings.settings import Settings

KILLS = 3
SENDERS = 8
BETWEEN_KILLS = (40, 160)  # acknowledged sends
PATIENCE_S = 60.0


@dataclass
class Place:
    """A database prepared for a server, and who may send and listen there."""

    data_dir: Path
    settings: dict[str, str]
    key: str
    user_id: UUID
    access_token: str


@dataclass
class Ledger:
    """What a sender knows by itself: what it tried, and what was acknowledged, as which entry."""

    attempted: set[str] = field(default_factory=set)
    acknowledged: dict[str, str] = field(default_factory=dict)
    lost_answers: int = 0


@pytest.fixture(params=["sqlite", "postgresql"])
async def place(request: pytest.FixtureRequest, test_run: Run, worker_id: str, tmp_path: Path) -> AsyncIterator[Place]:
    settings = {"secret_keys": new_key_text(), "log_level": "WARNING"}
    async with AsyncExitStack() as stack:
        if request.param == "postgresql":
            name = f"{worker_id}_kill"
            settings["database_url"] = await stack.enter_async_context(postgres.empty_database(test_run, name))
        yield await prepared(tmp_path, settings)


async def test_nothing_acknowledged_is_lost_and_nothing_is_there_twice(place: Place) -> None:
    ledger, chance = Ledger(), random.Random()
    with program(place.data_dir, place.settings) as server:
        await server.ready()
        phone = Phone(server, place)
        listening = asyncio.create_task(phone.listen())
        await until(phone.stands, patience_s=PATIENCE_S)
        sending = asyncio.create_task(sends(server, place, ledger))
        for _ in range(KILLS):
            await acknowledged(server, ledger, len(ledger.acknowledged) + chance.randint(*BETWEEN_KILLS))
            server.kill()
            server.start()
        await server.ready()
        await acknowledged(server, ledger, len(ledger.acknowledged) + BETWEEN_KILLS[0])
        await ended(sending)
        await resolve(server, place, ledger)
        inbox = await whole_inbox(server, place)
        ids, keys = {entry["id"] for entry in inbox}, [entry["data"]["key"] for entry in inbox]
        await until(lambda: phone.holds(ids), patience_s=PATIENCE_S)
        await ended(listening)
    print(f"{len(keys)} events, {KILLS} kills, {ledger.lost_answers} answers lost")  # noqa: T201 - the figures to report
    assert set(ledger.acknowledged.values()) - ids == set(), "lost"
    assert set(keys) - ledger.attempted == set(), "phantom"
    assert len(keys) - len(set(keys)) == 0, "duplicates"
    assert (ids ^ phone.held, phone.resets) == (set(), 0), "lost by the device"
    assert [check for check, is_fine in examined(place).items() if not is_fine] == []


async def prepared(data_dir: Path, settings: dict[str, str]) -> Place:
    tidings = Tidings(settings=Settings(data_dir=data_dir, **settings))  # type: ignore[arg-type]  # texts, as in the environment
    await migrate(tidings.database)
    now = tidings.clock.now()
    async with tidings.database.write() as session:
        await ensure_epoch(session)
        ada = await create_user(
            session,
            username="ada",
            email="ada@example.org",
            name="Ada",
            password_hash=None,
            access_type=AccessType.REGULAR,
            state=AccountState.ACTIVE,
            external_id="ada",
            by=SERVER,
            now=now,
        )
        scopes = [Scope.NOTIFICATIONS_SEND, Scope.NOTIFICATIONS_READ]
        _, key = await create_key(
            session, owner_id=None, name="app", scopes=scopes, expires_at=None, by=SERVER, now=now
        )
        signed_in = await start_token_session(session, ada.id, device=Device(), now=now)
        tokens = await issue_tokens(session, signed_in, now=now)
    await tidings.database.engine.dispose()
    return Place(data_dir, settings, key, ada.id, tokens.access_token)


async def sends(server: Program, place: Place, ledger: Ledger) -> None:
    """Send without end, several at a time; what is not answered is tried again with its key."""
    async with httpx.AsyncClient(base_url=server.url, headers=bearer(place.key), trust_env=False) as client:

        async def send_on(name: int) -> None:
            number = 0
            while True:
                await deliver(client, f"{name}-{number}", ledger)
                number += 1

        await asyncio.gather(*(send_on(name) for name in range(SENDERS)))


async def deliver(client: httpx.AsyncClient, key: str, ledger: Ledger) -> None:
    """Try until there is an answer."""
    body = {"to": ["ada"], "type": "system", "title": key, "data": {"key": key}, "dedupe_key": key}
    ledger.attempted.add(key)
    while key not in ledger.acknowledged:
        try:
            answer = await client.post("/notifications", json=body)
        except httpx.TransportError:
            ledger.lost_answers += 1
            await asyncio.sleep(0.02)
            continue
        assert answer.status_code in {200, 201, 503}, answer.text
        if answer.is_success:
            ledger.acknowledged[key] = answer.json()["notifications"][0]["id"]


async def resolve(server: Program, place: Place, ledger: Ledger) -> None:
    """Try what was never answered again."""
    async with httpx.AsyncClient(base_url=server.url, headers=bearer(place.key), trust_env=False) as client:
        for key in sorted(ledger.attempted - set(ledger.acknowledged)):
            await deliver(client, key, ledger)


async def ended(task: asyncio.Task[None]) -> None:
    """Stop it; had it failed, say so."""
    assert not task.done(), task.exception()
    task.cancel()
    await asyncio.wait([task])


async def acknowledged(server: Program, ledger: Ledger, number: int) -> None:
    async def is_reached() -> bool:
        assert server.is_running, server.printed()
        return len(ledger.acknowledged) >= number

    await until(is_reached, patience_s=PATIENCE_S)


class Phone:
    """A device that keeps its stream: from its last cursor on, whenever it breaks."""

    def __init__(self, server: Program, place: Place) -> None:
        self._server = server
        self._token = place.access_token
        self.held: set[str] = set()
        self.cursor: str | None = None
        self.resets = 0

    async def listen(self) -> None:
        while True:
            query = {"token": self._token} | ({"since": self.cursor} if self.cursor else {})
            try:
                stream = await WebSocketDevice.open(self._server.url, {}, query)
            except (OSError, WebSocketException, TimeoutError):
                await asyncio.sleep(0.02)  # it is being restarted
                continue
            try:
                while True:
                    await self._hear(stream, await stream.next())
            except (StreamEnded, TimeoutError):
                await stream.close()

    async def stands(self) -> bool:
        """Whether it knows from where on it hears everything."""
        return self.cursor is not None

    async def holds(self, ids: set[str]) -> bool:
        return ids <= self.held

    async def _hear(self, stream: WebSocketDevice, frame: Frame) -> None:
        if frame["type"] == "ping":
            await stream.send({"type": "pong"})
        self.resets += frame["type"] == "reset"
        if frame["type"] == "notification":
            self.held.add(frame["data"]["id"])
        self.cursor = frame.get("cursor", self.cursor)


async def whole_inbox(server: Program, place: Place) -> list[dict[str, Any]]:
    """Every entry, page by page."""
    entries: list[dict[str, Any]] = []
    query: dict[str, str | int] = {"page_size": 100}
    async with httpx.AsyncClient(base_url=server.url, headers=bearer(place.access_token), trust_env=False) as client:
        while True:
            page = (await client.get("/notifications", params=query)).json()
            entries += page["notifications"]
            if page["next_cursor"] is None:
                return entries
            query["cursor"] = page["next_cursor"]


def examined(place: Place) -> dict[str, bool]:
    """What the doctor thinks of everything but the web pages, which need not be built here."""
    command = [sys.executable, "-m", "tidings", "doctor", "--json"]
    settings = environment(place.data_dir, place.settings)
    found = subprocess.run(command, check=False, cwd=place.data_dir, env=settings, capture_output=True, timeout=60)
    return {each["check"]: each["is_fine"] for each in json.loads(found.stdout) if each["check"] != "pages"}
