"""`tidings user end-sessions`, as a program of its own beside a server that runs."""

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from tests.cli.terminal import PASSWORD, Spoken, Terminal, asked
from tests.devices import WebSocketDevice, bearer
from tests.server import PATIENCE_S, environment, program
from tidings.realtime.types import CloseCode

LOGIN = {"login": "ada", "password": PASSWORD}


def run(terminal: Terminal, *arguments: str, stdin: str = "") -> Spoken:
    """`tidings user end-sessions …` as a process."""
    given = {name: value for name, value in terminal.settings.items() if name != "data_dir"}
    ended = subprocess.run(
        [sys.executable, "-m", "tidings", "user", "end-sessions", *arguments],
        cwd=terminal.data_dir,
        env=environment(terminal.data_dir, given),
        input=stdin,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    return Spoken(ended.returncode, ended.stdout, ended.stderr)


@pytest.fixture
def with_ada(any_terminal: Terminal) -> Terminal:
    """A terminal at which Grace, the administrator, and Ada were made."""
    any_terminal.makes_user("grace", "--admin")
    any_terminal.makes_user("ada")
    return any_terminal


def sign_in(login: str = "ada") -> str:
    """A new access token."""
    token: str = asked("POST", "/auth/token", json=LOGIN | {"login": login}).json()["access_token"]
    return token


def is_signed_in(token: str) -> bool:
    return asked("GET", "/users/me", token=token).status_code == 200


@asynccontextmanager
async def looking_on(terminal: Terminal, login: str) -> AsyncIterator[WebSocketDevice]:
    """A stream of theirs, open on a server that is another process."""
    given = {name: value for name, value in terminal.settings.items() if name != "data_dir"}
    with program(terminal.data_dir, given) as server:
        await server.ready()
        async with httpx.AsyncClient(base_url=server.url, trust_env=False) as client:
            token = (await client.post("/auth/token", json=LOGIN | {"login": login})).json()["access_token"]
        device = await WebSocketDevice.open(server.url, bearer(token), {})
        assert (await device.next())["type"] == "connected"
        try:
            yield device
        finally:
            await device.close()


async def test_somebody_is_signed_out_on_every_server(with_ada: Terminal) -> None:
    async with looking_on(with_ada, "ada") as device:
        said = await asyncio.to_thread(run, with_ada, "ada")
        assert (said.code, said.out) == (0, "")
        assert "ada is signed out everywhere" in said.told
        assert await device.ended() == CloseCode.REVOKED


async def test_everybody_is_signed_out_on_every_server(with_ada: Terminal) -> None:
    async with looking_on(with_ada, "grace") as device:
        said = await asyncio.to_thread(run, with_ada, "--all", "--yes", "--json")
        assert (said.code, json.loads(said.out)) == (0, {"users": 1})
        assert await device.ended() == CloseCode.REVOKED


def test_others_stay_and_the_log_says_that_the_server_did_it(with_ada: Terminal) -> None:
    adas, graces, key = sign_in(), sign_in("grace"), with_ada.makes_key("admin")
    told = json.loads(run(with_ada, "Ada", "--json").out)
    assert (told["username"], told["state"]) == ("ada", "active")
    assert (is_signed_in(adas), is_signed_in(graces)) == (False, True)
    assert is_signed_in(sign_in())
    (entry,) = asked("GET", "/audit-log?action=session.ended", token=key).json()["entries"]
    assert (entry["actor_kind"], entry["target_id"], entry["detail"]) == ("server", told["id"], {"sessions": "all"})


@pytest.mark.parametrize(
    ("answer", "code", "said"),
    [("y\n", 0, "signed out: 2"), ("n\n", 1, "nothing was done"), ("", 1, "Say --yes where nobody can answer")],
)
def test_everybody_is_signed_out_only_if_somebody_says_so(
    with_ada: Terminal, answer: str, code: int, said: str
) -> None:
    tokens = [sign_in(), sign_in("grace")]
    spoken = run(with_ada, "--all", stdin=answer)
    assert (spoken.code, spoken.out) == (code, "")
    assert "Signed in: 2. Sign everybody out?" in spoken.told
    assert said in spoken.told
    assert [is_signed_in(token) for token in tokens] == [code != 0] * 2


def test_where_nobody_is_signed_in_nobody_is_asked(with_ada: Terminal) -> None:
    spoken = run(with_ada, "--all")
    assert (spoken.code, spoken.told) == (0, "✓ signed out: 0")


@pytest.mark.parametrize("arguments", [(), ("ada", "--all"), ("--yes",)], ids=" ".join)
def test_it_wants_one_user_or_all(terminal: Terminal, arguments: tuple[str, ...]) -> None:
    refused = terminal.run("user", "end-sessions", *arguments)
    assert (refused.code, refused.out) == (2, "")
    assert "name one user, or say --all" in refused.told


def test_somebody_nobody_knows_is_not_found(terminal: Terminal) -> None:
    refused = terminal.run("user", "end-sessions", "nobody")
    assert (refused.code, refused.out) == (1, "")
    assert "tidings user list" in refused.told
