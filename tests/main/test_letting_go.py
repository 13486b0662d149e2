"""A Tidings that is let go leaves nothing behind: hosts and tests may make as many as they like."""

import gc
import weakref
from pathlib import Path

import httpx

from tests.conftest import TEST_KEYS
from tidings import Tidings
from tidings.settings import Settings

BASE_URL = "http://tidings.example"
COUNT = "/api/v1/notifications/count"


async def test_nothing_keeps_what_nobody_uses(tmp_path: Path) -> None:
    held = await _used_and_let_go(Settings(data_dir=tmp_path, secret_keys=TEST_KEYS, base_url=BASE_URL))
    gc.collect()
    assert [reference() for reference in held] == [None, None, None]


async def _used_and_let_go(settings: Settings) -> list[weakref.ReferenceType[object]]:
    tidings = Tidings(settings=settings)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(tidings.app), base_url=BASE_URL) as client:
        for path in ("/api/v1/openapi.json", "/api/v1/asyncapi.json", "/problems/not_found", COUNT):
            await client.get(path)
    await tidings.database.engine.dispose()
    return [weakref.ref(tidings), weakref.ref(tidings.app), weakref.ref(tidings.database.engine)]
