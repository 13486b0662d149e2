"""Threads that are all busy, with whatever strangers had them do, hold up nobody who signs in or chooses a password."""

import asyncio
import threading
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.accounts.authenticator import Authenticator
from tests.accounts.factors import add_passkey
from tests.accounts.signing_in import API, log_in
from tests.accounts.test_passkey_sign_in import sign_in
from tests.accounts.world import BASE_URL, PASSWORD, World
from tidings.accounts.models import User
from tidings.accounts.types import Scope

PATIENCE_S = 10


@pytest.fixture
async def busy(world: World) -> AsyncIterator[World]:
    """A world whose loop has no thread left; its people go on all the same."""
    threads, end = ThreadPoolExecutor(1), threading.Event()
    asyncio.get_running_loop().set_default_executor(threads)
    working = asyncio.create_task(asyncio.to_thread(end.wait))
    yield world
    end.set()
    await working


async def test_a_password_is_chosen(busy: World, tmp_path: Path) -> None:
    stolen = tmp_path / "stolen"
    stolen.touch()
    busy.app.state.settings.breached_passwords = str(stolen)
    linus = {"username": "linus", "name": "Linus", "email": "linus@example.org"}
    async with asyncio.timeout(PATIENCE_S), busy.client(bearer=await busy.key(Scope.USERS_WRITE)) as server:
        refused = await server.post(f"{API}/users", json=linus | {"password": "passwordpassword"})
        taken = await server.post(f"{API}/users", json=linus | {"password": PASSWORD})
    assert [fault["code"] for fault in refused.json()["errors"]] == ["password_too_common"]
    assert taken.status_code == 201, taken.text


async def test_somebody_signs_in_on_a_new_device(busy: World, ada: User) -> None:
    for _ in range(2):
        async with asyncio.timeout(PATIENCE_S), busy.client() as device:
            device.headers["User-Agent"] = "Mozilla/5.0 (Linux; Android 16; Pixel 9)"
            assert (await log_in(device)).status_code == 200


async def test_somebody_adds_a_passkey_and_signs_in_with_it(busy: World, ada: User) -> None:
    authenticator = Authenticator(origin=BASE_URL)
    async with asyncio.timeout(PATIENCE_S), await busy.browser_of(ada) as browser:
        assert (await add_passkey(browser, authenticator)).status_code == 201
    async with asyncio.timeout(PATIENCE_S), busy.client() as browser:
        assert (await sign_in(browser, authenticator)).status_code == 200
