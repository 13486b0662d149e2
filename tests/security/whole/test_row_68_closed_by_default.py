"""What helps an attacker more than anybody else is closed, and what we stand on is pinned."""

import re
from pathlib import Path

import httpx
import pytest

from tests.conftest import TEST_KEYS
from tests.docs.pages import ROOT
from tests.world import World
from tidings import Tidings
from tidings.settings import Settings


@pytest.mark.parametrize("path", ["/metrics", "/debug", "/docs", "/redoc", "/openapi.json", "/.env", "/.git/config"])
async def test_row_68_nothing_is_there_for_the_curious(world: World, path: str) -> None:
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(world.tidings.app), base_url="http://testserver"
    ) as client:
        assert (await client.get(path)).status_code == 404


@pytest.mark.parametrize("method", ["TRACE", "TRACK", "CONNECT"])
@pytest.mark.parametrize("path", ["/users/me", "/notifications", "/auth/login"])
async def test_row_68_no_request_is_echoed(world: World, method: str, path: str) -> None:
    answer = await world.client(headers={"X-Planted": "echo"}).request(method, path)
    assert answer.status_code == 405
    assert "echo" not in answer.text


@pytest.mark.parametrize(("docs", "status"), [("public", 200), ("admin", 401), ("off", 404)])
async def test_row_68_the_description_is_as_open_as_was_set(tmp_path: Path, docs: str, status: int) -> None:
    tidings = Tidings(settings=Settings(data_dir=tmp_path, secret_keys=TEST_KEYS, docs=docs))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(tidings.app), base_url="http://testserver") as client:
        answers = [await client.get(f"/api/v1/{name}.json") for name in ("openapi", "asyncapi")]
    assert [answer.status_code for answer in answers] == [status, status]
    await tidings.database.engine.dispose()


def test_row_68_every_package_is_pinned_by_its_hash() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8").replace("\\\n", " ")
    packages = [line for line in lock.splitlines() if line and not line.startswith(("#", " ", "-"))]
    assert len(packages) > 30
    assert [line for line in packages if not re.match(r"[\w.\-\[\]]+==[^ ]+ .*--hash=sha256:[0-9a-f]{64}", line)] == []
