"""Every answer carries safe headers: data, refusals, failures and pages alike."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from tests.conftest import TEST_KEYS
from tests.security.whole.routes import STREAMS, ask, every_route
from tests.world import Person, World
from tidings import Tidings
from tidings.settings import Settings

PATHS = ["/api/v1/users/me", "/api/v1/openapi.json", "/api/v1/nothing", "/livez", "/problems/busy", "/", "/inbox"]


def check(answer: httpx.Response) -> None:
    policy = dict(part.strip().partition(" ")[::2] for part in answer.headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'none'"  # what object-src falls back to
    assert policy.get("object-src", "'none'") == "'none'"
    assert policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert "unsafe" not in policy.get("script-src", "")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "Server" not in answer.headers


async def test_row_67_every_route_answers_with_safe_headers(world: World, grace: Person) -> None:
    nobody = world.client()
    for route in every_route(world.tidings.app):
        answer = await ask(nobody, route, {})
        check(answer)
        assert "no-store" in answer.headers["Cache-Control"] or answer.status_code < 300, route
        if route.method == "GET" and route.path not in STREAMS:
            check(await ask(grace.client, route, {}))


async def test_row_67_what_is_personal_is_not_stored(world: World, grace: Person) -> None:
    for path in ("/users/me", "/users", "/notifications", "/audit-log", "/api-keys"):
        assert "no-store" in (await grace.client.get(path)).headers["Cache-Control"], path


@pytest.fixture
async def over_https(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    tidings = Tidings(settings=Settings(data_dir=tmp_path, secret_keys=TEST_KEYS, base_url="https://tidings.example"))
    transport = httpx.ASGITransport(tidings.app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="https://tidings.example") as client:
        yield client
    await tidings.database.engine.dispose()


@pytest.mark.parametrize("path", PATHS)
async def test_row_67_over_https_browsers_are_told_to_stay_there(over_https: httpx.AsyncClient, path: str) -> None:
    answer = await over_https.get(path)
    check(answer)
    assert int(answer.headers["Strict-Transport-Security"].partition("=")[2]) >= 31_536_000
