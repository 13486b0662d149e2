"""`tidings serve`, as a program of its own."""

import re
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from tests.cli.terminal import PASSWORD, Terminal
from tests.devices import WebSocketDevice
from tests.server import Program, program

GRACE = {"username": "grace", "email": "grace@example.org", "name": "Grace", "password": PASSWORD}


@asynccontextmanager
async def started(terminal: Terminal, *options: str) -> AsyncIterator[tuple[Program, httpx.AsyncClient]]:
    """A server on the terminal's database, ready, and somebody who talks to it."""
    settings = {name: value for name, value in terminal.settings.items() if name != "data_dir"}
    with program(terminal.data_dir, settings, *options) as server:
        await server.ready()
        origin = {"Origin": server.origin}
        async with httpx.AsyncClient(base_url=server.url, headers=origin, trust_env=False, timeout=30) as client:
            yield server, client


def sign_in(server: Program) -> dict[str, str]:
    """What the greeting says to sign in with."""
    found = re.search(r"Sign in as (\S+) .* with password (\S+)", server.printed())
    assert found is not None, server.printed()
    return {"login": found[1], "password": found[2]}


async def test_an_empty_database_gets_a_link_for_its_first_administrator(any_empty_terminal: Terminal) -> None:
    async with started(any_empty_terminal) as (server, client):
        assert f"Tidings at {server.origin}\n" in server.printed()
        link = re.search(r"^First administrator: (\S+)/setup\?token=(\S+)$", server.printed(), re.MULTILINE)
        assert link is not None
        assert link[1] == server.origin
        made = await client.post("/setup", json={"token": link[2], **GRACE})
        assert (made.status_code, made.json()["access_type"]) == (201, "admin")


async def test_a_database_with_an_administrator_gets_none(terminal: Terminal) -> None:
    terminal.makes_user("grace", "--admin")
    async with started(terminal) as (server, _):
        assert f"Tidings at {server.origin}" in server.printed()
        assert "/setup" not in server.printed()


async def test_the_demo_prints_what_works(empty_terminal: Terminal) -> None:
    async with started(empty_terminal, "--demo") as (server, client):
        greeting = server.printed()
        assert (await client.post("/auth/login", json=sign_in(server))).status_code == 200
        key = re.search(r"API key: (tdk_\S+)", greeting)
        assert key is not None
        known = await client.get("/users", headers={"Authorization": f"Bearer {key[1]}"})
        assert known.json()["total"] == 4
        curl = greeting[greeting.index("curl ") :].partition("\n\n")[0]
        shown = subprocess.run(["sh", "-c", curl], check=False, capture_output=True, text=True, timeout=60)
        assert '"accepted":1' in shown.stdout, shown
        titles = [entry["title"] for entry in (await client.get("/notifications")).json()["notifications"]]
        assert titles[0] == "Hello, Ada"


async def test_what_opens_a_stream_stays_out_of_the_log(empty_terminal: Terminal) -> None:
    empty_terminal.set(log_level="DEBUG")
    async with started(empty_terminal, "--demo") as (server, client):
        login = sign_in(server)
        tokens = (await client.post("/auth/token", json=login)).json()
        bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
        ticket = (await client.post("/notifications/ws/ticket", headers=bearer)).json()["ticket"]
        for query in ({"token": tokens["access_token"]}, {"ticket": ticket}):
            device = await WebSocketDevice.open(server.url, {}, query)
            assert (await device.next())["type"] == "connected"
            await device.close()
        await client.get("/notifications/stream", params={"token": "tda_not-a-token-but-secret"})
        await client.get("/notifications/stream", params={"token": "eyJhbGciOiJIUzI1NiJ9.secret.secret"})
        written = server.printed()
    assert "/notifications/stream" in written
    for secret in (tokens["access_token"], tokens["refresh_token"], ticket, "not-a-token", "eyJhbGci"):
        assert secret not in written


@pytest.mark.parametrize("workers", ["1", "2"])
async def test_a_server_told_to_stop_says_goodbye_and_stops(empty_terminal: Terminal, workers: str) -> None:
    async with started(empty_terminal, "--demo", "--workers", workers) as (server, client):
        login = sign_in(server)
        token = (await client.post("/auth/token", json=login)).json()["access_token"]
        device = await WebSocketDevice.open(server.url, {}, {"token": token})
        await device.next()
        await client.aclose()
        server.stop()
        assert await device.ended() == 1012
        assert [frame["type"] for frame in device.passed] == ["goodbye"]
    assert "Traceback" not in server.printed()


async def test_several_processes_answer_at_one_address(empty_terminal: Terminal) -> None:
    async with started(empty_terminal, "--workers", "2", "--demo") as (server, client):
        signed_in = await client.post("/auth/login", json=sign_in(server))
        assert signed_in.status_code == 200
        assert (await client.get("/notifications/count")).status_code == 200
